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
  #told: Told | undefined
  #learned: Learned | undefined
  #start = 0
  #end = 0
  #own = 0
  #others = 0
  #before: Counted | undefined
  #atEdge = 0
  #heard: Heard | undefined

  constructor(limit: Limit) {
    this.limit = limit
    if (limit.max !== undefined)
      this.#told = { max: limit.max, source: limit.ceiling === undefined ? 'assumed' : 'config' }
  }

  /** Undefined: neither told by the service or the operator nor learned from a refusal. */
  get max(): number | undefined {
    return lower(this.#planned, this.#learned?.max)
  }

  get #planned(): number | undefined {
    return lower(this.#told?.max, this.limit.ceiling)
  }

  /** What this router used and what others are known to have used. */
  used(now: number): number {
    this.#roll(now)
    return this.#own + this.#others
  }

  /** Where the ceiling in force comes from; undefined while none is known. */
  maxFrom(): Provenance | undefined {
    const { max } = this
    if (max === undefined) return undefined
    if (max === this.#learned?.max) return { source: 'refusal', at: this.#learned.at, confidence: 'low' }
    if (this.#told === undefined || this.limit.ceiling === max)
      return { source: 'config', confidence: 'high' }
    const { source, at } = this.#told
    const confidence = source === 'assumed' ? 'medium' : 'high'
    return { source, confidence, ...(at === undefined ? {} : { at }) }
  }

  /** Where the count comes from. Its own word alone misses what other programs use; the service's own may be late. */
  usedFrom(now: number): Provenance {
    const heard = this.heard(now)
    if (heard === undefined) return { source: 'own-count', confidence: 'medium' }
    const source = this.#others > 0 ? 'service' : 'own-count'
    return { source, at: heard.at, confidence: heard.used === heard.counted ? 'high' : 'medium' }
  }

  /** What the service last said of the running window, and what was counted here at that moment. */
  heard(now: number): Heard | undefined {
    this.#roll(now)
    return this.#heard
  }

  /** What this router used of the window that began at `start`: the running one or the one before. Undefined: not known. */
  ownIn(start: number, now: number): number | undefined {
    this.#roll(now)
    if (start === this.#start) return this.#own
    return this.#before?.start === start ? this.#before.used : undefined
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
    const used = this.#own + this.#others
    if (max === undefined || used + amount <= max - kept) return true
    // What a call takes of a token limit is an estimate from above; one that would never fit may go alone.
    return this.limit.metric === 'tokens' && used === 0
  }

  take(now: number, amount: number): void {
    this.#roll(now)
    this.#own += amount
    if (this.#isEdge(now)) this.#atEdge += amount
  }

  /** Puts a taken amount right once it is known better. What was taken in an earlier window is past. */
  adjust(takenAt: number, now: number, by: number): void {
    this.#roll(now)
    // What was taken in the last second before this window was carried into it.
    if (this.limit.window !== undefined && takenAt < this.#start - edgeMs) return
    this.#own = Math.max(0, this.#own + by)
    if (this.#isEdge(takenAt)) this.#atEdge = Math.max(0, this.#atEdge + by)
  }

  /** Adds what this window used before this process began. Not at the edge: those calls have long arrived. */
  restore(now: number, amount: number): void {
    this.#roll(now)
    this.#own += amount
  }

  /** The service's own figures. What others used counts too: the larger count wins. */
  hear(news: Omit<LimitNews, 'limit'>, now: number, source: 'service' | 'refusal' = 'service'): void {
    this.#roll(now)
    if (news.max !== undefined) this.#told = { max: news.max, source, at: now }
    if (news.used === undefined || now - (news.maxAgeMs ?? 0) < this.#start) return
    this.#heard = { used: news.used, counted: this.#own, at: now }
    this.#others = Math.max(this.#others, news.used - this.#own)
  }

  /** A refusal showed that no more than `max` fit. Without another one, one more is tried every ten minutes. */
  learn(max: number, now: number): void {
    this.#learned = { max, at: now }
  }

  /**
   * Takes over the count of another counter of the same account, when two keys turn out to share it. What the service
   * counted for one of them as others' use may be what the other one used.
   */
  merge(other: LimitCounter, now: number): void {
    const most = Math.max(this.used(now), other.used(now))
    this.#own += other.#own
    this.#others = Math.max(0, most - this.#own)
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
    this.#before = this.#end === start ? { start: this.#start, used: this.#own } : undefined
    if (!astray) {
      this.#own = start === this.#end ? this.#atEdge : 0
      this.#others = 0
    }
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

interface Counted {
  readonly start: number
  readonly used: number
}

interface Told {
  readonly max: number
  readonly source: FigureSource
  /** Epoch milliseconds. */
  readonly at?: number
}

/** Who said a figure: `assumed` is what the service is known for, `refusal` what it said when it refused a call. */
export type FigureSource = 'config' | 'assumed' | 'service' | 'refusal' | 'own-count'

/** How far a figure can be trusted, and since when. */
export interface Provenance {
  readonly source: FigureSource
  /** Epoch milliseconds at which it was learned or last compared. */
  readonly at?: number
  readonly confidence: 'high' | 'medium' | 'low'
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
