import type { Limit, LimitNews } from '../providers/provider.ts'
import { windowEnd, windowStart } from './window.ts'

// A call that leaves within this time of a window's end may arrive in the next one by the service's clock,
// so it is counted in both: better one call too few than one refused.
const edgeMs = 1000
// A ceiling that was only guessed from a refusal: what else was out at the service then is over some time.
const relearnMs = 600_000

/**
 * Counts what one account uses up of one limit, in the window that is running. Room is taken before a call leaves, so
 * calls in flight are counted; what they really used is put right afterwards.
 */
export class LimitCounter {
  readonly limit: Limit
  #told: number | undefined
  #learned: Learned | undefined
  #start = 0
  #end = 0
  #used = 0
  #atEdge = 0
  #heard: Heard | undefined

  constructor(limit: Limit) {
    this.limit = limit
    this.#told = limit.max
  }

  /** Undefined: neither told by the service or the operator nor learned from a refusal. */
  get max(): number | undefined {
    return lower(this.#planned, this.#learned?.max)
  }

  get #planned(): number | undefined {
    return lower(this.#told, this.limit.ceiling)
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
    // What was taken in the last second before this window was carried into it.
    if (this.limit.window !== undefined && takenAt < this.#start - edgeMs) return
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
    if (news.max !== undefined) this.#told = news.max
    if (news.used === undefined || now - (news.maxAgeMs ?? 0) < this.#start) return
    this.#heard = { used: news.used, counted: this.#used, at: now }
    this.#used = Math.max(this.#used, news.used)
  }

  /** A refusal showed that no more than `max` fit. Without another one, one more is tried every ten minutes. */
  learn(max: number, now: number): void {
    this.#learned = { max, at: now }
  }

  /** Takes over the count of another counter of the same account, when two keys turn out to share it. */
  merge(other: LimitCounter, now: number): void {
    this.#roll(now)
    this.#used += other.used(now)
    this.#atEdge += other.#atEdge
    this.#told ??= other.#told
    if (other.#learned !== undefined && other.#learned.max < (this.#learned?.max ?? Infinity))
      this.#learned = other.#learned
  }

  #isEdge(at: number): boolean {
    return this.limit.window !== undefined && at >= this.#end - edgeMs && at < this.#end
  }

  #roll(now: number): void {
    if (this.#learned !== undefined) this.#relearn(this.#learned, now)
    if (now >= this.#start && now < this.#end) return
    const { window } = this.limit
    // A clock that was set back does not bring an old window back to life. One that had been far ahead must not keep
    // its window until then: what was used stays counted in the one that runs.
    const astray = now < this.#start - (this.#end - this.#start)
    if (window === undefined || (now < this.#end && !astray)) return
    const start = windowStart(window, now)
    if (!astray) this.#used = start === this.#end ? this.#atEdge : 0
    this.#atEdge = 0
    this.#heard = undefined
    this.#start = start
    this.#end = windowEnd(window, now)
  }

  #relearn({ max, at }: Learned, now: number): void {
    const steps = Math.floor((now - at) / relearnMs)
    if (steps < 1) return
    const raised = max + steps
    this.#learned =
      raised >= (this.#planned ?? Infinity) ? undefined : { max: raised, at: at + steps * relearnMs }
  }
}

function lower(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return Math.min(one, other)
}

interface Learned {
  readonly max: number
  readonly at: number
}

/** A figure of the service beside our own: their difference is what others used, or what got lost. */
export interface Heard {
  readonly used: number
  readonly counted: number
  /** Epoch milliseconds. */
  readonly at: number
}
