import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createMovableClock, type MovableClock } from '../clock.ts'
import type { Hold } from '../ledger/ledger.ts'
import type { Fault, Limit, Provider } from '../providers/provider.ts'
import { Secret } from '../secret.ts'
import { Account } from './account.ts'
import { Credential } from './credential.ts'
import { type Exhausted, KeyPool, type Lease, type LeaseEnd } from './pool.ts'

const noon = Date.UTC(2026, 10, 23, 12)
const limits: readonly Limit[] = [
  { name: 'per-minute', metric: 'requests', window: 'minute', max: 3, lane: 'free' },
  { name: 'per-day', metric: 'requests', window: 'day', max: 5, lane: 'free' },
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

interface Setup {
  readonly clock: MovableClock
  readonly pool: KeyPool
  readonly written: Map<string, Hold>
  readonly keys: readonly Credential[]
}

/** `groups`: how many keys each account has. */
function setup(groups: readonly number[], provider: Partial<Provider> = {}, given = limits): Setup {
  const clock = createMovableClock({ start: noon })
  const written = new Map<string, Hold>()
  let number = 0
  const accounts = groups.map((size, index) => {
    const keys = Array.from(
      { length: size },
      () => new Credential('service', `KEY_${++number}`, new Secret(`secret-${number}`)),
    )
    return new Account(`account-${index + 1}`, keys, given)
  })
  const holds = {
    hold: (hold: Hold) => void written.set(hold.name, hold),
    release: (name: string) => void written.delete(name),
  }
  const pool = new KeyPool({ ...service, ...provider }, accounts, { clock, random: () => 0.5, holds })
  return { clock, pool, written, keys: accounts.flatMap((account) => account.keys) }
}

const want = { model: 'm', free: true, avoid: new Set<string>(), tokens: 100, nanoUsd: 1000, keptShare: 0 }

function mustLease(pool: KeyPool, ask: Parameters<KeyPool['lease']>[0] = want): Lease {
  const lease = pool.lease(ask)
  assert.ok(!('exhausted' in lease), JSON.stringify(lease))
  return lease
}

function mustRefuse(pool: KeyPool, ask: Parameters<KeyPool['lease']>[0] = want): Exhausted {
  const lease = pool.lease(ask)
  assert.ok('exhausted' in lease)
  return lease
}

function fault(facts: Partial<Fault>): LeaseEnd {
  return {
    type: 'fault',
    fault: {
      rule: 'r',
      kind: 'quota',
      scope: 'account',
      lane: 'free',
      message: 'spent',
      stated: true,
      ...facts,
    },
  }
}

test('in order: one account is used up before the next; then the pool names the earliest return', () => {
  const { pool } = setup([1, 1])
  const names = Array.from({ length: 6 }, () => {
    const lease = mustLease(pool)
    lease.settle({ type: 'answered' })
    return lease.credential.name
  })
  assert.deepEqual(names, ['KEY_1', 'KEY_1', 'KEY_1', 'KEY_2', 'KEY_2', 'KEY_2'])
  const refusal = mustRefuse(pool)
  assert.equal(refusal.freeAt, noon + 60_000)
  assert.match(refusal.reason, /free requests of this minute spent \(3\/3\)/)
})

test('evenly: calls spread over accounts, the least busy first', () => {
  const { pool } = setup([1, 1, 1], { spread: 'evenly' })
  const first = Array.from({ length: 6 }, () => mustLease(pool))
  assert.deepEqual(
    first.map((lease) => lease.credential.name),
    ['KEY_1', 'KEY_2', 'KEY_3', 'KEY_1', 'KEY_2', 'KEY_3'],
  )
  first[1]?.settle({ type: 'answered' })
  assert.equal(mustLease(pool).credential.name, 'KEY_2')
})

test('a conversation that goes on stays with its account while that can take it; a new one goes where there is room', () => {
  const { pool } = setup([1, 1], { spread: 'evenly' })
  const talk = (id: string, continues: boolean) => {
    const lease = mustLease(pool, { ...want, conversation: () => ({ id, continues }) })
    return lease.credential.name
  }
  assert.deepEqual([talk('a', false), talk('b', false)], ['KEY_1', 'KEY_2'])
  assert.deepEqual([talk('b', true), talk('a', true), talk('b', true)], ['KEY_2', 'KEY_1', 'KEY_2'])
  // KEY_2's minute is spent: the conversation moves on.
  assert.equal(talk('b', true), 'KEY_1')
})

test('three keys of one account take turns and are one bucket', () => {
  const { pool } = setup([3])
  const names = Array.from({ length: 3 }, () => mustLease(pool).credential.name)
  assert.deepEqual(names, ['KEY_1', 'KEY_2', 'KEY_3'])
  mustRefuse(pool)
})

test('keys that a metadata read finds on one account become one bucket, with the calls of both counted', () => {
  const { pool, keys } = setup([1, 1])
  mustLease(pool)
  pool.hear(
    keys.map((credential) => ({
      credential,
      news: { account: 'user_1', limits: [{ limit: 'per-day', used: 2, max: 5 }] },
    })),
  )
  assert.equal(pool.accounts.length, 1)
  mustLease(pool)
  mustLease(pool)
  assert.match(mustRefuse(pool).reason, /minute spent \(3\/3\)/)
  assert.equal(pool.accounts[0]?.counters[1]?.used(noon), 4)
})

const together: Limit = { name: 'in-flight', metric: 'in-flight', max: 2, lane: 'all' }

test('calls that are out while their accounts become one give back the room of the one', () => {
  const { pool, keys } = setup([1, 1], {}, [together])
  const out = Array.from({ length: 4 }, () => mustLease(pool))
  pool.hear(keys.map((credential) => ({ credential, news: { account: 'user_1', limits: [] } })))
  const used = (): number | undefined => pool.accounts[0]?.counters[0]?.used(noon)
  assert.equal(used(), 4)
  for (const lease of out) lease.settle({ type: 'answered' })
  assert.equal(used(), 0)
  mustLease(pool)
})

test('a conversation follows its key into the account that the key turns out to belong to', () => {
  const { pool, keys } = setup([1, 1, 1], { spread: 'evenly' }, [together])
  const talk = (): Lease => mustLease(pool, { ...want, conversation: () => ({ id: 'a', continues: true }) })
  mustLease(pool)
  const first = talk()
  assert.equal(first.account, 'account-2')
  pool.hear(keys.slice(0, 2).map((credential) => ({ credential, news: { account: 'user_1', limits: [] } })))
  first.settle({ type: 'answered' })
  assert.equal(talk().account, 'account-1')
  // Two are out of account 1, all that fits.
  assert.equal(talk().account, 'account-3')
  assert.deepEqual(
    pool.accounts.map(({ inFlight }) => inFlight),
    [2, 1],
  )
})

test('the answer of a spent pool is that of the account that returns first, with how many there are', () => {
  const { pool, clock } = setup([1, 1])
  for (let call = 0; call < 3; call++) mustLease(pool)
  mustLease(pool).settle(fault({ until: noon + 5000, message: 'back soon' }))
  assert.deepEqual(mustRefuse(pool), {
    exhausted: true,
    kind: 'quota',
    reason: 'back soon; 2 accounts in all',
    freeAt: noon + 5000,
    passed: {
      more: 0,
      listed: [
        {
          account: 'account-1',
          kind: 'rate',
          reason: 'free requests of this minute spent (3/3)',
          freeAt: noon + 60_000,
        },
        { account: 'account-2', kind: 'quota', reason: 'back soon', freeAt: noon + 5000 },
      ],
    },
  })
  clock.advance(5000)
  mustLease(pool)
  assert.match(mustRefuse(setup([]).pool).reason, /^no key is configured$/)
  const avoid = new Set(['KEY_1'])
  assert.match(mustRefuse(setup([1]).pool, { ...want, avoid }).reason, /^every key was tried/)
})

test('what fits at once, learned from a refusal, rises again by one every ten minutes up to what the plan says', () => {
  const plans: [number | undefined, (number | undefined)[]][] = [
    [3, [1, 1, 2, 3, 3]],
    [undefined, [1, 1, 2, 3, 4]],
  ]
  for (const [max, expected] of plans) {
    const { max: _, ...limit } = together
    const { pool, clock } = setup([1], {}, [max === undefined ? limit : { ...limit, max }])
    const counter = pool.accounts[0]?.counters[0]
    const refuse = fault({ kind: 'busy', until: noon, limit: { name: 'in-flight' } })
    mustLease(pool).settle(refuse)
    const seen = [counter?.max]
    for (const minutes of [9.9, 10, 20, 30]) {
      clock.set(noon + minutes * 60_000)
      counter?.used(clock.now())
      seen.push(counter?.max)
    }
    assert.deepEqual(seen, expected)
  }
})

test('an account that its refusals name is one bucket, without any metadata read', () => {
  const { pool } = setup([1, 1])
  const first = mustLease(pool)
  first.settle(fault({ account: 'user_1', scope: 'key', until: noon + 1 }))
  assert.equal(pool.accounts.length, 2)
  const second = mustLease(pool, { ...want, avoid: new Set(['KEY_1']) })
  second.settle(fault({ account: 'user_1', until: noon + 3_600_000 }))
  assert.equal(pool.accounts.length, 1)
  assert.equal(mustRefuse(pool).freeAt, noon + 3_600_000)
})

test('a spent free lane leaves paid calls of the same account alone', () => {
  const { pool } = setup([1])
  mustLease(pool).settle(fault({ until: noon + 3_600_000 }))
  assert.equal(mustRefuse(pool).freeAt, noon + 3_600_000)
  mustLease(pool, { ...want, free: false })
})

test('each scope rests what it blames and nothing else', () => {
  const until = noon + 600_000
  const cases: [Fault['scope'], { model?: string; leases: boolean }[]][] = [
    ['request', [{ leases: true }]],
    ['key', [{ leases: false }]],
    ['account', [{ leases: false }, { model: 'other', leases: false }]],
    ['account-model', [{ leases: false }, { model: 'other', leases: true }]],
    ['model', [{ leases: false }, { model: 'other', leases: true }]],
    ['provider', [{ leases: false }, { model: 'other', leases: false }]],
  ]
  for (const [scope, expected] of cases) {
    const { pool } = setup([1])
    mustLease(pool).settle(fault({ scope, until, lane: 'all' }))
    for (const { model = 'm', leases } of expected)
      assert.equal(!('exhausted' in pool.lease({ ...want, model })), leases, `${scope} ${model}`)
  }
})

test('money missing for a free call is a debt of the account; for a paid one it closes that model only', () => {
  const debt = { kind: 'credits', scope: 'account-model', lane: 'all', until: noon + 600_000 } as const
  const free = setup([1])
  mustLease(free.pool).settle(fault(debt))
  mustRefuse(free.pool, { ...want, model: 'other' })
  mustRefuse(free.pool, { ...want, model: 'other', free: false })
  const paid = setup([1])
  mustLease(paid.pool, { ...want, free: false }).settle(fault(debt))
  mustRefuse(paid.pool, { ...want, free: false })
  mustLease(paid.pool, { ...want, model: 'other' })
})

test("one pick's trouble does not close a model behind which the service picks", () => {
  const { pool } = setup([1], { picksModel: () => true })
  mustLease(pool).settle(fault({ scope: 'model', until: noon + 60_000 }))
  mustLease(pool)
})

test('a rest written by one process is found by the next, unless the secret changed', () => {
  const { pool, written } = setup([2])
  mustLease(pool).settle(fault({ until: noon + 3_600_000 }))
  assert.equal(written.size, 2)

  const again = setup([2])
  again.pool.restore([...written.values()])
  assert.equal(mustRefuse(again.pool).freeAt, noon + 3_600_000)

  const renewed = setup([2])
  const others = [...written.values()].map((hold) => ({
    ...hold,
    name: hold.name.replace(/#\w+/, '#000000000000'),
  }))
  renewed.pool.restore(others)
  mustLease(renewed.pool)
})

test('release ends every rest of a key, in memory and on disk', () => {
  const { pool, written } = setup([1])
  mustLease(pool).settle(fault({ scope: 'key', kind: 'credential', until: Infinity }))
  assert.equal(mustRefuse(pool).freeAt, undefined)
  assert.equal(pool.release('KEY_9'), false)
  assert.equal(pool.release('KEY_1'), true)
  assert.equal(written.size, 0)
  mustLease(pool)
})

test('a disabled key takes no call, whatever is released, until it is enabled again; a later process knows', () => {
  const { pool, written } = setup([1, 1])
  assert.equal(pool.enable('KEY_9', false), false)
  assert.equal(pool.enable('KEY_1', false), true)
  pool.release('KEY_1')
  assert.equal(mustLease(pool).credential.name, 'KEY_2')
  pool.enable('KEY_2', false)
  const refused = mustRefuse(pool)
  assert.deepEqual([refused.kind, refused.freeAt], ['disabled', undefined])

  const later = setup([1, 1])
  later.pool.restore([...written.values()])
  assert.equal(mustRefuse(later.pool).kind, 'disabled')
  later.pool.enable('KEY_1', true)
  assert.equal(mustLease(later.pool).credential.name, 'KEY_1')
})

test('a lease that is settled twice is a bug and says so', () => {
  const { pool } = setup([1])
  const lease = mustLease(pool)
  lease.settle({ type: 'answered' })
  assert.throws(() => lease.settle({ type: 'answered' }), /settled twice/)
})

type Step =
  | { readonly kind: 'lease' }
  | { readonly kind: 'settle'; readonly pick: number; readonly end: number }
  | { readonly kind: 'time'; readonly ms: number }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.constant<Step>({ kind: 'lease' }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('settle' as const), pick: fc.nat(), end: fc.nat({ max: 4 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
    },
  ),
  { maxLength: 200 },
)

test('property: no interleaving sends call N+1 in any window, in flight is always what is out, and every key returns', () => {
  neverOneTooMany(limits)
})

test('negative control: the same property finds a pool that allows one call more', () => {
  assert.throws(
    () => neverOneTooMany(limits.map((limit) => ({ ...limit, max: (limit.max ?? 0) + 1 }))),
    (error: Error) => /one call too many/.test(String(error.cause)),
  )
})

function neverOneTooMany(given: readonly Limit[]): void {
  fc.assert(
    fc.property(
      steps,
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
      (script, groups) => {
        const { clock, pool } = setup(groups, {}, given)
        const ends: LeaseEnd[] = [
          { type: 'answered' },
          { type: 'aborted' },
          { type: 'unsent' },
          fault({ kind: 'busy', scope: 'account-model', lane: 'all', stated: false }),
          fault({ kind: 'busy', scope: 'key', lane: 'all', until: noon + 30_000 }),
        ]
        const out: { readonly lease: Lease; readonly at: number }[] = []
        const sent = new Map<string, number>()
        for (const step of script) {
          if (step.kind === 'time') clock.advance(step.ms)
          else if (step.kind === 'settle') {
            const [call] = out.splice(step.pick % Math.max(1, out.length), 1)
            const end = ends[step.end]
            if (call === undefined || end === undefined) continue
            call.lease.settle(end)
            if (end.type === 'unsent')
              for (const name of windowsOf(call.lease, call.at)) sent.set(name, (sent.get(name) ?? 0) - 1)
          } else {
            const lease = pool.lease(want)
            if ('exhausted' in lease) continue
            out.push({ lease, at: clock.now() })
            for (const name of windowsOf(lease, clock.now())) {
              sent.set(name, (sent.get(name) ?? 0) + 1)
              assert.ok(
                (sent.get(name) ?? 0) <= (name.includes('day') ? 5 : 3),
                `${name} got one call too many`,
              )
            }
          }
          assert.equal(
            pool.accounts.reduce((sum, account) => sum + account.inFlight, 0),
            out.length,
          )
        }
        for (const { lease } of out) lease.settle({ type: 'answered' })
        clock.advance(2 * 86_400_000)
        for (const account of pool.accounts) {
          for (const key of account.keys)
            assert.ok(
              account.nextKey(clock.now(), {
                free: true,
                avoid: new Set(
                  pool.accounts
                    .flatMap((each) => each.keys)
                    .filter((other) => other !== key)
                    .map((other) => other.name),
                ),
              }),
            )
        }
        mustLease(pool)
      },
    ),
    { numRuns: 300 },
  )
}

function windowsOf(lease: Lease, at: number): string[] {
  return [
    `${lease.account} minute ${Math.floor(at / 60_000)}`,
    `${lease.account} day ${Math.floor(at / 86_400_000)}`,
  ]
}

test('in order, but in a hurry: when one account’s minute was full, those with the most of their day left go first', () => {
  const day = 6
  const { pool, clock } = setup([1, 1, 1], {}, [
    { name: 'per-minute', metric: 'requests', window: 'minute', max: 2, lane: 'free' },
    { name: 'per-day', metric: 'requests', window: 'day', max: day, lane: 'free' },
  ])
  const minute = (calls: number): string[] => {
    const names = Array.from({ length: calls }, () => {
      const lease = mustLease(pool)
      lease.settle({ type: 'answered' })
      return lease.credential.name
    })
    clock.advance(60_000)
    return names
  }
  // Five a minute are more than two accounts pass. Spent in order, the third would have half its day left at the end.
  assert.deepEqual(minute(5), ['KEY_1', 'KEY_1', 'KEY_2', 'KEY_3', 'KEY_2'])
  assert.deepEqual(minute(5), ['KEY_3', 'KEY_1', 'KEY_2', 'KEY_3', 'KEY_1'])
  minute(5)
  minute(3)
  assert.deepEqual(
    pool.accounts.map((account) => account.left(clock.now(), true)),
    [0, 0, 0],
  )
})

test('in a hurry thousands of accounts are spent alike, and cost a call no more time than a few do', () => {
  const day = 50
  const { pool, clock } = setup(
    Array.from({ length: 5000 }, () => 1),
    {},
    [
      { name: 'per-minute', metric: 'requests', window: 'minute', max: 2, lane: 'free' },
      { name: 'per-day', metric: 'requests', window: 'day', max: day, lane: 'free' },
    ],
  )
  const begun = performance.now()
  for (let call = 0; call < 20_000; call++) {
    mustLease(pool).settle({ type: 'answered' })
    if (call % 1000 === 0) clock.advance(30_000)
  }
  // All of them compared each time, these were minutes.
  assert.ok(performance.now() - begun < 10_000)
  // The first one is asked alone each time that a hurry seems to be over.
  const left = pool.accounts.slice(1).map((account) => account.left(clock.now(), true))
  assert.ok(Math.max(...left) - Math.min(...left) <= 3, `${Math.min(...left)} to ${Math.max(...left)}`)
})

test('a hurry is over after a whole minute in which one account was enough', () => {
  const { pool, clock } = setup([1, 1], {}, [
    { name: 'per-minute', metric: 'requests', window: 'minute', max: 2, lane: 'free' },
    { name: 'per-day', metric: 'requests', window: 'day', max: 50, lane: 'free' },
  ])
  const call = (): string => {
    const lease = mustLease(pool)
    lease.settle({ type: 'answered' })
    return lease.credential.name
  }
  assert.deepEqual([call(), call(), call()], ['KEY_1', 'KEY_1', 'KEY_2'])
  clock.advance(60_000)
  assert.equal(call(), 'KEY_2')
  clock.advance(120_000)
  assert.deepEqual([call(), call()], ['KEY_1', 'KEY_1'])
})

test('a key whose own cap is spent takes no paid call; free ones pass, and other keys take the paid ones', () => {
  const { pool, keys } = setup([2], {}, [])
  const [first, second] = keys
  assert.ok(first !== undefined && second !== undefined)
  const cap = { max: 5e9, left: 0, window: 'day' as const }
  pool.hear([{ credential: first, news: { limits: [], key: { cap } } }])
  const paid = { ...want, free: false }
  assert.deepEqual(
    [mustLease(pool, paid), mustLease(pool, paid)].map(({ credential }) => credential.name),
    ['KEY_2', 'KEY_2'],
  )
  pool.hear([{ credential: second, news: { limits: [], key: { cap: { ...cap, left: 2 } } } }])
  mustLease(pool, paid).settle({ type: 'answered' }, { tokens: 1, nanoUsd: 3, certain: true })
  const refusal = mustRefuse(pool, paid)
  assert.equal(refusal.kind, 'quota')
  assert.equal(refusal.freeAt, Date.UTC(2026, 10, 24))
  assert.match(refusal.reason, /the spending cap of KEY_1 at the service \(\$5.00 a day\) is used up/)
  mustLease(pool)
})
