import type { Limit, LimitNews } from '../providers/provider.ts'
import { windowEnd, windowStart } from './window.ts'

// A call that leaves within this time of a window's end may arrive in the next one by the service's clock,
// so it is counted in both: better one call too few than one refused.
const edgeMs = 1000

/**
 * Counts what one account uses up of one limit, in the window that is running. Room is taken before a call leaves, so
 * calls in flight are counted; what they really used is put right afterwards.
 */
export class LimitCounter {
  readonly limit: Limit
  #max: number | undefined
  #start = 0
  #end = 0
  #used = 0
  #atEdge = 0
  #heard: Heard | undefined

  constructor(limit: Limit) {
    this.limit = limit
    this.#max = limit.max
  }

  /** Undefined: the service has not told it yet. */
  get max(): number | undefined {
    const { ceiling } = this.limit
    return ceiling === undefined ? this.#max : Math.min(this.#max ?? ceiling, ceiling)
  }

  used(now: number): number {
    this.#roll(now)
    return this.#used
  }

  /** What the service last said of the running window, and what was counted here at that moment. */
  heard(now: number): Heard | undefined {
    this.#roll(now)
    return this.#heard
  }

  /** Epoch milliseconds at which the count starts anew; undefined for calls in flight, which have no window. */
  resetsAt(now: number): number | undefined {
    this.#roll(now)
    return this.limit.window === undefined ? undefined : this.#end
  }

  /** `kept`: how much of the ceiling is kept for others. */
  hasRoom(now: number, amount: number, kept = 0): boolean {
    this.#roll(now)
    const { max } = this
    if (max === undefined || this.#used + amount <= max - kept) return true
    // What a call takes of a token limit is an estimate from above; one that would never fit may go alone.
    return this.limit.metric === 'tokens' && this.#used === 0
  }

  take(now: number, amount: number): void {
    this.#roll(now)
    this.#used += amount
    if (this.#isEdge(now)) this.#atEdge += amount
  }

  /** Puts a taken amount right once it is known better. What was taken in an earlier window is past. */
  adjust(takenAt: number, now: number, by: number): void {
    this.#roll(now)
    if (this.limit.window !== undefined && takenAt < this.#start) return
    this.#used = Math.max(0, this.#used + by)
    if (this.#isEdge(takenAt)) this.#atEdge = Math.max(0, this.#atEdge + by)
  }

  /** Adds what this window used before this process began. Not at the edge: those calls have long arrived. */
  restore(now: number, amount: number): void {
    this.#roll(now)
    this.#used += amount
  }

  /** The service's own figures. What others used counts too: the larger count wins. */
  hear(news: Omit<LimitNews, 'limit'>, now: number): void {
    this.#roll(now)
    if (news.max !== undefined) this.#max = news.max
    if (news.used === undefined || now - (news.maxAgeMs ?? 0) < this.#start) return
    this.#heard = { used: news.used, counted: this.#used, at: now }
    this.#used = Math.max(this.#used, news.used)
  }

  /** Takes over the count of another counter of the same account, when two keys turn out to share it. */
  merge(other: LimitCounter, now: number): void {
    this.#roll(now)
    this.#used += other.used(now)
    this.#max = this.#max ?? other.max
  }

  #isEdge(at: number): boolean {
    return this.limit.window !== undefined && at >= this.#end - edgeMs
  }

  #roll(now: number): void {
    const { window } = this.limit
    // A clock that was set back does not bring an old window back to life.
    if (window === undefined || now < this.#end) return
    const start = windowStart(window, now)
    this.#used = start === this.#end ? this.#atEdge : 0
    this.#atEdge = 0
    this.#heard = undefined
    this.#start = start
    this.#end = windowEnd(window, now)
  }
}

/** A figure of the service beside our own: their difference is what others used, or what got lost. */
export interface Heard {
  readonly used: number
  readonly counted: number
  /** Epoch milliseconds. */
  readonly at: number
}
