import type { Clock } from '../clock.ts'
import { dollars } from '../ledger/price.ts'
import { LimitCounter } from '../limits/counter.ts'
import type { Exhausted } from '../limits/pool.ts'
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
 * calls cannot overshoot together. Where a ceiling applies and no price is known, the call is refused.
 */
export class Spending {
  readonly #clock: Clock
  readonly #ceilings: readonly Watched[]

  constructor(ceilings: readonly Ceiling[], clock: Clock) {
    this.#clock = clock
    this.#ceilings = ceilings.map((ceiling) => ({
      ceiling,
      refused: 0,
      held: 0,
      refusals: { until: 0, count: 0 },
      counter: new LimitCounter({
        name: nameOf(ceiling),
        metric: 'nano-usd',
        window: ceiling.window,
        max: ceiling.nanoUsd,
        lane: 'all',
      }),
    }))
  }

  /** Whether any ceiling watches this expense. */
  applies(expense: Pick<Expense, 'client' | 'lane'>): boolean {
    return this.#ceilings.some(({ ceiling }) => fits(ceiling, expense))
  }

  hold(expense: Expense): Held | Exhausted {
    const watching = this.#watching(expense)
    if (watching.length === 0) return free
    const nanoUsd = mostOf(expense)
    if (typeof nanoUsd !== 'number') {
      for (const each of watching) each.refused++
      return nanoUsd
    }
    const now = this.#clock.now()
    const full = watching.find(({ counter }) => !counter.hasRoom(now, nanoUsd))
    if (full !== undefined) {
      full.refused++
      noteRefusal(full, nanoUsd, now)
      return tooDear(full, nanoUsd, now)
    }
    for (const each of watching) {
      each.counter.take(now, nanoUsd)
      each.held += nanoUsd
    }
    return {
      settle: ({ nanoUsd: cost, certain }) => {
        const spent = certain ? cost : Math.max(cost, nanoUsd)
        for (const each of watching) {
          each.counter.adjust(now, this.#clock.now(), spent - nanoUsd)
          each.held -= nanoUsd
        }
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
    const full = watching.find(({ counter }) => !counter.hasRoom(now, nanoUsd))
    return full === undefined ? undefined : tooDear(full, nanoUsd, now)
  }

  #watching(expense: Expense): readonly Watched[] {
    return this.#ceilings.filter(({ ceiling }) => fits(ceiling, expense))
  }

  /** Whether any ceiling is counted in this window. */
  watches(window: WindowName): boolean {
    return this.#ceilings.some(({ ceiling }) => ceiling.window === window)
  }

  /** What earlier processes spent in the windows still running. */
  restore(
    window: WindowName,
    rows: readonly { readonly client: string; readonly lane: string; readonly mostNanoUsd: number }[],
  ): void {
    const now = this.#clock.now()
    for (const { ceiling, counter } of this.#ceilings) {
      if (ceiling.window !== window) continue
      for (const row of rows) if (fits(ceiling, row)) counter.restore(now, row.mostNanoUsd)
    }
  }

  /** For status: each ceiling with what is spent or held of it. */
  list(): readonly SpendingStatus[] {
    const now = this.#clock.now()
    return this.#ceilings.map(({ ceiling, counter, held, refused, refusals }) => ({
      name: nameOf(ceiling),
      refusedEver: refused,
      usd: counter.used(now) / 1e9,
      heldUsd: held / 1e9,
      refused: now < refusals.until ? refusals.count : 0,
      maxUsd: ceiling.nanoUsd / 1e9,
      resetsAt: new Date(counter.resetsAt(now) ?? now).toISOString(),
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

/** A ceiling, what is counted under it, and in nano-dollars what is held for calls in flight. */
interface Watched {
  readonly ceiling: Ceiling
  readonly counter: LimitCounter
  held: number
  refused: number
  refusals: { readonly until: number; readonly count: number }
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
  watched.refusals = { until: watched.counter.resetsAt(now) ?? now, count: now < until ? count + 1 : 1 }
}

function tooDear({ ceiling, counter }: Watched, nanoUsd: number, now: number): Exhausted {
  const reason = `spending ceiling (${nameOf(ceiling)}): ${dollars(counter.used(now))} of ${dollars(ceiling.nanoUsd)} are spent or held, and this call may cost ${dollars(nanoUsd)}`
  const resetsAt = counter.resetsAt(now)
  // A call too dear for an empty ceiling will not fit tomorrow either.
  const hopeless = nanoUsd > ceiling.nanoUsd || resetsAt === undefined
  return { exhausted: true, kind: 'budget', reason, ...(hopeless ? {} : { freeAt: resetsAt }) }
}
