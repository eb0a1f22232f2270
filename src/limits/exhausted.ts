import type { Limit } from '../providers/provider.ts'
import type { Account } from './account.ts'
import type { LimitCounter } from './counter.ts'
import type { Rest } from './rest.ts'
import type { Actual, LeaseEnd, Want } from './want.ts'

/** Nothing usable now: an expected answer, not an error. */
export interface Exhausted {
  readonly exhausted: true
  readonly reason: string
  /** The kind of what stands in the way: `quota`, `rate`, `credits`, `credential` … */
  readonly kind: string
  /** Epoch milliseconds when the first account returns; undefined when nobody can say. */
  readonly freeAt?: number
  /** Only calls in flight stand in the way: it is worth waiting for one to end. */
  readonly slot?: boolean
}

/** Why an account cannot take this call, before looking at its keys. */
export function refusalOf(account: Account, want: Want, now: number): Exhausted | undefined {
  if (account.rests.all.active(now)) return exhaustedBy(account.rests.all)
  if (want.free && account.rests.free.active(now)) return exhaustedBy(account.rests.free)
  const model = account.models.get(want.model)
  if (model?.active(now) === true) return exhaustedBy(model)
  for (const counter of account.countersFor(want.free)) {
    const kept = keptOf(counter, want)
    if (counter.hasRoom(now, amountOf(counter.limit, want), kept)) continue
    return refusalOfLimit(counter, kept, now)
  }
  return undefined
}

/** The reserve is kept of the free day only: of a minute it would make no sense. */
function keptOf({ limit, max }: LimitCounter, want: Want): number {
  const reserved = limit.lane === 'free' && limit.window === 'day' && limit.metric === 'requests'
  return reserved ? Math.floor((max ?? 0) * want.keptShare) : 0
}

function refusalOfLimit(counter: LimitCounter, kept: number, now: number): Exhausted {
  const { limit, max } = counter
  const share = `${shown(limit, counter.used(now))}/${shown(limit, max ?? 0)}${kept > 0 ? `, ${kept} kept for others` : ''}`
  const resetsAt = counter.resetsAt(now)
  // Nobody knows when a call in flight will end; a second is soon enough to ask again.
  if (resetsAt === undefined) {
    return {
      exhausted: true,
      kind: 'busy',
      reason: `calls in flight at their limit (${share})`,
      freeAt: now + 1000,
      slot: true,
    }
  }
  const what = limit.metric === 'nano-usd' ? 'dollars' : limit.metric
  return {
    exhausted: true,
    kind: limit.window === 'minute' ? 'rate' : 'quota',
    reason: `${limit.lane === 'free' ? 'free ' : ''}${what} of this ${limit.window} spent (${share})`,
    freeAt: resetsAt,
  }
}

function shown(limit: Limit, amount: number): string {
  return limit.metric === 'nano-usd' ? `$${(amount / 1e9).toFixed(2)}` : String(amount)
}

/** What a call takes of a limit before it leaves. */
export function amountOf(limit: Limit, want: Want): number {
  if (limit.metric === 'tokens') return want.tokens
  return limit.metric === 'nano-usd' ? want.nanoUsd : 1
}

/** What it has used of it in the end. A refused call still counts as a request: services count at the door. */
export function usedOf(limit: Limit, end: LeaseEnd, actual: Actual): number {
  if (limit.metric === 'in-flight' || end.type === 'unsent') return 0
  if (limit.metric === 'tokens') return actual.tokens
  return limit.metric === 'nano-usd' ? actual.nanoUsd : 1
}

export const nothing: Actual = { tokens: 0, nanoUsd: 0 }

export function refusalOfKeys(account: Account, now: number): Exhausted {
  const resting = account.keys.map((key) => key.rest).filter((rest) => rest.active(now))
  const first = resting.toSorted((left, right) => left.until - right.until)[0]
  return first === undefined
    ? { exhausted: true, kind: 'unknown', reason: 'every key was tried for this request' }
    : exhaustedBy(first)
}

export function exhaustedBy(rest: Rest): Exhausted {
  const facts = { exhausted: true, kind: rest.kind, reason: rest.why } as const
  return Number.isFinite(rest.until) ? { ...facts, freeAt: rest.until } : facts
}

/** One answer for a whole pool: the earliest return, and the reason of the account that returns first. */
export function summarise(refusals: readonly Exhausted[]): Exhausted {
  const soonest = refusals.toSorted(
    (left, right) => (left.freeAt ?? Infinity) - (right.freeAt ?? Infinity),
  )[0]
  if (soonest === undefined) return { exhausted: true, kind: 'credential', reason: 'no key is configured' }
  if (refusals.length === 1) return soonest
  return { ...soonest, reason: `${soonest.reason}; ${refusals.length} accounts in all` }
}
