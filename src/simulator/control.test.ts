import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askOllama, askOpenRouter, get, post, stillClock } from './fixtures/client.ts'
import { environmentFor, startSimulator } from './index.ts'
import type { Json } from './json.ts'

test('the help names every route', async () => {
  await using sim = await startSimulator()
  const { status, text } = await get(`${sim.url}/sim`)
  assert.equal(status, 200)
  for (const path of ['state', 'counters', 'clock', 'faults', 'reset', 'log'])
    assert.ok(text.includes(`/sim/${path}`))
  assert.equal((await get(`${sim.url}/sim/nothing`)).status, 404)
  assert.equal((await get(`${sim.url}/`)).status, 404)
})

test('the state shows windows and never a whole key', async () => {
  await using sim = await startSimulator({ clock: stillClock() })
  await askOpenRouter(sim)
  const { text, json } = await get(`${sim.url}/sim/state`)
  for (const key of [...sim.keys.openrouter, ...sim.keys.ollama]) assert.equal(text.includes(key), false)
  const [account] = json['openrouter'] as Json[]
  assert.deepEqual(account?.['day'], { used: 1, limit: 50, resetsAt: '2026-11-24T00:00:00.000Z' })
  assert.deepEqual(account?.['minute'], { used: 1, limit: 20, resetsAt: '2026-11-23T10:31:00.000Z' })
})

test('counters and log over HTTP are those of the library, without keys', async () => {
  await using sim = await startSimulator()
  await askOpenRouter(sim)
  await askOllama(sim)
  const counters = await get(`${sim.url}/sim/counters`)
  assert.deepEqual(counters.json, structuredClone(sim.counters()) as unknown)
  const log = await get(`${sim.url}/sim/log`)
  const calls = log.json['calls'] as Json[]
  assert.deepEqual(
    calls.map(({ provider, account, key, status, outcome }) => [provider, account, key, status, outcome]),
    [
      ['openrouter', 'openrouter-1', 'openrouter-1/1', 200, 'answered'],
      ['ollama', 'ollama-1', 'ollama-1/1', 200, 'answered'],
    ],
  )
  for (const key of [...sim.keys.openrouter, ...sim.keys.ollama]) assert.equal(log.text.includes(key), false)
})

test('the log keeps the last 500 calls', async () => {
  await using sim = await startSimulator()
  for (let call = 0; call < 510; call += 1) await get(`${sim.openrouterUrl}/models/count?${call}`)
  await askOllama(sim)
  const calls = (await get(`${sim.url}/sim/log`)).json['calls'] as Json[]
  assert.deepEqual(
    [calls.length, calls.at(-1)?.['provider'], calls[0]?.['provider']],
    [500, 'ollama', 'openrouter'],
  )
})

test('the clock moves by amount, to a time, to the next window', async () => {
  await using sim = await startSimulator({ clock: stillClock() })
  const move = async (body: unknown): Promise<unknown> =>
    (await post(`${sim.url}/sim/clock`, undefined, body)).json['now']
  assert.equal(await move({ advanceMs: 1000 }), '2026-11-23T10:30:16.000Z')
  assert.equal(await move({ to: 'next-minute' }), '2026-11-23T10:31:00.000Z')
  assert.equal(await move({ to: 'next-day' }), '2026-11-24T00:00:00.000Z')
  assert.equal(await move({ to: '2026-12-01T12:00:00Z' }), '2026-12-01T12:00:00.000Z')
  assert.equal((await get(`${sim.url}/sim/clock`)).json['epochMs'], sim.clock.now())
})

test('wrong input gets 400 and a reason, and changes nothing', async () => {
  await using sim = await startSimulator({ clock: stillClock() })
  const before = sim.clock.now()
  const cases: [string, unknown, RegExp][] = [
    ['clock', '{', /not JSON/],
    ['clock', [], /advanceMs/],
    ['clock', { advanceMs: -1 }, /from 0/],
    ['clock', { to: 'tomorrow' }, /next-day/],
    ['faults', { provider: 'acme', kind: 'cut' }, /"openrouter" or "ollama"/],
    ['faults', { provider: 'ollama', kind: 'upstream-429' }, /not one of ollama's/],
    ['faults', { provider: 'ollama', kind: 'cut', times: 0 }, /"times"/],
    ['faults', { provider: 'ollama', kind: 'cut', at: 'never' }, /"at"/],
    ['faults', { provider: 'ollama', kind: 'custom', status: 99 }, /"status"/],
    ['faults', { provider: 'ollama', kind: 'custom', headers: { a: 1 } }, /"headers"/],
    [
      'faults',
      [
        { provider: 'ollama', kind: 'cut' },
        { provider: 'ollama', kind: 'nope' },
      ],
      /nope/,
    ],
  ]
  for (const [route, body, reason] of cases) {
    const { status, json } = await post(`${sim.url}/sim/${route}`, undefined, body)
    assert.equal(status, 400)
    assert.match(String(json['error']), reason)
  }
  assert.equal(sim.clock.now(), before)
  assert.equal((await get(`${sim.url}/sim/state`)).json['waitingFaults'], 0)
  assert.throws(() => sim.addFault({ provider: 'ollama', kind: 'rate-shared-day' }), TypeError)
})

test('faults are added and cleared over HTTP', async () => {
  await using sim = await startSimulator()
  const faults = [
    { provider: 'ollama', kind: 'overloaded' },
    { provider: 'openrouter', kind: 'error-5xx', times: 'always' },
  ]
  assert.deepEqual((await post(`${sim.url}/sim/faults`, undefined, faults)).json, { added: 2, waiting: 2 })
  assert.equal((await askOllama(sim)).status, 503)
  assert.equal((await askOpenRouter(sim)).status, 502)
  assert.deepEqual((await get(`${sim.url}/sim/faults`, undefined, 'DELETE')).json, { waiting: 0 })
  assert.equal((await askOpenRouter(sim)).status, 200)
})

test('a reset brings back the start with the same keys', async () => {
  await using sim = await startSimulator({ openrouter: { accounts: [{ perDay: 1 }] } })
  await askOpenRouter(sim)
  await askOpenRouter(sim)
  sim.addFault({ provider: 'openrouter', kind: 'cut', times: 'always' })
  await post(`${sim.url}/sim/reset`, undefined, {})
  assert.equal(sim.counters().openrouter.calls, 0)
  assert.equal((await askOpenRouter(sim)).status, 200)
  assert.equal(sim.counters().openrouter.wasted, 0)
})

test('a key given twice is misuse', async () => {
  const accounts = [{ keys: ['same'] }, { keys: ['same'] }]
  await assert.rejects(startSimulator({ openrouter: { accounts } }), /openrouter-2\/1 is given twice/)
  await assert.rejects(startSimulator({ ollama: { accounts } }), TypeError)
})

test('one port serves both, keys come from the seed, the environment points there', async () => {
  await using sim = await startSimulator({ seed: 5 })
  await using twin = await startSimulator({ seed: 5 })
  await using other = await startSimulator({ seed: 6 })
  assert.deepEqual(sim.keys, twin.keys)
  assert.notDeepEqual(sim.keys, other.keys)
  assert.deepEqual([sim.keys.openrouter.length, sim.keys.ollama.length], [3, 2])
  assert.match(sim.keys.openrouter[0]!, /^sk-or-v1-[0-9a-f]{64}$/)
  assert.equal(environmentFor(sim)['OPENROUTER_API_KEY_3'], sim.keys.openrouter[2])
})
