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

/** A ceiling, and what is spent or held of it. */
interface Watcher {
  readonly ceiling: Ceiling
  readonly counter: LimitCounter
}

/**
 * Hard ceilings on spending: the most a call can cost is held before it leaves and put right afterwards, so that parallel
 * calls cannot overshoot together. Where a ceiling applies and no price is known, the call is refused.
 */
export class Spending {
  readonly #clock: Clock
  readonly #ceilings: readonly Watcher[]

  constructor(ceilings: readonly Ceiling[], clock: Clock) {
    this.#clock = clock
    this.#ceilings = ceilings.map((ceiling) => ({
      ceiling,
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
    const refused = this.refusal(expense)
    if (refused !== undefined) return refused
    const { nanoUsd } = expense
    const watching = this.#watching(expense)
    if (watching.length === 0 || nanoUsd === undefined) return free
    const now = this.#clock.now()
    for (const { counter } of watching) counter.take(now, nanoUsd)
    return {
      settle: ({ nanoUsd: cost, certain }) => {
        const spent = certain ? cost : Math.max(cost, nanoUsd)
        for (const { counter } of watching) counter.adjust(now, this.#clock.now(), spent - nanoUsd)
      },
    }
  }

  /** Why this expense would be refused now; nothing is held. */
  refusal(expense: Expense): Exhausted | undefined {
    const watching = this.#watching(expense)
    if (watching.length === 0) return undefined
    const { nanoUsd, extra } = expense
    if (extra !== undefined) {
      return {
        exhausted: true,
        kind: 'budget',
        reason: `a spending ceiling applies and nobody can say beforehand what ${extra} will cost`,
      }
    }
    if (nanoUsd === undefined) {
      return {
        exhausted: true,
        kind: 'budget',
        reason: 'a spending ceiling applies and no price is known for the model',
      }
    }
    const now = this.#clock.now()
    const full = watching.find(({ counter }) => !counter.hasRoom(now, nanoUsd))
    return full === undefined ? undefined : tooDear(full.ceiling, full.counter, nanoUsd, now)
  }

  #watching(expense: Expense): readonly Watcher[] {
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
    return this.#ceilings.map(({ ceiling, counter }) => ({
      name: nameOf(ceiling),
      usd: counter.used(now) / 1e9,
      maxUsd: ceiling.nanoUsd / 1e9,
      resetsAt: new Date(counter.resetsAt(now) ?? now).toISOString(),
    }))
  }
}

export interface SpendingStatus {
  readonly name: string
  /** Spent, and held for calls in flight. */
  readonly usd: number
  readonly maxUsd: number
  readonly resetsAt: string
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

function tooDear(ceiling: Ceiling, counter: LimitCounter, nanoUsd: number, now: number): Exhausted {
  const reason = `spending ceiling (${nameOf(ceiling)}): ${dollars(counter.used(now))} of ${dollars(ceiling.nanoUsd)} are spent or held, and this call may cost ${dollars(nanoUsd)}`
  const resetsAt = counter.resetsAt(now)
  // A call too dear for an empty ceiling will not fit tomorrow either.
  const hopeless = nanoUsd > ceiling.nanoUsd || resetsAt === undefined
  return { exhausted: true, kind: 'budget', reason, ...(hopeless ? {} : { freeAt: resetsAt }) }
}
