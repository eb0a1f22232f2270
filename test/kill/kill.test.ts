import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Random } from '../../src/clock.ts'
import { environmentFor, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts'
import { temporaryFolder } from '../../src/stores/fixtures/temporary-folder.ts'
import { clientKey, interruptedIn, runGatewayProcess, startGatewayProcess } from './gateway-process.ts'
import { checkLedger } from './ledger-check.ts'
import { startLoad } from './load.ts'

const rounds = Number(process.env['KILL_ROUNDS'] ?? 60)
const seed = Number(process.env['KILL_SEED'] ?? 20_261_123)

// So much of everything that no limit ends the load; a pause between the pieces, so that kills find streams half-way.
const plenty = 1e9
const generous: SimulatorOptions = {
  chunkDelayMs: 1,
  wordsPerChunk: 3,
  openrouter: { accounts: [{ creditsBought: 1e6, perMinute: plenty, perDay: plenty }] },
  ollama: { accounts: [{ plan: 'payg', balanceUsd: 1e6, concurrency: 1000 }] },
}

/** A home, a simulator with plenty of everything, and the environment that joins them. */
async function openGround(t: TestContext, options: SimulatorOptions = generous) {
  const simulator = await startSimulator({ seed: 1, ...options })
  t.after(() => simulator.close())
  const home = temporaryFolder(t)
  writeFileSync(
    join(home, 'switchyard.yaml'),
    `providers:\n  openrouter:\n    limits: { minute: ${plenty}, day: ${plenty} }\n`,
  )
  return {
    simulator,
    home,
    ledger: join(home, 'ledger.db'),
    environment: { SWITCHYARD_HOME: home, ...environmentFor(simulator) },
  }
}

/** The same numbers for the same seed, so that a round can be played again. */
function createRandom(from: number): Random {
  let state = from
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

test(
  `kill -9 under load, ${rounds} times over: every answer that was received is in the ledger, once`,
  {
    timeout: 60_000 + rounds * 5_000,
  },
  async (t) => {
    const { ledger, environment } = await openGround(t)
    const random = createRandom(seed)
    const begun = performance.now()
    const received = new Set<string>()
    let told = 0
    for (let round = 1; round <= rounds; round++) {
      const startedAt = Date.now()
      await using gateway = await startGatewayProcess(environment)
      told += interruptedIn(gateway.log())
      const load = startLoad(gateway.url, random)
      // Not from the start: on a busy machine the first answer may take longer than all of the others.
      await load.begun
      await wait(random() * 400)
      load.expectEnd()
      await gateway.kill()
      await load.ended
      assert.deepEqual([...load.problems], [], `round ${round}, seed ${seed}`)
      for (const id of load.received) received.add(id)
      if (round % 10 !== 0 && round !== rounds) continue

      const verdict = checkLedger(ledger, received)
      const { lost, incomplete, doubled } = verdict
      assert.deepEqual(
        { lost, incomplete, doubled },
        { lost: [], incomplete: [], doubled: [] },
        `seed ${seed}`,
      )
      const early = verdict.openAt.filter((at) => at < startedAt)
      assert.equal(early.length, 0, 'what an earlier process left open is interrupted by now')
    }
    await using last = await startGatewayProcess(environment)
    told += interruptedIn(last.log())
    assert.equal(await last.stop(), 0)
    const { lost, interrupted, openAt, rows } = checkLedger(ledger, received)
    assert.deepEqual([lost, openAt], [[], []])
    assert.ok(interrupted > 0, 'some kill found a call half-way')
    assert.equal(told, interrupted, 'each interrupted call was counted in the log of the start after it')
    const seconds = ((performance.now() - begun) / 1000).toFixed(0)
    t.diagnostic(
      `${rounds} rounds, ${received.size} finished answers, lost 0, ${interrupted} interrupted rows of ${rows}, ${seconds} s, seed ${seed}`,
    )
  },
)

test(
  'control: a gateway whose ledger acknowledges early is caught by the same check',
  {
    timeout: 60_000,
  },
  async (t) => {
    const { ledger, environment } = await openGround(t)
    const script = [join(import.meta.dirname, 'early-gateway.ts')]
    await using gateway = await startGatewayProcess(environment, script)
    const load = startLoad(gateway.url, createRandom(seed))
    await load.begun
    await wait(600)
    load.expectEnd()
    await gateway.kill()
    await load.ended
    assert.deepEqual([...load.problems], [])
    const { lost, rows } = checkLedger(ledger, load.received)
    assert.ok(lost.length > 0, 'an early acknowledgement must show as a loss')
    assert.ok(lost.length < load.received.size, 'what had been written in time is not called lost')
    t.diagnostic(`${lost.length} of ${load.received.size} answers lost, ${rows} rows`)
  },
)

test(
  'kill -9 in the middle of a stream leaves one open row, which the next start calls interrupted',
  {
    timeout: 60_000,
  },
  async (t) => {
    const { home, ledger, environment } = await openGround(t, { ...generous, chunkDelayMs: 100 })
    const received: string[] = []
    {
      await using gateway = await startGatewayProcess(environment)
      const reply = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${clientKey}` },
        body: JSON.stringify({ stream: true, messages: [{ role: 'user', content: 'Tell me about ponds.' }] }),
      })
      assert.equal(reply.status, 200)
      const reader = reply.body?.pipeThrough(new TextDecoderStream()).getReader()
      received.push((await reader?.read())?.value ?? '')
      // The status counts rows in the ledger, so the row of the running call is in it when this returns.
      const adminKey = readFileSync(join(home, 'admin-key'), 'utf8').trim()
      const status = await fetch(`${gateway.url}/admin/status`, {
        headers: { authorization: `Bearer ${adminKey}` },
      })
      assert.match(await status.text(), /"requests":1/)
      await gateway.kill()
      await assert.rejects(async () => {
        for (;;) {
          const { done, value } = (await reader?.read()) ?? { done: true }
          if (done) return
          received.push(value)
        }
      })
    }
    assert.doesNotMatch(received.join(''), /\[DONE\]/)
    const before = checkLedger(ledger, [])
    assert.deepEqual([before.rows, before.openAt.length, before.interrupted], [1, 1, 0])

    await using next = await startGatewayProcess(environment)
    assert.equal(interruptedIn(next.log()), 1)
    assert.equal(await next.stop(), 0)
    const after = checkLedger(ledger, [])
    assert.deepEqual([after.rows, after.openAt.length, after.interrupted], [1, 0, 1])
  },
)

test(
  'kill -9 while starting, at ten moments, harms nothing that is on disk',
  { timeout: 60_000 },
  async (t) => {
    const { ledger, environment } = await openGround(t)
    const random = createRandom(seed)
    const received = new Set<string>()
    const fill = async (): Promise<void> => {
      await using gateway = await startGatewayProcess(environment)
      const load = startLoad(gateway.url, random)
      await load.begun
      await wait(300)
      load.expectEnd()
      await gateway.kill()
      await load.ended
      for (const id of load.received) received.add(id)
    }
    // The first ones find no ledger at all, or one that is half made.
    for (let moment = 0; moment < 5; moment++) await runGatewayProcess(environment, 100 + random() * 300)
    await fill()
    const rows = checkLedger(ledger, received).rows
    for (let moment = 0; moment < 5; moment++) await runGatewayProcess(environment, 100 + random() * 300)
    const verdict = checkLedger(ledger, received)
    assert.deepEqual([verdict.rows, verdict.lost, verdict.doubled], [rows, [], []])
    await fill()
    assert.deepEqual(checkLedger(ledger, received).lost, [])
  },
)

test('control: the check names an answer that is not in the ledger', { timeout: 60_000 }, async (t) => {
  const { ledger, environment } = await openGround(t)
  await using gateway = await startGatewayProcess(environment)
  const load = startLoad(gateway.url, createRandom(seed))
  await load.begun
  await wait(200)
  load.expectEnd()
  await gateway.kill()
  await load.ended
  assert.deepEqual(checkLedger(ledger, load.received).lost, [])
  assert.deepEqual(checkLedger(ledger, [...load.received, 'never-answered']).lost, ['never-answered'])
})
