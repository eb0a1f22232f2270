import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createMovableClock, type MovableClock } from '../clock.ts'
import type { Hold } from '../ledger/ledger.ts'
import type { Capacity, Fault, FaultKind, Provider } from '../providers/provider.ts'
import { Secret } from '../secret.ts'
import { Account } from './account.ts'
import { Credential } from './credential.ts'
import { LimitCounter } from './counter.ts'
import { RestBook } from './rest-book.ts'

const noon = Date.UTC(2026, 10, 23, 12)
const midnight = Date.UTC(2026, 10, 24)
const staleMs = 90_000

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
  limits: [],
  faultRules: [],
  readFailure: () => ({ status: 0, message: '', shaped: false, marks: [] }),
}

interface Setup {
  readonly clock: MovableClock
  readonly book: RestBook
  readonly account: Account
  readonly written: Map<string, Hold>
  blame(facts?: Partial<Fault>): void
}

/** One account with two keys, and its book. */
function setup(): Setup {
  const clock = createMovableClock({ start: noon })
  const written = new Map<string, Hold>()
  const holds = {
    hold: (hold: Hold) => void written.set(hold.name, hold),
    release: (name: string) => void written.delete(name),
  }
  const book = new RestBook(service, { clock, random: () => 0.5, holds })
  const [first, second] = ['one', 'two'].map(
    (name) => new Credential('service', name, new Secret(`key-${name}`)),
  )
  assert.ok(first && second)
  const account = new Account('account', [first, second], [])
  const blame = (facts: Partial<Fault> = {}): void =>
    book.blame(
      {
        rule: 'r',
        kind: 'quota',
        scope: 'account',
        lane: 'free',
        message: 'spent',
        stated: true,
        until: midnight,
        ...facts,
      },
      { account, credential: first, model: 'm', startedAt: clock.now(), free: true },
    )
  return { clock, book, account, written, blame }
}

test('rests of models are found again under any name of key and model', () => {
  const names = ['a', 'a/model/b', 'a#none']
  const models = ['m', 'org/m', 'org/model/m:free', 'x#y']
  const written = new Map<string, Hold>()
  for (const again of [false, true]) {
    const holds = { hold: (hold: Hold) => void written.set(hold.name, hold), release: () => {} }
    const book = new RestBook(service, {
      clock: createMovableClock({ start: noon }),
      random: () => 0.5,
      holds,
    })
    const accounts = names.map((name) => new Account(name, [new Credential('service', name, undefined)], []))
    if (again) book.restore(accounts, [...written.values()])
    for (const [index, account] of accounts.entries()) {
      const [credential] = account.keys
      const model = models[index] ?? ''
      assert.ok(credential)
      const resting = [...account.models].flatMap(([each, rest]) => (rest.active(noon) ? [each] : []))
      assert.deepEqual(resting, again ? [model, `all-${index}`] : [])
      for (const each of [model, `all-${index}`]) {
        const blamed = { account, credential, model: each, startedAt: noon, free: true }
        const facts = { rule: 'r', kind: 'busy', message: 'busy', stated: true, until: midnight } as const
        book.blame({ ...facts, scope: 'account-model', lane: 'all' }, blamed)
      }
    }
  }
})

const left: Capacity = { lane: 'free', left: true }

test('a reading of something left ends a rest, but not one younger than the reading may be old', () => {
  const { clock, book, account, written, blame } = setup()
  blame()
  assert.equal(written.size, 2, 'written under both keys')
  clock.set(noon + staleMs - 1)
  book.hear(account, left)
  assert.ok(account.rests.free.active(clock.now()))
  clock.set(noon + staleMs)
  book.hear(account, left)
  assert.equal(account.rests.free.active(clock.now()), false)
  assert.equal(written.size, 0, 'nor does it come back after a restart')
})

test('a refusal while the account rests makes the rest young again', () => {
  const { clock, book, account, blame } = setup()
  blame()
  clock.set(noon + 60_000)
  blame()
  clock.set(noon + staleMs)
  book.hear(account, left)
  assert.ok(account.rests.free.active(clock.now()))
})

test('a reading of one lane says nothing about the other', () => {
  const { clock, book, account, blame } = setup()
  blame({ lane: 'all' })
  clock.set(noon + staleMs)
  book.hear(account, left)
  assert.ok(account.rests.all.active(clock.now()))
})

test('only rests that mean "spent" are ended by what is left', () => {
  const ended: Partial<Record<FaultKind, boolean>> = {}
  for (const kind of ['quota', 'rate', 'credits', 'busy', 'blocked', 'credential', 'network'] as const) {
    const { clock, book, account, blame } = setup()
    blame({ kind })
    clock.set(noon + staleMs)
    book.hear(account, left)
    ended[kind] = !account.rests.free.active(clock.now())
  }
  assert.deepEqual(ended, {
    quota: true,
    rate: true,
    credits: true,
    busy: false,
    blocked: false,
    credential: false,
    network: false,
  })
})

test('a reading of nothing left begins a rest until the stated time, or until the next reading', () => {
  const { clock, book, account, written } = setup()
  book.hear(account, { lane: 'all', left: false, why: 'the credit is spent', until: midnight })
  const { all } = account.rests
  assert.deepEqual([all.until, all.kind, all.why], [midnight, 'quota', 'the credit is spent'])
  assert.deepEqual(
    [...written.values()].map(({ until, why }) => [until, why]),
    [
      [midnight, 'the credit is spent'],
      [midnight, 'the credit is spent'],
    ],
  )
  const other = setup()
  other.book.hear(other.account, { lane: 'all', left: false })
  assert.equal(other.account.rests.all.until, noon + staleMs)
  clock.set(noon + staleMs)
  book.hear(account, { lane: 'all', left: true })
  assert.equal(all.active(clock.now()), false, 'bought credit ends it early')
})

test('a shorter rest never shortens a longer one', () => {
  const { book, account, blame } = setup()
  blame({ lane: 'all', until: midnight })
  book.hear(account, { lane: 'all', left: false, until: noon + 1000 })
  assert.equal(account.rests.all.until, midnight)
})

type Step = { readonly waitMs: number; readonly type: 'refused' | 'left' | 'spent' }

function neverEndsEarly(allowedMs: number): void {
  const step: fc.Arbitrary<Step> = fc.record({
    waitMs: fc.integer({ min: 0, max: 60_000 }),
    type: fc.constantFrom('refused' as const, 'left' as const, 'spent' as const),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { clock, book, account, blame } = setup()
      let refusedAt = Number.NEGATIVE_INFINITY
      for (const { waitMs, type } of steps) {
        clock.advance(waitMs)
        const now = clock.now()
        if (type === 'refused') {
          blame()
          refusedAt = now
        } else book.hear(account, { lane: 'free', left: type === 'left' })
        const rests = account.rests.free.active(now)
        assert.ok(rests || now - refusedAt >= allowedMs, 'ended by a figure older than the refusal')
      }
    }),
    { numRuns: 300 },
  )
}

test('property: no order of readings ends the rest of a refusal that the reading may not have seen', () =>
  neverEndsEarly(staleMs))

test('negative control: the property finds a rest that ends sooner', () => {
  assert.throws(
    () => neverEndsEarly(2 * staleMs),
    (error: Error) => /older than the refusal/.test(String(error.cause)),
  )
})

const day = { name: 'day', metric: 'requests', window: 'day', max: 50, lane: 'free' } as const

test('a figure that may be of the window before does not count in the one that runs; its ceiling does', () => {
  const counter = new LimitCounter(day)
  counter.hear({ used: 50, max: 60, maxAgeMs: 90_000 }, midnight + 89_999)
  assert.deepEqual([counter.used(midnight + 89_999), counter.max], [0, 60])
  assert.equal(counter.heard(midnight + 89_999), undefined)
  counter.hear({ used: 50, maxAgeMs: 90_000 }, midnight + 90_000)
  assert.equal(counter.used(midnight + 90_000), 50)
  counter.hear({ used: 55 }, midnight + 90_000)
  assert.equal(counter.used(midnight + 90_000), 55)
})

test('what an earlier process used is added, is not the service’s word, and ends with its window', () => {
  const counter = new LimitCounter(day)
  counter.take(midnight - 500, 1)
  counter.restore(midnight - 500, 40)
  assert.equal(counter.used(midnight - 500), 41)
  assert.equal(counter.heard(midnight - 500), undefined)
  assert.equal(counter.used(midnight), 1, 'only the call that may arrive in the new day')
})

test('property: a figure changes the running count only when it surely belongs to the running window', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 86_399_999 }),
      fc.integer({ min: 0, max: 600_000 }),
      fc.integer({ min: 1, max: 100 }),
      (intoDay, maxAgeMs, used) => {
        const counter = new LimitCounter(day)
        counter.hear({ used, maxAgeMs }, midnight + intoDay)
        assert.equal(counter.used(midnight + intoDay), intoDay >= maxAgeMs ? used : 0)
      },
    ),
  )
})
