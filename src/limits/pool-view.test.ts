import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createMovableClock, type MovableClock } from '../clock.ts'
import type { Fault, FaultScope, Limit, Provider } from '../providers/provider.ts'
import { Secret } from '../secret.ts'
import { Account } from './account.ts'
import { Credential } from './credential.ts'
import { KeyPool, type Lease, type PoolView } from './pool.ts'
import type { Want } from './want.ts'

const noon = Date.UTC(2026, 10, 23, 12)
const limits: readonly Limit[] = [
  { name: 'per-minute', metric: 'requests', window: 'minute', max: 3, lane: 'free' },
  { name: 'per-day', metric: 'requests', window: 'day', max: 9, lane: 'free' },
  { name: 'at-once', metric: 'in-flight', max: 4, lane: 'all' },
]
const service: Provider = {
  name: 'service',
  title: 'Service',
  baseUrl: 'https://service.example',
  environment: { key: 'SERVICE_KEY', baseUrl: 'SERVICE_URL' },
  speaks: { 'openai-chat': { path: '/chat' } },
  authorize: () => ({}),
  lane: 'free',
  spread: 'in-order',
  auto: { only: () => ({ model: 'm' }) },
  claims: () => true,
  upstreamModel: (model) => model,
  isFree: () => true,
  limits,
  faultRules: [],
  readFailure: () => ({ status: 0, message: '', shaped: false, marks: [] }),
}
const want: Want = {
  model: 'm',
  free: true,
  avoid: new Set(),
  tokens: 100,
  nanoUsd: 1000,
  keptShare: 0,
}

interface Setup {
  readonly clock: MovableClock
  readonly pool: KeyPool
}

function setup(groups: readonly number[], spread: Provider['spread'] = 'in-order'): Setup {
  const clock = createMovableClock({ start: noon })
  let number = 0
  const accounts = groups.map((size, index) => {
    const keys = Array.from(
      { length: size },
      () => new Credential('service', `KEY_${++number}`, new Secret(`secret-${number}`)),
    )
    return new Account(`account-${index + 1}`, keys, limits)
  })
  const holds = { hold: () => {}, release: () => {} }
  return { clock, pool: new KeyPool({ ...service, spread }, accounts, { clock, random: () => 0.5, holds }) }
}

/** What people see of a view. */
function shown({ accounts, exhausted }: PoolView): unknown {
  return {
    accounts: accounts.map(({ account, chosen, obstacle, keys }) => ({
      id: account.id,
      chosen,
      reason: obstacle?.reason,
      keys: keys.map(({ key, obstacle: own }) => [key.name, own?.reason]),
    })),
    exhausted,
  }
}

const names = (view: PoolView): string[] => view.accounts.map(({ account }) => account.id)

test('accounts that can come in the order they would be used in, the others by when they return', () => {
  const { pool } = setup([1, 1, 1])
  for (let call = 0; call < 3; call++) pool.lease(want)
  const second = pool.lease(want)
  assert.ok(!('exhausted' in second))
  const spent: Fault = {
    rule: 'r',
    kind: 'quota',
    scope: 'account',
    lane: 'free',
    message: 'spent until one',
    stated: true,
    until: noon + 3_600_000,
  }
  second.settle({ type: 'fault', fault: spent })
  const view = pool.view(want)
  assert.deepEqual(names(view), ['account-3', 'account-1', 'account-2'])
  assert.deepEqual(
    view.accounts.map(({ obstacle }) => obstacle?.reason),
    [undefined, 'free requests of this minute spent (3/3)', 'spent until one'],
  )
  assert.equal(view.exhausted, undefined)
})

test('keys are listed as they take turns, those that cannot after them with their reason', () => {
  const { pool } = setup([3])
  pool.lease(want)
  const [account] = pool.view({ ...want, avoid: new Set(['KEY_3']) }).accounts
  assert.deepEqual(
    account?.keys.map(({ key, obstacle }) => [key.name, obstacle?.reason]),
    [
      ['KEY_2', undefined],
      ['KEY_1', undefined],
      ['KEY_3', 'every key was tried for this request'],
    ],
  )
})

test('in a hurry the one with the most of its day left stands first, and says so', () => {
  const { pool } = setup([1, 1])
  for (let call = 0; call < 4; call++) pool.lease(want)
  const [first] = pool.view({ ...want, avoid: new Set(['KEY_1']) }).accounts
  assert.deepEqual([first?.account.id, first?.chosen], ['account-2', 'room'])
})

test('of many accounts each is listed once, whatever the order', () => {
  for (const spread of ['in-order', 'evenly'] as const) {
    const { pool } = setup(
      Array.from({ length: 200 }, () => 1),
      spread,
    )
    for (let call = 0; call < 250; call++) pool.lease(want)
    const listed = names(pool.view(want))
    assert.deepEqual(listed.toSorted(), pool.accounts.map(({ id }) => id).toSorted())
    // In turn, from whose turn it is; in a hurry, by what is left.
    if (spread === 'evenly') assert.deepEqual(listed.slice(0, 2), ['account-51', 'account-52'])
  }
})

const scopes: readonly FaultScope[] = ['request', 'key', 'account', 'account-model', 'model', 'provider']

type Step =
  | { readonly kind: 'lease'; readonly want: Want }
  | { readonly kind: 'settle'; readonly pick: number; readonly scope: FaultScope | undefined }
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'cap'; readonly pick: number; readonly left: number }

const wants: fc.Arbitrary<Want> = fc
  .record({
    model: fc.constantFrom('m', 'n'),
    free: fc.boolean(),
    avoid: fc.subarray(['KEY_1', 'KEY_2', 'KEY_3', 'KEY_4'], { maxLength: 2 }),
    keptShare: fc.constantFrom(0, 0.5),
    talk: fc.option(fc.record({ id: fc.constantFrom('a', 'b', 'c'), continues: fc.boolean() })),
  })
  .map(({ avoid, talk, ...rest }) => ({
    ...want,
    ...rest,
    avoid: new Set(avoid),
    ...(talk !== null && { conversation: () => talk }),
  }))

const scripts: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('lease' as const), want: wants }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('settle' as const),
        pick: fc.nat(),
        scope: fc.option(fc.constantFrom(...scopes), { nil: undefined }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('cap' as const),
        pick: fc.nat(),
        left: fc.constantFrom(0, 5000),
      }),
    },
  ),
  { maxLength: 120 },
)

/** The same script on a pool that is looked at before every call and on one that never is. */
function sameWithAndWithoutLooking(look: (pool: KeyPool, ask: Want) => PoolView): void {
  const shapes = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 })
  const spreads = fc.constantFrom<Provider['spread'][]>('in-order', 'evenly')
  fc.assert(
    fc.property(scripts, shapes, spreads, (script, groups, spread) => {
      const viewed = setup(groups, spread)
      const blind = setup(groups, spread)
      const out: { readonly one: Lease; readonly other: Lease }[] = []
      for (const step of script) {
        if (step.kind === 'time') for (const { clock } of [viewed, blind]) clock.advance(step.ms)
        else if (step.kind === 'cap') {
          for (const { pool } of [viewed, blind]) {
            const keys = pool.accounts.flatMap((account) => account.keys)
            const credential = keys[step.pick % keys.length]
            const cap = { max: 5000, left: step.left, window: 'day' as const }
            if (credential !== undefined) pool.hear([{ credential, news: { limits: [], key: { cap } } }])
          }
        } else if (step.kind === 'settle') {
          const [pair] = out.splice(step.pick % Math.max(1, out.length), 1)
          if (pair === undefined) continue
          for (const lease of [pair.one, pair.other]) lease.settle(endOf(step.scope))
        } else {
          const view = look(viewed.pool, step.want)
          assert.deepEqual(shown(viewed.pool.view(step.want)), shown(view), 'a second look sees the same')
          const one = viewed.pool.lease(step.want)
          const other = blind.pool.lease(step.want)
          if ('exhausted' in one || 'exhausted' in other) {
            assert.deepEqual(one, other)
            const { passed: _, ...refusal } = { passed: undefined, ...one }
            assert.deepEqual(view.exhausted, refusal)
            continue
          }
          const [first] = view.accounts
          assert.deepEqual(
            [first?.account.id, first?.keys[0]?.key.name, first?.chosen, view.exhausted],
            [one.account, one.credential.name, one.chosen, undefined],
            'what is named first is what is taken',
          )
          assert.deepEqual([one.account, one.credential.name], [other.account, other.credential.name])
          out.push({ one, other })
        }
      }
    }),
    { numRuns: 300 },
  )
}

function endOf(scope: FaultScope | undefined): Parameters<Lease['settle']>[0] {
  if (scope === undefined) return { type: 'answered' }
  const fault: Fault = { rule: 'r', kind: 'busy', scope, lane: 'all', message: 'busy', stated: false }
  return { type: 'fault', fault }
}

test('property: what is named first is what the next lease takes, and looking changes nothing', () => {
  sameWithAndWithoutLooking((pool, ask) => pool.view(ask))
})

test('negative control: the same property finds a look that takes something', () => {
  assert.throws(() =>
    sameWithAndWithoutLooking((pool, ask) => {
      const view = pool.view(ask)
      pool.lease(ask)
      return view
    }),
  )
})
