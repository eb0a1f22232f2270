import type { Limit } from '../providers/provider.ts'
import { windowEnd, windowStart } from './window.ts'

// A call that leaves within this time of a window's end may arrive in the next one by the service's clock,
// so it is counted in both: better one call too few than one refused.
const edgeMs = 1000

/** Counts calls of one account against one limit, in the window that is running. Calls in flight are counted from the moment they are taken. */
export class WindowCounter {
  readonly limit: Limit
  #max: number | undefined
  #start = 0
  #end = 0
  #used = 0
  #atEdge = 0

  constructor(limit: Limit) {
    this.limit = limit
    this.#max = limit.max
  }

  /** Undefined: the service has not told it yet. */
  get max(): number | undefined {
    return this.#max
  }

  used(now: number): number {
    this.#roll(now)
    return this.#used
  }

  /** Epoch milliseconds at which the count starts anew. */
  resetsAt(now: number): number {
    this.#roll(now)
    return this.#end
  }

  hasRoom(now: number): boolean {
    this.#roll(now)
    return this.#max === undefined || this.#used < this.#max
  }

  take(now: number): void {
    this.#roll(now)
    this.#used++
    if (now >= this.#end - edgeMs) this.#atEdge++
  }

  /** Only for a call of which no byte was sent. `takenAt` in an earlier window changes nothing. */
  giveBack(takenAt: number, now: number): void {
    this.#roll(now)
    if (takenAt < this.#start || this.#used === 0) return
    this.#used--
    if (takenAt >= this.#end - edgeMs && this.#atEdge > 0) this.#atEdge--
  }

  /** Calls made before this process, or by others: the larger count wins. */
  hear(news: { readonly used?: number; readonly max?: number }, now: number): void {
    this.#roll(now)
    if (news.max !== undefined) this.#max = news.max
    if (news.used !== undefined) this.#used = Math.max(this.#used, news.used)
  }

  /** Takes over the count of another counter of the same account, when two keys turn out to share it. */
  merge(other: WindowCounter, now: number): void {
    this.#roll(now)
    this.#used += other.used(now)
    this.#max = this.#max ?? other.max
  }

  #roll(now: number): void {
    // A clock that was set back does not bring an old window back to life.
    if (now < this.#end) return
    const start = windowStart(this.limit.window, now)
    this.#used = start === this.#end ? this.#atEdge : 0
    this.#atEdge = 0
    this.#start = start
    this.#end = windowEnd(this.limit.window, now)
  }
}
