import type { Clock } from '../clock.ts'
import { dollars } from '../ledger/price.ts'
import { LimitCounter } from '../limits/counter.ts'
import type { Exhausted } from '../limits/pool.ts'
import { windowEnd } from '../limits/window.ts'
import type { WindowName } from '../providers/provider.ts'
import type { Ceiling } from './policy.ts'

/** A call that is about to cost something. */
export interface Expense {
  readonly client: string
  readonly lane: string
  /** The most it can cost; undefined when nobody knows a price. */
  readonly nanoUsd: number | undefined
  /** Why it may cost more than that, in words; undefined: it may not. */
  readonly extra?: string | undefined
}

/** Money held for one call. */
export interface Held {
  /** Once, with what the call really cost. What is not certain leaves no less than all that was held. */
  settle(cost: { readonly nanoUsd: number; readonly certain: boolean }): void
}

/**
 * Hard ceilings on spending: the most a call can cost is held before it leaves and put right afterwards, so that parallel
 * calls cannot overshoot together. Where a ceiling applies and no price is known, the call is refused. What is spent is
 * counted by client and lane whether a ceiling watches or not, so that one that is set later begins with it.
 */
export class Spending {
  readonly #clock: Clock
  readonly #purses: Map<string, Purse> = new Map()
  #ceilings: readonly Watched[]

  constructor(ceilings: readonly Ceiling[], clock: Clock) {
    this.#clock = clock
    this.#ceilings = ceilings.map((ceiling) => watchedOf(ceiling))
  }

  /** Puts other ceilings in force, at once and with all that is spent and held counted under them. */
  replace(ceilings: readonly Ceiling[]): void {
    const before = [...this.#ceilings]
    this.#ceilings = ceilings.map((ceiling) => {
      const index = before.findIndex((each) => nameOf(each.ceiling) === nameOf(ceiling))
      const [known] = index === -1 ? [] : before.splice(index, 1)
      return watchedOf(ceiling, known)
    })
  }

  /** Whether any ceiling watches this expense. */
  applies(expense: Pick<Expense, 'client' | 'lane'>): boolean {
    return this.#ceilings.some(({ ceiling }) => fits(ceiling, expense))
  }

  hold(expense: Expense): Held | Exhausted {
    if (expense.lane === 'free') return free
    const now = this.#clock.now()
    const watching = this.#watching(expense)
    const nanoUsd = mostOf(expense)
    if (watching.length > 0 && typeof nanoUsd !== 'number') {
      for (const each of watching) each.refused++
      return nanoUsd
    }
    const most = typeof nanoUsd === 'number' ? nanoUsd : 0
    const full = this.#firstFull(watching, most, now)
    if (full !== undefined) {
      full.refused++
      noteRefusal(full, most, now)
      return this.#tooDear(full, most, now)
    }
    const purse = this.#purseOf(expense)
    purse.held += most
    for (const window of windows) purse[window].take(now, most)
    return {
      settle: ({ nanoUsd: cost, certain }) => {
        // What nobody watched when it left was not bounded either: nobody promised that it costs no more than was held.
        const spent = certain || watching.length === 0 ? cost : Math.max(cost, most)
        purse.held -= most
        for (const window of windows) purse[window].adjust(now, this.#clock.now(), spent - most)
      },
    }
  }

  /** Why this expense would be refused now; nothing is held or counted. */
  refusal(expense: Expense): Exhausted | undefined {
    const watching = this.#watching(expense)
    if (watching.length === 0) return undefined
    const nanoUsd = mostOf(expense)
    if (typeof nanoUsd !== 'number') return nanoUsd
    const now = this.#clock.now()
    const full = this.#firstFull(watching, nanoUsd, now)
    return full === undefined ? undefined : this.#tooDear(full, nanoUsd, now)
  }

  #watching(expense: Expense): readonly Watched[] {
    return this.#ceilings.filter(({ ceiling }) => fits(ceiling, expense))
  }

  #firstFull(watching: readonly Watched[], nanoUsd: number, now: number): Watched | undefined {
    return watching.find(({ ceiling }) => this.#used(ceiling, now) + nanoUsd > ceiling.nanoUsd)
  }

  #tooDear({ ceiling }: Watched, nanoUsd: number, now: number): Exhausted {
    const reason = `spending ceiling (${nameOf(ceiling)}): ${dollars(this.#used(ceiling, now))} of ${dollars(ceiling.nanoUsd)} are spent or held, and this call may cost ${dollars(nanoUsd)}`
    // A call too dear for an empty ceiling will not fit tomorrow either.
    const hopeless = nanoUsd > ceiling.nanoUsd
    return {
      exhausted: true,
      kind: 'budget',
      reason,
      ...(hopeless ? {} : { freeAt: windowEnd(ceiling.window, now) }),
    }
  }

  /** Spent and held, of all that a ceiling counts. */
  #used(ceiling: Ceiling, now: number): number {
    return this.#sum(ceiling, (purse) => purse[ceiling.window].used(now))
  }

  #sum(ceiling: Ceiling, of: (purse: Purse) => number): number {
    let sum = 0
    for (const purse of this.#purses.values()) if (fits(ceiling, purse)) sum += of(purse)
    return sum
  }

  #purseOf({ client, lane }: Pick<Expense, 'client' | 'lane'>): Purse {
    const id = `${lane} ${client}`
    const found = this.#purses.get(id) ?? purseOf(client, lane)
    this.#purses.set(id, found)
    return found
  }

  /** What earlier processes spent in the windows still running; of each window once. */
  restore(
    window: WindowName,
    rows: readonly { readonly client: string; readonly lane: string; readonly mostNanoUsd: number }[],
  ): void {
    if (window !== 'day' && window !== 'month') return
    const now = this.#clock.now()
    for (const row of rows) if (row.lane !== 'free') this.#purseOf(row)[window].restore(now, row.mostNanoUsd)
  }

  /** For status: each ceiling with what is spent or held of it. */
  list(): readonly SpendingStatus[] {
    const now = this.#clock.now()
    return this.#ceilings.map(({ ceiling, refused, refusals }) => ({
      name: nameOf(ceiling),
      refusedEver: refused,
      usd: this.#used(ceiling, now) / 1e9,
      heldUsd: this.#sum(ceiling, ({ held }) => held) / 1e9,
      refused: now < refusals.until ? refusals.count : 0,
      maxUsd: ceiling.nanoUsd / 1e9,
      resetsAt: new Date(windowEnd(ceiling.window, now)).toISOString(),
    }))
  }
}

export interface SpendingStatus {
  readonly name: string
  /** Calls that were not made because of it, since the router started. */
  readonly refusedEver: number
  /** Spent, and held for calls in flight. */
  readonly usd: number
  /** The part of it that is held for calls in flight. */
  readonly heldUsd: number
  readonly maxUsd: number
  /** Calls refused in this window because what is left was too little for them. */
  readonly refused: number
  readonly resetsAt: string
}

/** A ceiling, and the calls that were not made because of it. */
interface Watched {
  readonly ceiling: Ceiling
  refused: number
  refusals: { readonly until: number; readonly count: number }
}

/** What one client spends in one lane; `held`: the part of it that is held for calls in flight, in nano-dollars. */
interface Purse {
  readonly client: string
  readonly lane: string
  readonly day: LimitCounter
  readonly month: LimitCounter
  held: number
}

const windows = ['day', 'month'] as const

function purseOf(client: string, lane: string): Purse {
  const counter = (window: Ceiling['window']): LimitCounter =>
    new LimitCounter({ name: 'spending', metric: 'nano-usd', window, lane: 'all' })
  return { client, lane, day: counter('day'), month: counter('month'), held: 0 }
}

/** Refusals of a ceiling of another amount say nothing about how full this one is. */
function watchedOf(ceiling: Ceiling, before?: Watched): Watched {
  const same = before?.ceiling.nanoUsd === ceiling.nanoUsd ? before : undefined
  return {
    ceiling,
    refused: before?.refused ?? 0,
    refusals: same?.refusals ?? { until: 0, count: 0 },
  }
}

const free: Held = { settle: () => {} }

function fits(ceiling: Ceiling, { client, lane }: Pick<Expense, 'client' | 'lane'>): boolean {
  if (lane === 'free') return false
  return (ceiling.client ?? client) === client && (ceiling.lane ?? lane) === lane
}

function nameOf({ client, lane, window }: Ceiling): string {
  return [
    client === undefined ? '' : `client ${client}`,
    lane === undefined ? '' : `${lane} lane`,
    `per ${window}`,
  ]
    .filter((part) => part !== '')
    .join(', ')
}

/** The most that an expense can cost; a refusal where nobody can say. */
function mostOf({ nanoUsd, extra }: Expense): number | Exhausted {
  if (extra !== undefined) {
    return {
      exhausted: true,
      kind: 'budget',
      reason: `a spending ceiling applies and nobody can say beforehand what ${extra} will cost`,
    }
  }
  if (nanoUsd !== undefined) return nanoUsd
  return {
    exhausted: true,
    kind: 'budget',
    reason: 'a spending ceiling applies and no price is known for the model',
  }
}

/** One too dear for an empty ceiling says nothing about how full it is. */
function noteRefusal(watched: Watched, nanoUsd: number, now: number): void {
  if (nanoUsd > watched.ceiling.nanoUsd) return
  const { until, count } = watched.refusals
  watched.refusals = { until: windowEnd(watched.ceiling.window, now), count: now < until ? count + 1 : 1 }
}
