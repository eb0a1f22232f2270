import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ConfigError } from '../errors.ts'
import { openPolicy } from '../routing/policy.ts'
import { parseConfig } from './file.ts'
import { policyOf } from './policy.ts'

const policy = (text: string) => policyOf(parseConfig(text, 'switchyard.yaml'))

/** The message that a config is refused with. */
function refusal(text: string): string {
  try {
    policy(text)
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    return error.message
  }
  return assert.fail(`taken: ${text}`)
}

test('a config without a policy allows everything', () => {
  assert.deepEqual(policy(''), openPolicy)
  assert.deepEqual(policy('clients: [{ name: bot, key: k }]'), openPolicy)
})

test('every amount is a ceiling of its own, in nano-dollars; those of clients come with their names', () => {
  const { freeOnly, ceilings } = policy(`
policy:
  freeOnly: true
  ceilings:
    - { usdPerDay: 1.5, usdPerMonth: 20 }
    - { lane: paid, client: bot, usdPerDay: 0.1 }
clients:
  - { name: bot, key: k, usdPerMonth: 2 }
  - { name: desk, key: l }`)
  assert.equal(freeOnly, true)
  assert.deepEqual(ceilings, [
    { window: 'day', nanoUsd: 1_500_000_000 },
    { window: 'month', nanoUsd: 20_000_000_000 },
    { lane: 'paid', client: 'bot', window: 'day', nanoUsd: 100_000_000 },
    { client: 'bot', window: 'month', nanoUsd: 2_000_000_000 },
  ])
})

test('a ceiling of nothing is kept: it is the strictest one, not none', () => {
  assert.deepEqual(policy('policy: { ceilings: [{ usdPerDay: 0 }] }').ceilings, [
    { window: 'day', nanoUsd: 0 },
  ])
})

test('a reserve is taken over as written', () => {
  const text = 'policy: { reserve: { share: 0.2, clients: [bot] } }\nclients: [{ name: bot, key: k }]'
  assert.deepEqual(policy(text).reserve, { share: 0.2, clients: ['bot'] })
})

test('the gateway’s own client, the library and the dashboard are known without being listed', () => {
  for (const name of ['default', 'library', 'dashboard']) {
    assert.deepEqual(policy(`policy: { ceilings: [{ client: ${name}, usdPerDay: 1 }] }`).ceilings, [
      { client: name, window: 'day', nanoUsd: 1_000_000_000 },
    ])
    policy(`policy: { reserve: { share: 0.5, clients: [${name}] } }`)
  }
})

test('a name that stands nowhere is refused, with the names that do', () => {
  const clients = 'clients: [{ name: bot, key: k }]'
  assert.equal(
    refusal(`policy: { ceilings: [{ client: bott, usdPerDay: 1 }] }\n${clients}`),
    'the policy names a client "bott" that is not under "clients"; known: default, library, dashboard, bot',
  )
  assert.match(refusal(`policy: { reserve: { share: 0.1, clients: [vip] } }\n${clients}`), /a client "vip"/)
})

test('ceilings and shares that make no sense are refused with their line', () => {
  const wrong = [
    ['policy:\n  ceilings: [{ lane: paid }]', 'usdPerDay'],
    ['policy:\n  ceilings: [{ usdPerDay: -1 }]', 'usdPerDay'],
    ['policy:\n  ceilings: [{ lane: free, usdPerDay: 1 }]', 'lane'],
    ['policy:\n  ceilings: [{ usdPerWeek: 1 }]', 'usdPerWeek'],
    ['policy:\n  reserve: { share: 80, clients: [] }', 'share'],
    ['policy:\n  freeonly: true', 'freeOnly'],
    ['clients:\n  - { name: bot }', 'keyEnv'],
    ['clients:\n  - { name: "a b", key: k }', 'name'],
  ] as const
  for (const [text, word] of wrong) {
    const message = refusal(text)
    assert.match(message, /^switchyard\.yaml:2: /, message)
    assert.ok(message.includes(word), message)
  }
})

test('property: no amount is lost on the way to nano-dollars', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), (cents) => {
      const { ceilings } = policyOf({ policy: { ceilings: [{ usdPerDay: cents / 100 }] } })
      assert.deepEqual(ceilings, [{ window: 'day', nanoUsd: cents * 10_000_000 }])
    }),
  )
})
