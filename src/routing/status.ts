import type { Account } from '../limits/account.ts'
import type { Credential } from '../limits/credential.ts'
import type { FigureSource, LimitCounter, Provenance } from '../limits/counter.ts'
import type { Cap } from '../limits/key-budget.ts'
import type { Rest } from '../limits/rest.ts'
import type { Lane, Metric, WindowName } from '../providers/provider.ts'
import type { KeyTotal, StoreState, UsageRow } from '../ledger/ledger.ts'
import { type Outlook, outlooksOf } from './outlook.ts'
import type { SpendingStatus } from './spending.ts'
import type { Upstream } from './upstream.ts'

/** What a router knows about its keys right now. Holds no secret: keys are named and masked. Times are ISO strings. */
export interface Status {
  readonly now: string
  readonly providers: readonly ProviderStatus[]
  /** Spending ceilings, and what is spent or held of them. */
  readonly spending: readonly SpendingStatus[]
  /** How the ledger keeps up. */
  readonly ledger: StoreState
  /** What everything cost so far, from the ledger. */
  readonly spend: SpendStatus
}

export interface SpendStatus {
  readonly todayUsd: number
  readonly monthUsd: number
  /** Calls of today whose cost nobody knows. */
  readonly unpriced: number
}

export interface ProviderStatus {
  readonly name: string
  readonly title: string
  readonly endpoint: string
  readonly lane: Lane
  /** `resting`: no call would be made now; `no-keys`: nothing is configured. */
  readonly health: 'ok' | 'resting' | 'no-keys'
  readonly cooldown?: Cooldown
  readonly trouble?: Trouble
  /** When a call that is not free last began in this process. */
  readonly paidAt?: string
  /** Models listed by the provider; undefined while the list has not been read. */
  readonly models?: number
  /** Free models that gained a price or vanished. */
  readonly drift: readonly {
    readonly model: string
    readonly change: 'priced' | 'gone'
    readonly since: string
  }[]
  readonly restingModels: readonly ({ readonly model: string } & Cooldown)[]
  readonly accounts: readonly AccountStatus[]
  /** How long what is left will last, of every window longer than a minute with a known ceiling. */
  readonly forecast: readonly Outlook[]
}

export interface AccountStatus {
  readonly id: string
  readonly inFlight: number
  readonly windows: readonly WindowStatus[]
  readonly cooldowns: readonly Cooldown[]
  /** Models that this account may not use for now. */
  readonly restingModels: readonly ({ readonly model: string } & Cooldown)[]
  readonly keys: readonly KeyStatus[]
}

/** Use of one limit in the window that is running, in the units of its metric. `max` and `remaining` are missing while the ceiling is unknown. */
export interface WindowStatus {
  readonly name: string
  readonly metric: Metric
  /** Missing for calls in flight. */
  readonly window?: WindowName
  /** `free`: only calls of free models count. */
  readonly lane: 'free' | 'all'
  readonly used: number
  readonly usedFrom: FigureStatus
  readonly max?: number
  readonly maxFrom?: FigureStatus
  readonly remaining?: number
  /** Missing for calls in flight. */
  readonly resetsAt?: string
  /** What the service last said itself, and what was counted here at that moment. */
  readonly provider?: { readonly used: number; readonly counted: number; readonly at: string }
}

/** Who said a figure, when, and how far it can be trusted. */
export interface FigureStatus {
  readonly source: FigureSource
  readonly confidence: Provenance['confidence']
  readonly at?: string
}

export interface KeyStatus {
  readonly name: string
  readonly masked: string
  readonly inFlight: number
  /** Set aside by hand. */
  readonly disabled: boolean
  readonly cooldown?: Cooldown
  readonly trouble?: Trouble
  readonly lastError?: string
  /** The key's own spending cap at the service, as last told, less what was spent since. */
  readonly cap?: {
    readonly usd: number
    readonly leftUsd: number
    readonly resetsAt?: string
    readonly at: string
  }
  /** Of today (UTC), from the ledger. */
  readonly today: KeyUse
}

export interface KeyUse {
  readonly requests: number
  readonly failed: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly usd: number
  /** Calls whose cost nobody knows; `usd` does not hold them. */
  readonly unpriced: number
}

export interface Cooldown {
  readonly kind: string
  readonly why: string
  /** ISO time, or `released`: until somebody releases the key by hand. */
  readonly until: string
  readonly lane?: 'free'
}

/** Failures since the last success, whether or not the rest that followed is over. */
export interface Trouble {
  readonly kind: string
  readonly why: string
  readonly times: number
}

export function statusOf(
  upstreams: readonly Upstream[],
  facts: {
    readonly totals: readonly KeyTotal[]
    readonly spending: readonly SpendingStatus[]
    readonly monthNanoUsd: number
    /** The last hours by provider and hour, for the pace. */
    readonly lately: readonly UsageRow[]
    readonly ledger: StoreState
    readonly now: number
  },
): Status {
  const { totals, spending, lately, monthNanoUsd, ledger, now } = facts
  const sum = (read: (total: KeyTotal) => number): number =>
    totals.reduce((before, total) => before + read(total), 0)
  return {
    now: iso(now),
    providers: upstreams.map((upstream) => providerStatus(upstream, { totals, lately }, now)),
    spending,
    ledger,
    spend: {
      todayUsd: sum(({ nanoUsd }) => nanoUsd) / 1e9,
      monthUsd: monthNanoUsd / 1e9,
      unpriced: sum(({ unpriced }) => unpriced),
    },
  }
}

function providerStatus(
  upstream: Upstream,
  { totals, lately }: { readonly totals: readonly KeyTotal[]; readonly lately: readonly UsageRow[] },
  now: number,
): ProviderStatus {
  const { provider, pool, catalogue } = upstream
  const { rest } = pool.rests
  const accounts = pool.accounts.map((account) => accountStatus(account, totals, now))
  const resting =
    rest.active(now) ||
    accounts.every(
      (account) =>
        account.cooldowns.length > 0 ||
        account.keys.every((key) => key.disabled || key.cooldown !== undefined),
    )
  return {
    name: provider.name,
    title: provider.title,
    endpoint: upstream.origin + upstream.prefix,
    lane: provider.lane,
    health: accounts.length === 0 ? 'no-keys' : resting ? 'resting' : 'ok',
    ...(rest.active(now) ? { cooldown: cooldown(rest) } : {}),
    ...trouble(rest),
    ...(pool.paidAt === undefined ? {} : { paidAt: iso(pool.paidAt) }),
    ...(catalogue.readAt === undefined ? {} : { models: catalogue.models.length }),
    drift: catalogue.drift.map(({ model, change, at }) => ({ model, change, since: iso(at) })),
    restingModels: pool.rests
      .restingModels(now)
      .map(({ model, rest: each }) => ({ model, ...cooldown(each) })),
    accounts,
    forecast: outlooksOf(provider.name, pool.accounts, lately, now),
  }
}

function accountStatus(account: Account, totals: readonly KeyTotal[], now: number): AccountStatus {
  const { all, free } = account.rests
  return {
    id: account.id,
    inFlight: account.inFlight,
    windows: account.counters.map((counter) => windowStatus(counter, now)),
    cooldowns: [
      ...(all.active(now) ? [cooldown(all)] : []),
      ...(free.active(now) ? [{ ...cooldown(free), lane: 'free' as const }] : []),
    ],
    restingModels: [...account.models].flatMap(([model, rest]) =>
      rest.active(now) ? [{ model, ...cooldown(rest) }] : [],
    ),
    keys: account.keys.map((key) => keyStatus(key, totals, now)),
  }
}

function windowStatus(counter: LimitCounter, now: number): WindowStatus {
  const used = counter.used(now)
  const { max } = counter
  const resetsAt = counter.resetsAt(now)
  const heard = counter.heard(now)
  const maxFrom = counter.maxFrom()
  return {
    name: counter.limit.name,
    metric: counter.limit.metric,
    ...(counter.limit.window === undefined ? {} : { window: counter.limit.window }),
    lane: counter.limit.lane,
    used,
    usedFrom: figure(counter.usedFrom(now)),
    ...(max === undefined ? {} : { max, remaining: Math.max(0, max - used) }),
    ...(maxFrom === undefined ? {} : { maxFrom: figure(maxFrom) }),
    ...(resetsAt === undefined ? {} : { resetsAt: iso(resetsAt) }),
    ...(heard === undefined ? {} : { provider: { ...heard, at: iso(heard.at) } }),
  }
}

function capStatus({ max, left, resetsAt, at }: Cap): NonNullable<KeyStatus['cap']> {
  return {
    usd: max / 1e9,
    leftUsd: left / 1e9,
    ...(resetsAt === undefined ? {} : { resetsAt: iso(resetsAt) }),
    at: iso(at),
  }
}

function figure({ source, confidence, at }: Provenance): FigureStatus {
  return { source, confidence, ...(at === undefined ? {} : { at: iso(at) }) }
}

function keyStatus(key: Credential, totals: readonly KeyTotal[], now: number): KeyStatus {
  const cap = key.budget.cap(now)
  const total = totals.find((each) => each.provider === key.provider && each.key === key.name)
  return {
    name: key.name,
    masked: key.secret?.masked ?? '',
    inFlight: key.inFlight,
    disabled: key.disabled.active(now),
    ...(key.rest.active(now) ? { cooldown: cooldown(key.rest) } : {}),
    ...trouble(key.rest),
    ...(key.lastError === undefined ? {} : { lastError: key.lastError }),
    ...(cap === undefined ? {} : { cap: capStatus(cap) }),
    today: {
      requests: total?.attempts ?? 0,
      failed: total?.failed ?? 0,
      inputTokens: total?.input ?? 0,
      outputTokens: total?.output ?? 0,
      usd: (total?.nanoUsd ?? 0) / 1e9,
      unpriced: total?.unpriced ?? 0,
    },
  }
}

function cooldown(rest: Rest): Cooldown {
  return { kind: rest.kind, why: rest.why, until: Number.isFinite(rest.until) ? iso(rest.until) : 'released' }
}

function trouble({ kind, why, strikes }: Rest): { readonly trouble?: Trouble } {
  return strikes === 0 ? {} : { trouble: { kind, why, times: strikes } }
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString()
}
