import type { Limit } from '../providers/provider.ts'
import type { Account } from './account.ts'
import type { LimitCounter } from './counter.ts'
import { SpentCap } from './credential.ts'
import { Rest } from './rest.ts'
import type { Actual, LeaseEnd, Want } from './want.ts'

/** Why somebody cannot take a call now. */
export interface Refusal {
  /** With the figures of that moment. */
  readonly reason: string
  /** The kind of what stands in the way: `quota`, `rate`, `credits`, `credential` … */
  readonly kind: string
  /** Epoch milliseconds when the first account returns; undefined when nobody can say. */
  readonly freeAt?: number
  /** Only calls in flight stand in the way: it is worth waiting for one to end. */
  readonly slot?: boolean
}

/** An account that cannot take a call. */
export interface Passed extends Refusal {
  readonly account: string
}

/** Accounts that could not take a call; of very many the first ones, and how many more there are. */
export interface PassedAccounts {
  readonly listed: readonly Passed[]
  readonly more: number
}

/** Nothing usable now: an expected answer, not an error. */
export interface Exhausted extends Refusal {
  readonly exhausted: true
  /** Account by account; left out where one thing stands in the way of all. */
  readonly passed?: PassedAccounts
}

/** What stands in the way of a call: a rest, a full limit, a key's own spent cap, or that this request has tried every key. */
export type Obstacle = Rest | LimitCounter | SpentCap | 'tried'

/** Why an account cannot take this call, before looking at its keys. */
export function obstacleOf(account: Account, want: Want, now: number): Obstacle | undefined {
  if (account.rests.all.active(now)) return account.rests.all
  if (want.free && account.rests.free.active(now)) return account.rests.free
  const model = account.models.get(want.model)
  if (model?.active(now) === true) return model
  for (const counter of account.counters) {
    if (!want.free && counter.limit.lane === 'free') continue
    if (!counter.hasRoom(now, amountOf(counter.limit, want), keptOf(counter, want))) return counter
  }
  return undefined
}

/** Why none of its keys can: the rest or cap of the one that returns first. */
export function obstacleOfKeys(account: Account, want: Want, now: number): Obstacle {
  let first: Obstacle = 'tried'
  for (const key of account.keys) {
    const found = key.obstacle(want, now) ?? 'tried'
    if (endOf(found, now) < endOf(first, now) || first === 'tried') first = found
  }
  return first
}

/** Epoch milliseconds; Infinity when nobody can say. */
export function endOf(obstacle: Obstacle, now: number): number {
  if (obstacle === 'tried') return Infinity
  if (obstacle instanceof Rest) return obstacle.until
  if (obstacle instanceof SpentCap) return obstacle.cap.resetsAt ?? Infinity
  // Nobody knows when a call in flight will end; a second is soon enough to ask again.
  return obstacle.resetsAt(now) ?? now + 1000
}

/** An obstacle in words, with the figures of now. */
export function refusalBy(obstacle: Obstacle, want: Want, now: number): Exhausted {
  if (obstacle === 'tried')
    return { exhausted: true, kind: 'unknown', reason: 'every key was tried for this request' }
  if (obstacle instanceof SpentCap) return exhaustedCap(obstacle)
  return obstacle instanceof Rest ? exhaustedBy(obstacle) : exhaustedLimit(obstacle, want, now)
}

function exhaustedCap({ key, cap: { max, window, resetsAt } }: SpentCap): Exhausted {
  const reason = `the spending cap of ${key} at the service ($${(max / 1e9).toFixed(2)}${window === undefined ? '' : ` a ${window}`}) is used up`
  // A cap that begins anew is a window like any other; one that does not is raised by its owner or never.
  if (resetsAt === undefined) return { exhausted: true, kind: 'credits', reason }
  return { exhausted: true, kind: 'quota', reason, freeAt: resetsAt }
}

/** How much of a limit this call must leave to others. The reserve is kept of the free day only: of a minute it would make no sense. */
export function keptOf({ limit, max }: LimitCounter, want: Want): number {
  const reserved = want.free && limit.window === 'day' && limit.metric === 'requests'
  return reserved ? Math.floor((max ?? 0) * want.keptShare) : 0
}

function exhaustedLimit(counter: LimitCounter, want: Want, now: number): Exhausted {
  const { limit, max } = counter
  const kept = keptOf(counter, want)
  const share = `${shown(limit, counter.used(now))}/${shown(limit, max ?? 0)}${kept > 0 ? `, ${kept} kept for others` : ''}`
  const resetsAt = counter.resetsAt(now)
  if (resetsAt === undefined) {
    return {
      exhausted: true,
      kind: 'busy',
      reason: `calls in flight at their limit (${share})`,
      freeAt: endOf(counter, now),
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
  if (limit.metric === 'in-flight' || isUnsent(end)) return 0
  if (limit.metric === 'tokens') return actual.tokens
  return limit.metric === 'nano-usd' ? actual.nanoUsd : 1
}

/** Nothing of it reached the service. */
function isUnsent(end: LeaseEnd): boolean {
  return end.type === 'unsent' || (end.type === 'fault' && end.fault.unsent === true)
}

export const nothing: Actual = { tokens: 0, nanoUsd: 0, certain: true }

export function exhaustedBy(rest: Rest): Exhausted {
  const facts = { exhausted: true, kind: rest.kind, reason: rest.why } as const
  return Number.isFinite(rest.until) ? { ...facts, freeAt: rest.until } : facts
}
