import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createMovableClock } from '../../src/clock.ts'
import type { Environment } from '../../src/config/environment.ts'
import { load, routerSettings } from '../../src/config/load.ts'
import { dialectNamed } from '../../src/dialects/index.ts'
import type { Limit } from '../../src/providers/provider.ts'
import { draftFromBytes } from '../../src/relay/draft.ts'
import { createCore, type RouterCore } from '../../src/routing/core.ts'
import { silentLog } from '../../src/routing/settings.ts'
import {
  environmentFor,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../src/simulator/index.ts'
import { ask, noon, openStand, type Stand, wasteOf } from '../support/stand.ts'

const minuteMs = 60_000
const midnight = Date.UTC(2026, 10, 24)
// Noon of the stand is a Monday.
const nextMonday = Date.UTC(2026, 10, 30)
const oneKeyOfOpenRouter = { OPENROUTER_API_KEY_2: '', OPENROUTER_API_KEY_3: '' }

/** Services that outlive the router, and its home: each `start` is the same router again. */
interface Ground {
  readonly simulator: Simulator
  readonly home: string
  /** Stops the router that runs, if one does, and starts it anew. */
  start(environment?: Environment): Promise<Stand>
}

async function openGround(t: TestContext, options: SimulatorOptions, config?: string): Promise<Ground> {
  const simulator = await startSimulator({ clock: createMovableClock({ start: noon }), seed: 1, ...options })
  const home = mkdtempSync(join(tmpdir(), 'switchyard-restart-'))
  if (config !== undefined) writeFileSync(join(home, 'switchyard.yaml'), config)
  let stand: Stand | undefined
  t.after(async () => {
    await stand?.stop()
    await simulator.close()
    rmSync(home, { recursive: true, force: true })
  })
  return {
    simulator,
    home,
    start: async (environment = {}) => {
      await stand?.stop()
      stand = await openStand({ sharing: simulator, home, environment })
      return stand
    },
  }
}

/** Asks so often, one after the other, and counts who answered; a refusal counts under its status. */
async function run(
  stand: Stand,
  count: number,
  name: 'provider' | 'key' = 'provider',
  rest: Record<string, unknown> = {},
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let call = 0; call < count; call++) {
    const reply = await stand.chat(ask('hello', rest))
    await reply.text()
    const who = reply.status === 200 ? reply.headers.get(`x-switchyard-${name}`) : reply.status
    counts[String(who)] = (counts[String(who)] ?? 0) + 1
  }
  return counts
}

test('the counts of minute and day go on over restarts: exactly 50 free calls a day, none refused', async (t) => {
  // GET /key shows a counter up to a minute old, so right after a restart only the ledger knows the last calls.
  const { simulator, start } = await openGround(t, { openrouter: { accounts: [{}] } })
  let stand = await start()
  assert.deepEqual(await run(stand, 15), { openrouter: 15 })
  simulator.clock.advance(30_000)
  stand = await start()
  assert.deepEqual(await run(stand, 10), { openrouter: 5, ollama: 5 }, '20 in the minute')
  simulator.clock.advance(minuteMs)
  stand = await start()
  assert.deepEqual(await run(stand, 18), { openrouter: 18 })
  stand = await start()
  assert.deepEqual(await run(stand, 3), { openrouter: 2, ollama: 1 })
  simulator.clock.advance(minuteMs)
  stand = await start()
  assert.deepEqual(await run(stand, 6), { openrouter: 6 })
  simulator.clock.advance(10_000)
  stand = await start()
  assert.deepEqual(await run(stand, 8), { openrouter: 4, ollama: 4 }, '50 in the day')
  simulator.clock.advance(3 * minuteMs)
  stand = await start()
  assert.deepEqual(await run(stand, 5), { ollama: 5 })
  assert.equal(simulator.counters().openrouter.calls, 50)

  simulator.clock.set(midnight + 1000)
  stand = await start()
  assert.deepEqual(await run(stand, 21), { openrouter: 20, ollama: 1 })
  assert.deepEqual(wasteOf(simulator), { wasted: 0, refused: 0 })
})

test('three keys of one account are one bucket after a restart too, even if GET /key does not answer then', async (t) => {
  const keys = ['a', 'b', 'c'].map((letter) => `sk-or-v1-${letter.repeat(64)}`)
  const { simulator, start } = await openGround(t, { openrouter: { accounts: [{ keys }] } })
  assert.deepEqual(await run(await start(), 12, 'key'), {
    OPENROUTER_API_KEY_1: 4,
    OPENROUTER_API_KEY_2: 4,
    OPENROUTER_API_KEY_3: 4,
  })
  // From here on the service does not say any more whose keys they are.
  simulator.addFault({ provider: 'openrouter', kind: 'error-5xx', path: '/key', times: 'always' })
  const stand = await start()
  assert.deepEqual(await run(stand, 10), { openrouter: 8, ollama: 2 })
  const [openrouter] = (await stand.core.status()).providers
  assert.equal(openrouter?.accounts.length, 1)
  assert.deepEqual(
    openrouter.accounts[0]?.windows.map(({ used }) => used),
    [20, 20],
  )
  assert.deepEqual(wasteOf(simulator), { wasted: 0, refused: 0 })
})

test('a weekly limit of Ollama rests until Monday over restarts, then the account is used again', async (t) => {
  const { simulator, start } = await openGround(t, {
    ollama: { accounts: [{ plan: 'legacy_pro', weeklyRequests: 3 }] },
  })
  const model = { model: 'gpt-oss:120b' }
  assert.deepEqual(await run(await start(), 5, 'provider', model), { ollama: 3, 429: 2 })
  assert.equal(simulator.counters().ollama.calls, 4, 'three answers and the one refusal that told')

  const stand = await start()
  const refused = await stand.chat(ask('hello', model))
  assert.equal(refused.status, 429)
  assert.match(await refused.text(), new RegExp(`"resets_at":${nextMonday / 1000}`))
  simulator.clock.set(nextMonday - 1000)
  assert.deepEqual(await run(await start(), 2, 'provider', model), { 429: 2 })
  assert.equal(simulator.counters().ollama.calls, 4)

  simulator.clock.set(nextMonday + 1000)
  assert.deepEqual(await run(await start(), 1, 'provider', model), { ollama: 1 })
  assert.deepEqual(wasteOf(simulator), { wasted: 0, refused: 1 })
})

test('a day limit learned from a refusal is kept over restarts while GET /key does not answer', async (t) => {
  const { simulator, start } = await openGround(t, { openrouter: { accounts: [{ foreignUsed: 45 }] } })
  simulator.addFault({ provider: 'openrouter', kind: 'error-5xx', path: '/key', times: 'always' })
  assert.deepEqual(await run(await start(), 8), { openrouter: 5, ollama: 3 })
  assert.deepEqual(wasteOf(simulator), { wasted: 0, refused: 1 })

  assert.deepEqual(await run(await start(), 3), { ollama: 3 })
  simulator.clock.set(midnight - 1000)
  assert.deepEqual(await run(await start(), 3), { ollama: 3 })
  assert.deepEqual(wasteOf(simulator), { wasted: 0, refused: 1 })

  simulator.clock.set(midnight + 1000)
  assert.deepEqual(await run(await start(), 3), { openrouter: 3 })
})

test('a new key under an old name starts fresh: neither counts nor rests of the old one are held against it', async (t) => {
  const { simulator, start } = await openGround(t, {
    openrouter: { accounts: [{ foreignUsed: 40 }, {}] },
  })
  // Without GET /key the day ends by a refusal, which leaves a rest, and only the ledger can know the counts.
  simulator.addFault({ provider: 'openrouter', kind: 'error-5xx', path: '/key', times: 'always' })
  const [first = '', second = ''] = simulator.keys.openrouter
  const old = { ...oneKeyOfOpenRouter, OPENROUTER_API_KEY_1: first }
  assert.deepEqual(await run(await start(old), 12), { openrouter: 10, ollama: 2 })
  assert.deepEqual(await run(await start(old), 1), { ollama: 1 })

  const replaced = { ...oneKeyOfOpenRouter, OPENROUTER_API_KEY_1: second }
  const stand = await start(replaced)
  const [openrouter] = (await stand.core.status()).providers
  assert.deepEqual(
    openrouter?.accounts.map(({ windows }) => windows.map(({ used }) => used)),
    [[0, 0]],
  )
  assert.deepEqual(await run(stand, 21), { openrouter: 20, ollama: 1 })
  // The counts of the new key are kept like any other's, and the old key is still known.
  assert.deepEqual(await run(await start(replaced), 1), { ollama: 1 })
  assert.deepEqual(await run(await start(old), 1), { ollama: 1 })
  assert.deepEqual(wasteOf(simulator), { wasted: 0, refused: 1 })
})

test('a ceiling from the config goes on over restarts, also where the service itself has none', async (t) => {
  const config = 'providers:\n  ollama:\n    limits: { minute: 3, day: 5 }\n'
  const { simulator, start } = await openGround(t, { ollama: { accounts: [{}] } }, config)
  const model = { model: 'gpt-oss:120b' }
  assert.deepEqual(await run(await start(), 2, 'provider', model), { ollama: 2 })
  assert.deepEqual(await run(await start(), 2, 'provider', model), { ollama: 1, 429: 1 })
  simulator.clock.advance(minuteMs)
  assert.deepEqual(await run(await start(), 3, 'provider', model), { ollama: 2, 429: 1 })
  assert.equal(simulator.counters().ollama.calls, 5)
})

test('ceilings in tokens and dollars go on over restarts, for as long as their windows run', async (t) => {
  const { simulator, home } = await openGround(t, { ollama: { accounts: [{}] } })
  const loaded = load({ environment: { SWITCHYARD_HOME: home, ...environmentFor(simulator) } })
  const limits: readonly Limit[] = [
    { name: 'tokens', metric: 'tokens', window: 'week', lane: 'all', max: 1e6 },
    { name: 'dollars', metric: 'nano-usd', window: 'month', lane: 'all', max: 1e9 },
  ]
  const providers = loaded.providers.map((each) => ({ ...each, limits }))
  const openCore = async (): Promise<RouterCore> => {
    const core = createCore(
      routerSettings({ ...loaded, providers }, { log: silentLog, clock: simulator.clock }),
    )
    await core.ready
    return core
  }
  const used = async (core: RouterCore): Promise<readonly number[]> => {
    const { providers: shown } = await core.status()
    const account = shown.find(({ lane }) => lane === 'paid')?.accounts[0]
    return account?.windows.map((window) => window.used) ?? []
  }
  const dialect = dialectNamed('openai-chat')
  const body = Buffer.from(JSON.stringify(ask('hello', { model: 'gpt-oss:120b' })))
  const before = await openCore()
  const { reply } = await before.send(draftFromBytes(dialect, body))
  assert.match(String(reply.body(dialect, { usage: true, now: 0 })), /"content"/)
  const [tokens = 0, dollars = 0] = await used(before)
  assert.ok(tokens > 0 && dollars > 0)
  await before.close()

  simulator.clock.set(nextMonday - 1000)
  const later = await openCore()
  assert.deepEqual(await used(later), [tokens, dollars])
  await later.close()
  // A new week, the same month.
  simulator.clock.set(nextMonday)
  await using last = await openCore()
  assert.deepEqual(await used(last), [0, dollars])
})

test('a key released by hand is free after a restart too', async (t) => {
  const { simulator, start } = await openGround(t, { ollama: { accounts: [{}] } })
  const model = { model: 'gpt-oss:120b' }
  simulator.addFault({ provider: 'ollama', kind: 'weekly-limit' })
  assert.deepEqual(await run(await start(), 1, 'provider', model), { 429: 1 })
  const stand = await start()
  assert.deepEqual(await run(stand, 1, 'provider', model), { 429: 1 })
  const released = await fetch(`${stand.gateway.url}/admin/keys/release`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${stand.adminKey}` },
    body: JSON.stringify({ name: 'OLLAMA_API_KEY_1' }),
  })
  assert.equal(released.status, 200, await released.text())

  assert.deepEqual(await run(await start(), 1, 'provider', model), { ollama: 1 })
  assert.equal(simulator.counters().ollama.calls, 2)
})
