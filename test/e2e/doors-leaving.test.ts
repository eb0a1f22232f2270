import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allDoors, doors, eventDoors, knock } from '../support/doors.ts'
import { inFlight, rowsOf, until } from '../support/probe.ts'
import { openStand, type Stand } from '../support/stand.ts'

const providers = [
  ['openrouter', 'google/gemma-4-31b-it:free'],
  ['ollama', 'gpt-oss:20b'],
] as const

async function checkLeft(stand: Stand, provider: 'openrouter' | 'ollama'): Promise<void> {
  await until(() => stand.simulator.counters()[provider].aborted === 1, 'the upstream connection is closed')
  await until(async () => (await inFlight(stand)) === 0, 'no lease is held')
  const { calls, inFlight: open } = stand.simulator.counters()[provider]
  assert.deepEqual([calls, open], [1, 0], 'nothing is tried again for nobody')
}

for (const door of allDoors) {
  for (const [provider, model] of providers) {
    test(`${door.name}: who leaves before ${provider} has said anything takes the call along`, async () => {
      for (const stream of [true, false]) {
        await using stand = await openStand()
        stand.simulator.addFault({ provider, kind: 'stall', at: 'before-headers' })
        const leaving = new AbortController()
        const body = { ...door.question('hello'), model, stream }
        const reply = knock(stand, door, body, { signal: leaving.signal })
        await until(() => stand.simulator.counters()[provider].inFlight === 1, 'the call has arrived')
        leaving.abort()
        await assert.rejects(reply)
        await checkLeft(stand, provider)
        const rows = await rowsOf(stand)
        assert.deepEqual(
          rows.map(({ state, usageSource }) => [state, usageSource]),
          [['aborted', 'estimated']],
        )
      }
    })

    test(`${door.name}: who leaves in the middle of ${provider}’s answer takes the call along, and pays for what went by`, async () => {
      await using stand = await openStand({ simulator: { chunkDelayMs: 2 } })
      stand.simulator.addFault({ provider, kind: 'stall', afterChunks: 30 })
      const leaving = new AbortController()
      const body = { ...door.question('repeat 400 words'), model, stream: true }
      const reply = await knock(stand, door, body, { signal: leaving.signal })
      let text = ''
      await assert.rejects(async () => {
        for await (const chunk of reply.body ?? []) {
          text += Buffer.from(chunk as Uint8Array).toString()
          if (/word[5-9]/.test(text)) leaving.abort()
        }
      })
      await checkLeft(stand, provider)
      const [row, ...others] = await rowsOf(stand)
      assert.deepEqual([row?.state, row?.usageSource, others], ['aborted', 'estimated', []])
      const { input = 0, output = 0 } = row?.usage ?? {}
      assert.ok(input > 0 && output >= 4 && output <= 60, `${input} and ${output} tokens`)
      if (provider === 'ollama') assert.ok((row?.nanoUsd ?? 0) >= output * 300)
    })
  }
}

test('who leaves after a keep-alive began the answer takes the call along', async () => {
  for (const door of eventDoors) {
    await using stand = await openStand({ gateway: { keepAliveMs: 20 } })
    stand.simulator.addFault({ provider: 'openrouter', kind: 'comments-forever' })
    const leaving = new AbortController()
    const body = { ...door.question('hello'), model: 'auto', stream: true }
    const reply = await knock(stand, door, body, { signal: leaving.signal })
    assert.equal(reply.status, 200)
    leaving.abort()
    await assert.rejects(reply.text())
    await checkLeft(stand, 'openrouter')
  }
})

test('messages: of an answer that was left the input is what the service had counted, not an estimate', async () => {
  await using stand = await openStand({
    simulator: { openrouter: { accounts: [{ creditsBought: 10 }], cachedShare: 0.5 } },
  })
  stand.simulator.addFault({ provider: 'openrouter', kind: 'stall', afterChunks: 30 })
  const door = doors.messages
  const leaving = new AbortController()
  const body = {
    ...door.question(`${'naïve words '.repeat(400)} repeat 400 words`),
    model: 'anthropic/claude-haiku-4.5',
    stream: true,
  }
  const reply = await knock(stand, door, body, { signal: leaving.signal })
  let text = ''
  await assert.rejects(async () => {
    for await (const chunk of reply.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString()
      if (/word9/.test(text)) leaving.abort()
    }
  })
  const [, fresh, read] =
    /"input_tokens":(\d+),.*?"cache_read_input_tokens":(\d+)/.exec(text)?.map(Number) ?? []
  assert.ok(fresh !== undefined && read !== undefined && read > 0)
  const [row] = await rowsOf(stand)
  assert.deepEqual([row?.state, row?.usage?.input, row?.usage?.cached], ['aborted', fresh + read, read])
  assert.ok((row?.usage?.output ?? 0) >= 8)
})

test('a gateway that stops ends every answer with the dialect’s own error', async () => {
  for (const door of allDoors) {
    for (const [provider, model] of providers) {
      await using stand = await openStand({ simulator: { chunkDelayMs: 2 } })
      stand.simulator.addFault({ provider, kind: 'stall', afterChunks: 30 })
      const reply = await knock(stand, door, { ...door.question('repeat 400 words'), model, stream: true })
      const text = reply.text()
      await stand.gateway.close({ drainMs: 0 })
      const read = door.read(await text)
      assert.deepEqual([read.ended, read.errors.length, read.broken], [false, 1, []], await text)
      assert.match(read.errors[0] ?? '', /shutting down/)
      await until(async () => (await inFlight(stand)) === 0, 'no lease is held')
      // Nobody is to blame.
      const { providers: known } = await stand.core.status()
      assert.ok(known.every(({ health }) => health === 'ok'))
    }
  }
})
