import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askOllama, askOpenRouter, get, stillClock } from './fixtures/client.ts'
import { startSimulator } from './index.ts'

const oneCallADay = { accounts: [{ perDay: 1 }, {}] }

test('a call after the refusal is wasted, until the window turns', async () => {
  const clock = stillClock()
  await using sim = await startSimulator({ clock, openrouter: oneCallADay })
  await askOpenRouter(sim)
  await askOpenRouter(sim)
  assert.equal(sim.counters().openrouter.wasted, 0, 'the first refusal is how one learns it')
  await askOpenRouter(sim)
  await askOpenRouter(sim, 1)
  const { openrouter } = sim.counters()
  assert.equal(openrouter.wasted, 1)
  assert.equal(openrouter.accounts['openrouter-1']?.wasted, 1)
  assert.equal(openrouter.keys['openrouter-1/1']?.wasted, 1)
  assert.equal(openrouter.accounts['openrouter-2']?.wasted, 0)
  clock.set(Date.UTC(2026, 10, 24))
  await askOpenRouter(sim)
  assert.equal(sim.counters().openrouter.wasted, 1)
})

test('a paid call on an account whose free requests are spent is not wasted', async () => {
  const paid = { model: 'google/gemma-4-31b-it', max_tokens: 10 }
  const accounts = [{ perDay: 0, balance: 1 }]
  await using sim = await startSimulator({ openrouter: { accounts } })
  await askOpenRouter(sim)
  assert.equal((await askOpenRouter(sim, 0, paid)).status, 200)
  assert.equal(sim.counters().openrouter.wasted, 0)
})

test('calls sent together are not wasted when one of them finds the end', async () => {
  await using sim = await startSimulator({ openrouter: { accounts: [{ perDay: 10, perMinute: 100 }] } })
  const together = (count: number) => Promise.all(Array.from({ length: count }, () => askOpenRouter(sim)))
  const replies = await together(30)
  assert.equal(replies.filter(({ status }) => status === 200).length, 10)
  const { openrouter } = sim.counters()
  assert.deepEqual(
    [openrouter.refused, openrouter.refusedBy, openrouter.wasted],
    [20, { 'free-per-day': 20 }, 0],
  )
  await together(30)
  assert.equal(sim.counters().openrouter.wasted, 30)
})

test('a minute refusal is forgotten with its minute', async () => {
  const clock = stillClock()
  await using sim = await startSimulator({ clock, openrouter: { accounts: [{ perMinute: 0 }] } })
  await askOpenRouter(sim)
  clock.advance(60_000)
  await askOpenRouter(sim)
  assert.equal(sim.counters().openrouter.wasted, 0)
  await askOpenRouter(sim)
  assert.equal(sim.counters().openrouter.wasted, 1)
})

test('reading "0 remaining" is being told; a reading with something left is not', async () => {
  const accounts = [{ foreignUsed: 50 }, { foreignUsed: 48 }]
  await using sim = await startSimulator({ openrouter: { accounts } })
  for (const key of sim.keys.openrouter) await get(`${sim.openrouterUrl}/key`, key)
  await askOpenRouter(sim, 0)
  await askOpenRouter(sim, 1)
  assert.equal(sim.counters().openrouter.accounts['openrouter-1']?.wasted, 1)
  assert.equal(sim.counters().openrouter.accounts['openrouter-2']?.wasted, 0)
})

test('a refusal for another reason wastes nothing', async () => {
  await using sim = await startSimulator()
  sim.addFault({ provider: 'openrouter', kind: 'upstream-429', times: 3 })
  for (let call = 0; call < 4; call += 1) await askOpenRouter(sim)
  assert.equal(sim.counters().openrouter.wasted, 0)
})

test('Ollama: a session refusal holds until the grid turns', async () => {
  const clock = stillClock()
  const accounts = [{ plan: 'legacy_pro' as const, sessionRequests: 1 }]
  await using sim = await startSimulator({ clock, ollama: { accounts } })
  for (const wanted of [200, 429, 429]) assert.equal((await askOllama(sim)).status, wanted)
  assert.equal(sim.counters().ollama.wasted, 1)
  clock.set((Math.floor(clock.now() / 18_000_000) + 1) * 18_000_000)
  assert.equal((await askOllama(sim)).status, 200)
  assert.equal(sim.counters().ollama.wasted, 1)
})

test('Ollama: a scripted limit is believed until the balance says otherwise', async () => {
  await using sim = await startSimulator({ clock: stillClock() })
  sim.addFault({ provider: 'ollama', kind: 'weekly-limit' })
  await askOllama(sim)
  await askOllama(sim)
  assert.equal(sim.counters().ollama.wasted, 1)
  await get(`${sim.ollamaUrl}/api/balance`, sim.keys.ollama[0])
  await askOllama(sim)
  assert.equal(sim.counters().ollama.wasted, 1)
})

test('a client in another process can be given time to read', async () => {
  await using sim = await startSimulator({ openrouter: oneCallADay, knownAfterMs: 60_000 })
  for (let call = 0; call < 4; call += 1) await askOpenRouter(sim)
  assert.equal(sim.counters().openrouter.wasted, 0)
})
