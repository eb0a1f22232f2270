import type { KeyNews } from '../providers/provider.ts'
import { windowEnd, windowStart } from './window.ts'

/**
 * What one key may spend under a cap of its own at the service, and what this router spent with it today, in
 * nano-dollars. A cap bounds paid calls only: services let free ones pass it.
 */
export class KeyBudget {
  #cap: Cap | undefined
  #today = 0
  #own = 0
  #told: Told | undefined

  /** What the service says of the key now. */
  hear({ cap, spentToday }: KeyNews, now: number): void {
    this.#roll(now)
    this.#cap =
      cap === undefined
        ? undefined
        : { ...cap, at: now, ...(cap.window && { resetsAt: windowEnd(cap.window, now) }) }
    if (spentToday !== undefined) this.#told = { service: spentToday, ours: this.#own, at: now }
  }

  /** A call that began at `at` has cost this much. */
  spend(nanoUsd: number, at: number, now: number): void {
    this.#roll(now)
    if (at >= this.#today) this.#own += nanoUsd
    if (this.#cap !== undefined) this.#cap = { ...this.#cap, left: Math.max(0, this.#cap.left - nanoUsd) }
  }

  /** What an earlier process spent today. */
  restore(nanoUsd: number, now: number): void {
    this.#roll(now)
    this.#own += nanoUsd
  }

  /** The cap while nothing of it is left; undefined: paid calls may go. */
  spent(now: number): Cap | undefined {
    return this.cap(now)?.left === 0 ? this.#cap : undefined
  }

  /** Undefined: the key has none, or nobody has said since it began anew. */
  cap(now: number): Cap | undefined {
    if (this.#cap?.resetsAt !== undefined && now >= this.#cap.resetsAt) this.#cap = undefined
    return this.#cap
  }

  /** What the service last said was spent today, beside our own count at that moment. */
  told(now: number): Told | undefined {
    this.#roll(now)
    return this.#told
  }

  #roll(now: number): void {
    const today = windowStart('day', now)
    if (today <= this.#today) return
    this.#today = today
    this.#own = 0
    this.#told = undefined
  }
}

/** A spending cap as last told, less what was spent since. */
export interface Cap {
  readonly max: number
  readonly left: number
  readonly window?: 'day' | 'week' | 'month'
  /** Epoch milliseconds at which it begins anew; undefined: never. */
  readonly resetsAt?: number
  /** Epoch milliseconds at which the service said so. */
  readonly at: number
}

interface Told {
  readonly service: number
  readonly ours: number
  readonly at: number
}
