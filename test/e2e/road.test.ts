import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRouter } from '../../src/index.ts'
import { environmentFor, startSimulator } from '../../src/simulator/index.ts'
import { ask, noon, openStand, wasteOf } from '../support/stand.ts'

test('the original sequence: three free accounts spent one after the other, then two paid keys in balance, then both resets by themselves', async () => {
  await using stand = await openStand()
  const key = async (): Promise<string> => {
    const reply = await stand.chat(ask('hello'))
    assert.equal(reply.status, 200, await reply.clone().text())
    return reply.headers.get('x-switchyard-key') ?? ''
  }
  const run = async (count: number): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {}
    for (let call = 0; call < count; call++) {
      const name = await key()
      counts[name] = (counts[name] ?? 0) + 1
    }
    return counts
  }

  // 20 a minute each, then the paid lane takes the rest of the minute.
  assert.deepEqual(await run(70), {
    OPENROUTER_API_KEY_1: 20,
    OPENROUTER_API_KEY_2: 20,
    OPENROUTER_API_KEY_3: 20,
    OLLAMA_API_KEY_1: 5,
    OLLAMA_API_KEY_2: 5,
  })
  stand.clock.set(noon + 60_000)
  assert.deepEqual(await run(60), {
    OPENROUTER_API_KEY_1: 20,
    OPENROUTER_API_KEY_2: 20,
    OPENROUTER_API_KEY_3: 20,
  })
  stand.clock.set(noon + 120_000)
  // 50 a day each: ten are left on every account.
  assert.deepEqual(await run(34), {
    OPENROUTER_API_KEY_1: 10,
    OPENROUTER_API_KEY_2: 10,
    OPENROUTER_API_KEY_3: 10,
    OLLAMA_API_KEY_1: 2,
    OLLAMA_API_KEY_2: 2,
  })
  stand.clock.set(noon + 180_000)
  assert.deepEqual(await run(2), { OLLAMA_API_KEY_1: 1, OLLAMA_API_KEY_2: 1 })
  stand.clock.set(Date.UTC(2026, 10, 24, 0, 0, 1))
  assert.deepEqual(await run(1), { OPENROUTER_API_KEY_1: 1 })

  assert.deepEqual(wasteOf(stand.simulator), { wasted: 0, refused: 0 })
})

test('three keys of one account behave as one bucket', async () => {
  await using stand = await openStand({
    simulator: {
      openrouter: {
        accounts: [
          {
            name: 'one',
            keys: ['sk-or-v1-a'.padEnd(73, 'a'), 'sk-or-v1-b'.padEnd(73, 'b'), 'sk-or-v1-c'.padEnd(73, 'c')],
          },
        ],
      },
    },
  })
  const providers: Record<string, number> = {}
  const keys = new Set<string>()
  for (let call = 0; call < 30; call++) {
    const reply = await stand.chat(ask('hello'))
    const provider = reply.headers.get('x-switchyard-provider') ?? ''
    providers[provider] = (providers[provider] ?? 0) + 1
    if (provider === 'openrouter') keys.add(reply.headers.get('x-switchyard-key') ?? '')
  }
  assert.deepEqual(providers, { openrouter: 20, ollama: 10 })
  assert.equal(keys.size, 3)
  assert.deepEqual(wasteOf(stand.simulator), { wasted: 0, refused: 0 })
})

test('a call made while the router is still starting waits for what it reads', async () => {
  const spent = { foreignUsed: 50 }
  await using simulator = await startSimulator({ seed: 1, openrouter: { accounts: [spent, spent, spent] } })
  for (let turns = 0; turns < 40; turns += 2) {
    await using router = createRouter({ environment: environmentFor(simulator), store: 'memory' })
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
    assert.equal((await router.chat('hello')).provider, 'ollama')
  }
  assert.deepEqual(wasteOf(simulator), { wasted: 0, refused: 0 })
})
