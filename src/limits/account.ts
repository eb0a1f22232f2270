import type { Limit, LimitNews } from '../providers/provider.ts'
import { LimitCounter } from './counter.ts'
import type { Credential } from './credential.ts'
import { Rest, restOf } from './rest.ts'
import type { Want } from './want.ts'

// Between the smallest and the largest plan seen.
const usualInFlight = 5

/** What a service counts and limits as one: every key of it shares the windows and the rests. */
export class Account {
  /** The name given in the config, else that of its first key. */
  readonly id: string
  /** The service's own identity of it, once a metadata read or an error told it. */
  identity: string | undefined
  readonly keys: Credential[]
  readonly counters: readonly LimitCounter[]
  readonly rests: Readonly<Record<'all' | 'free', Rest>> = { all: new Rest(), free: new Rest() }
  /** Models that this account may not use for now. */
  readonly models: Map<string, Rest> = new Map()
  inFlight = 0
  #turn = 0

  constructor(id: string, keys: readonly Credential[], limits: readonly Limit[]) {
    this.id = id
    this.keys = [...keys]
    this.counters = limits.map((limit) => new LimitCounter(limit))
  }

  /** The counters a call draws on. */
  *countersFor(free: boolean): Generator<LimitCounter> {
    for (const counter of this.counters) if (free || counter.limit.lane === 'all') yield counter
  }

  /** How much of what fits at once is out; without a known ceiling, of a usual one. */
  get load(): number {
    const max = this.counters.find((counter) => counter.limit.metric === 'in-flight')?.max
    return this.inFlight / (max ?? usualInFlight)
  }

  /** Requests left in the longest windows that bound them; Infinity where none is known. */
  left(now: number, free: boolean): number {
    let least = Infinity
    for (const counter of this.countersFor(free)) {
      const { metric, window } = counter.limit
      if (metric !== 'requests' || window === 'minute' || counter.max === undefined) continue
      least = Math.min(least, counter.max - counter.used(now))
    }
    return least
  }

  /** The next usable key in turn; `avoid` names keys that this request has tried. The turn stays where it is. */
  nextKey(now: number, want: Pick<Want, 'avoid' | 'free'>): Credential | undefined {
    for (let step = 0; step < this.keys.length; step++) {
      const key = this.keys[(this.#turn + step) % this.keys.length]
      if (key !== undefined && key.obstacle(want, now) === undefined) return key
    }
    return undefined
  }

  /** All keys, the one whose turn it is first. */
  keysInTurn(): readonly Credential[] {
    const first = this.#turn % Math.max(1, this.keys.length)
    return [...this.keys.slice(first), ...this.keys.slice(0, first)]
  }

  /** A key takes a call: the turn passes to the one after it. */
  took(key: Credential): void {
    this.#turn = this.keys.indexOf(key) + 1
  }

  hear(news: readonly LimitNews[], now: number): void {
    for (const { limit, ...figures } of news)
      this.counters.find((counter) => counter.limit.name === limit)?.hear(figures, now)
  }

  /** A refusal named the limit that was met. Of calls in flight the ones that are still out are what fits. */
  learn(limit: { readonly name: string; readonly max?: number }, now: number): void {
    const counter = this.counters.find((each) => each.limit.name === limit.name)
    if (limit.max !== undefined) counter?.hear({ max: limit.max }, now, 'refusal')
    else if (counter?.limit.metric === 'in-flight') counter.learn(Math.max(1, this.inFlight), now)
  }

  /** Takes over what is known of another account that turned out to be this one. */
  absorb(other: Account, now: number): void {
    this.keys.push(...other.keys)
    for (const [index, counter] of other.counters.entries()) this.counters[index]?.merge(counter, now)
    for (const lane of ['all', 'free'] as const) mergeRest(this.rests[lane], other.rests[lane])
    for (const [model, rest] of other.models) mergeRest(restOf(this.models, model, now), rest)
    this.inFlight += other.inFlight
  }
}

function mergeRest(into: Rest, from: Rest): void {
  into.set(from.until, { kind: from.kind, why: from.why, at: from.setAt })
}
