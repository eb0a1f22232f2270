import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountStatus, KeyStatus, ProviderStatus, Status } from '../routing/status.ts'
import type { Condition } from './changes.ts'
import { conditionsOf } from './conditions.ts'
import type { Outlook } from './outlook.ts'
import { PoolPace } from './pool-pace.ts'

const noon = Date.UTC(2026, 10, 23, 12)
const midnight = '2026-11-24T00:00:00.000Z'
const minuteMs = 60_000
const ledger = { unwritten: 0 }
const unused = { requests: 0, failed: 0, inputTokens: 0, outputTokens: 0, usd: 0, unpriced: 0 }

const spend = { todayUsd: 0, monthUsd: 0, unpriced: 0 }

function key(name: string, rest: Partial<KeyStatus> = {}): KeyStatus {
  return { name, masked: 'sk-o…', inFlight: 0, disabled: false, today: unused, ...rest }
}

function account(id: string, used: number, rest: Partial<AccountStatus> = {}): AccountStatus {
  const usedFrom = { source: 'own-count', confidence: 'medium' } as const
  const day = { name: 'day', metric: 'requests', window: 'day', lane: 'free', usedFrom } as const
  const minute = { name: 'minute', metric: 'requests', window: 'minute', lane: 'free', usedFrom } as const
  return {
    id,
    inFlight: 0,
    windows: [
      { ...day, used, max: 50, remaining: 50 - used, resetsAt: midnight },
      { ...minute, used: 20, max: 20, remaining: 0, resetsAt: '2026-11-23T12:01:00.000Z' },
    ],
    cooldowns: [],
    restingModels: [],
    keys: [key(`${id}-key`)],
    ...rest,
  }
}

function provider(rest: Partial<ProviderStatus> = {}): ProviderStatus {
  return {
    name: 'free-one',
    title: 'Free One',
    endpoint: 'https://free.example',
    lane: 'free',
    health: 'ok',
    drift: [],
    restingModels: [],
    forecast: [],
    accounts: [account('one', 50), account('two', 10)],
    ...rest,
  }
}

const paid = provider({ name: 'paid-one', title: 'Paid One', lane: 'paid', accounts: [account('p', 50)] })

function look(providers: readonly ProviderStatus[], rest: Partial<Outlook> = {}): readonly Condition[] {
  const status: Status = { now: new Date(noon).toISOString(), providers, spending: [], spend, ledger }
  return conditionsOf({
    now: noon,
    status,
    forecasts: [],
    comparisons: [],
    told: new Set(),
    tastes: { zone: 'Europe/Berlin', forecastMinutes: 60, differencePercent: 10, freeOnly: false },
    ...rest,
  })
}

const kinds = (conditions: readonly Condition[]): string[] => conditions.map(({ kind }) => kind)
const textOf = ({ words }: Condition): string => [words.title, ...words.lines].join('\n')

test('a pool is spent when its last account is, whatever its minute says', () => {
  assert.deepEqual(look([provider()]), [])
  const [spent] = look([provider({ accounts: [account('one', 50), account('two', 50)] }), paid])
  assert.equal(spent?.kind, 'pool-spent')
  assert.equal(spent.until, Date.parse(midnight))
  assert.equal(
    textOf(spent),
    [
      'Free One: free quota is spent',
      '2 of 2 accounts have used up what they may call.',
      'Back: Tue 24 Nov 00:00 UTC (01:00 Europe/Berlin), in 12 h.',
      'Requests for "auto" go to Paid One meanwhile (paid).',
    ].join('\n'),
  )
})

test('an account that rests for quota or money is spent too; one that is busy is not', () => {
  const resting = (kind: string, lane?: 'free') =>
    account('one', 0, {
      cooldowns: [{ kind, why: 'x', until: midnight, ...(lane === undefined ? {} : { lane }) }],
    })
  assert.deepEqual(kinds(look([provider({ accounts: [resting('quota', 'free')] })])), ['pool-spent'])
  assert.deepEqual(kinds(look([provider({ accounts: [resting('credits')] })])), ['pool-spent'])
  assert.deepEqual(kinds(look([provider({ accounts: [resting('rate', 'free')] })])), [])
  const onPaid = provider({ lane: 'paid', accounts: [resting('quota', 'free')] })
  assert.deepEqual(kinds(look([onPaid])), [], 'free calls that rest do not close a paid pool')
})

test('where nothing takes over, the message says so', () => {
  const spent = provider({ accounts: [account('one', 50)] })
  assert.match(textOf(look([spent])[0] as Condition), /Nothing else is left: requests are refused/)
  const tastes = { zone: 'UTC', forecastMinutes: 60, differencePercent: 10, freeOnly: true }
  assert.match(textOf(look([spent, paid], { tastes })[0] as Condition), /Nothing else is left/)
})

const refused = { kind: 'credential', why: 'User not found.\u0007', until: 'released' }

test('a key that is refused is dead until a call with it succeeds, not until its rest is over', () => {
  const accounts = (rest: Partial<KeyStatus>) => [account('one', 0, { keys: [key('K1', rest), key('K2')] })]
  const [dead] = look([provider({ accounts: accounts({ cooldown: refused }) })])
  assert.equal(dead?.kind, 'key-dead')
  assert.match(textOf(dead), /refuses the key K1\nK1 \(sk-o…\): User not found\.\n1 other key goes on/)
  assert.match(textOf(dead), /switchyard keys release K1/)
  const trouble = { kind: 'credential', why: 'no', times: 1 }
  assert.deepEqual(kinds(look([provider({ accounts: accounts({ trouble }) })])), ['key-dead'])
  assert.deepEqual(kinds(look([provider({ accounts: accounts({}) })])), [])
})

test('a pool of spent accounts and dead keys is spent; one of dead keys only is not called spent', () => {
  const dead = account('two', 0, { keys: [key('K', { cooldown: refused })] })
  assert.deepEqual(kinds(look([provider({ accounts: [account('one', 50), dead] })])), [
    'key-dead',
    'pool-spent',
  ])
  assert.deepEqual(kinds(look([provider({ accounts: [dead] })])), ['key-dead'])
})

test('a provider is down after three failures in a row, or when it rests for long, until it answers', () => {
  const trouble = (times: number) => provider({ trouble: { kind: 'network', why: 'refused', times } })
  assert.deepEqual(kinds(look([trouble(2)])), [])
  assert.deepEqual(kinds(look([trouble(3)])), ['provider-down'])
  const resting = (minutes: number) =>
    provider({
      cooldown: { kind: 'blocked', why: 'a wall', until: new Date(noon + minutes * minuteMs).toISOString() },
    })
  assert.deepEqual(kinds(look([resting(4)])), [])
  assert.deepEqual(kinds(look([resting(6)])), ['provider-down'])
  assert.deepEqual(kinds(look([resting(4)], { told: new Set(['provider/free-one']) })), ['provider-down'])
})

test('the first call of a UTC day that is not free is told for that day', () => {
  const [first] = look([provider(), { ...paid, paidAt: new Date(noon).toISOString() }])
  assert.equal(first?.kind, 'paid-lane')
  assert.equal(first.subject, 'paid/paid-one/2026-11-23')
  assert.equal(first.keepUntil, Date.parse(midnight))
  assert.match(textOf(first), /cost money\. The free lane was busy for a moment, or/)
  assert.deepEqual(look([{ ...paid, paidAt: '2026-11-22T23:59:59.999Z', accounts: [] }]), [])
})

test('drift is told by what it is, and a price after a while away is news again', () => {
  const drift = (change: 'gone' | 'priced') =>
    provider({ drift: [{ model: 'a/b:free', change, since: midnight }] })
  const [gone] = look([drift('gone')])
  const [priced] = look([drift('priced')])
  assert.deepEqual([gone?.kind, priced?.kind], ['model-gone', 'model-priced'])
  assert.equal(gone?.subject, priced?.subject)
  assert.ok((priced?.level ?? 0) > (gone?.level ?? 0))
})

function budget(
  usd: number,
  rest: { heldUsd?: number; refused?: number; maxUsd?: number } = {},
): readonly Condition[] {
  const ceiling = {
    name: 'per day',
    heldUsd: 0,
    refused: 0,
    refusedEver: 0,
    maxUsd: 10,
    resetsAt: midnight,
    ...rest,
    usd,
  }
  const status: Status = { now: '', providers: [], spending: [ceiling], spend, ledger }
  return look([], { status })
}

test('a ceiling is told at four fifths and when it is reached; held money and ceilings of nothing do not count', () => {
  assert.deepEqual(kinds(budget(7.99)), [])
  assert.deepEqual(kinds(budget(8)), ['budget-80'])
  assert.deepEqual(kinds(budget(10)), ['budget-100'])
  assert.deepEqual(kinds(budget(9.5, { heldUsd: 2 })), [])
  assert.deepEqual(
    kinds(budget(9.5, { refused: 1 })),
    ['budget-100'],
    'what is left is too little for a call',
  )
  assert.deepEqual(kinds(budget(5, { refused: 1 })), [])
  assert.deepEqual(kinds(budget(0, { maxUsd: 0, refused: 9 })), [])
  assert.match(textOf(budget(8.4)[0] as Condition), /\$8\.40 of \$10\.00 are spent/)
})

test('a pace that leads to the end within the hour is told, once a window', () => {
  const pace = new PoolPace()
  const at = (minute: number): readonly Condition[] => {
    const now = noon + minute * minuteMs
    const providers = [
      provider({ accounts: [account('one', minute), account('two', Math.floor(minute / 2))] }),
    ]
    const status: Status = { now: '', providers, spending: [], spend, ledger }
    return look([], { now, status, forecasts: pace.see(status, now) })
  }
  const heard = Array.from({ length: 40 }, (_, minute) => at(minute))
  // A hundred in all at one and a half a minute: under an hour is left from the seventh minute on.
  assert.deepEqual(
    heard.map((each) => each.length > 0).indexOf(true),
    15,
    'nothing is told before a quarter of an hour is known',
  )
  const told = heard.flat().filter(({ kind }) => kind === 'forecast')
  assert.equal(new Set(told.map(({ subject }) => subject)).size, 1)
  assert.match(textOf(told[0] as Condition), /Free One: spent in about \d+ min\n\d+ requests left/)
})

test('figures of a past day that are far apart are told, near ones and those of today are not', () => {
  const day = Date.UTC(2026, 10, 22)
  const row = { provider: 'paid-one', account: 'p', metric: 'requests', name: 'requests', at: noon } as const
  const differing = (service: number, ours: number, of = day) =>
    look([], { comparisons: [{ ...row, day: of, service, ours, complete: true }] })
  assert.deepEqual(kinds(differing(120, 100)), ['difference'])
  assert.deepEqual(kinds(differing(109, 100)), [])
  assert.deepEqual(kinds(differing(4, 1)), [], 'a few calls differ by chance')
  assert.deepEqual(kinds(differing(120, 100, Date.UTC(2026, 10, 23))), [])
  assert.match(textOf(differing(120, 100)[0] as Condition), /the service 120, this router 100/)
})
