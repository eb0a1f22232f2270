import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request as httpRequest } from 'node:http'
import { test } from 'node:test'
import { dialectNamed } from '../../src/dialects/index.ts'
import { draftFromBytes } from '../../src/relay/draft.ts'
import { inFlight, nextTurn, rowsOf, until } from '../support/probe.ts'
import { sse, sseHead, startRawUpstream } from '../support/raw-upstream.ts'
import { ask, clientKey, openStand, type Stand } from '../support/stand.ts'

const providers = [
  ['openrouter', 'auto'],
  ['ollama', 'gpt-oss:20b'],
] as const

function aborted(stand: Stand): number {
  const { openrouter, ollama } = stand.simulator.counters()
  return openrouter.aborted + ollama.aborted
}

for (const [provider, model] of providers) {
  for (const stream of [true, false]) {
    const how = `${provider}, ${stream ? 'streamed' : 'whole'}`
    test(`a client that leaves before the first byte takes its upstream call with it (${how})`, async () => {
      await using stand = await openStand()
      stand.simulator.addFault({ provider, kind: 'stall', at: 'before-headers' })
      const leaving = new AbortController()
      const reply = stand.chat(ask('hello', { model, stream }), { signal: leaving.signal })
      await until(() => stand.simulator.counters()[provider].inFlight === 1, 'the call has arrived')
      leaving.abort()
      await assert.rejects(reply)
      await until(() => aborted(stand) === 1, 'the upstream connection is closed', 1_000)
      await until(async () => (await inFlight(stand)) === 0, 'no lease is held', 1_000)
      const { calls } = stand.simulator.counters()[provider]
      assert.equal(calls, 1, 'nothing is tried again for nobody')
      const rows = await rowsOf(stand)
      assert.deepEqual(
        rows.map((row) => [row.state, row.usageSource]),
        [['aborted', 'estimated']],
      )
    })
  }

  test(`a client that leaves in mid-stream takes its upstream call with it (${provider})`, async () => {
    await using stand = await openStand()
    stand.simulator.addFault({ provider, kind: 'stall', afterChunks: 20 })
    const leaving = new AbortController()
    const reply = await stand.chat(ask('repeat 40 words', { model, stream: true }), {
      signal: leaving.signal,
    })
    const reader = reply.body?.getReader()
    await reader?.read()
    leaving.abort()
    await until(() => aborted(stand) === 1, 'the upstream connection is closed', 1_000)
    await until(async () => (await inFlight(stand)) === 0, 'no lease is held', 1_000)
    assert.equal(stand.simulator.counters()[provider].calls, 1)
    const [row] = await rowsOf(stand)
    assert.deepEqual([row?.state, row?.usageSource], ['aborted', 'estimated'])
    assert.ok((row?.usage?.input ?? 0) > 0)
  })
}

test('fifty clients that leave at any time cost nobody anything: the next call is answered', async () => {
  await using stand = await openStand({ simulator: { chunkDelayMs: 1 } })
  const everyTurn = async (turns: number, leaving: AbortController): Promise<void> => {
    for (let turn = 0; turn < turns; turn++) await nextTurn()
    leaving.abort()
  }
  for (let client = 0; client < 50; client++) {
    const leaving = new AbortController()
    const [, model] = providers[client % 2] ?? providers[0]
    const reply = stand
      .chat(ask('repeat 300 words', { model, stream: client % 4 < 2 }), { signal: leaving.signal })
      .then((response) => response.text())
    await Promise.allSettled([reply, everyTurn(client * 2, leaving)])
  }
  await until(async () => (await inFlight(stand)) === 0, 'no lease is held')
  const counters = (): number => {
    const { openrouter, ollama } = stand.simulator.counters()
    return openrouter.inFlight + ollama.inFlight
  }
  await until(() => counters() === 0, 'no upstream call is open')
  for (const [, model] of providers) assert.equal((await stand.chat(ask('hello', { model }))).status, 200)
  const states = new Set((await rowsOf(stand)).map((row) => row.state))
  assert.ok(states.has('aborted') && !states.has('open') && !states.has('failed'), [...states].join())
})

test('a reader that stops reading stops the upstream: an endless stream is not gathered', async () => {
  let written = 0
  await using raw = await startRawUpstream(async (response) => {
    response.writeHead(200, sseHead)
    const block = sse('x'.repeat(900)).repeat(64)
    while (!response.destroyed && written < 256 * 1024 * 1024) {
      // `writableNeedDrain` stays set while nobody takes what was written.
      if (!response.writableNeedDrain) {
        response.write(block)
        written += block.length
      }
      await nextTurn()
    }
  })
  await using stand = await openStand({ environment: { OPENROUTER_BASE_URL: raw.url } })
  const body = JSON.stringify(ask('hello', { stream: true }))
  const request = httpRequest(`${stand.gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${clientKey}` },
  }).end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.on('error', () => {})
  // Nothing is read: what is under way may fill the buffers between the two, then all must stand still.
  let seen = -1
  let still = 0
  await until(
    () => {
      still = written === seen ? still + 1 : 0
      seen = written
      return still > 2_000
    },
    'the upstream stands still',
    10_000,
  )
  // The kernel's own buffers for the two connections may take tens of megabytes on a busy machine.
  assert.ok(written < 128 * 1024 * 1024, `${written} bytes were taken from the upstream for nobody`)
  request.destroy()
  await until(() => raw.left === 1, 'the upstream connection is closed')
  await until(async () => (await inFlight(stand)) === 0, 'no lease is held')
})

test('a caller of the library that aborts hears of it as the last event', async () => {
  await using stand = await openStand()
  stand.simulator.addFault({ provider: 'openrouter', kind: 'stall', afterChunks: 5 })
  const leaving = new AbortController()
  const bytes = Buffer.from(JSON.stringify(ask('repeat 40 words', { stream: true })))
  const { reply } = await stand.core.send(draftFromBytes(dialectNamed('openai-chat'), bytes), {
    signal: leaving.signal,
  })
  const types: string[] = []
  for await (const batch of reply.events()) {
    for (const event of batch) types.push(event.type)
    leaving.abort()
  }
  assert.equal(types.at(-1), 'error')
  await until(() => aborted(stand) === 1, 'the upstream connection is closed', 1_000)
})

test('a reply that nobody begins to read gives its lease back when its caller aborts', async () => {
  await using stand = await openStand()
  const leaving = new AbortController()
  const bytes = Buffer.from(JSON.stringify(ask('repeat 40 words', { stream: true })))
  await stand.core.send(draftFromBytes(dialectNamed('openai-chat'), bytes), { signal: leaving.signal })
  assert.equal(await inFlight(stand), 1)
  leaving.abort()
  await until(async () => (await inFlight(stand)) === 0, 'no lease is held')
  assert.deepEqual(
    (await rowsOf(stand)).map((row) => row.state),
    ['aborted'],
  )
})
