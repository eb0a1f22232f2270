import type { Account } from './account.ts'
import type { Credential } from './credential.ts'
import {
  endOf,
  type Exhausted,
  type Obstacle,
  obstacleOf,
  obstacleOfKeys,
  type PassedAccounts,
  refusalBy,
} from './exhausted.ts'
import { Rest } from './rest.ts'
import type { Want } from './want.ts'

/**
 * Why an account takes a call: it is the first in order that can, its turn and the least busy, the one with the most of
 * its day left while one account is not enough, or the one that holds the conversation.
 */
export type Chosen = 'order' | 'turn' | 'room' | 'conversation'

/** How accounts are gone through: from where, which of two usable ones is better, and which is good enough to stop at. */
export interface Order {
  readonly chosen: Chosen
  /** Left out: from the first, whoever was chosen last. */
  readonly from?: number | undefined
  readonly better: (one: Account, other: Account) => boolean
  readonly enough: (one: Account) => boolean
}

/** An account and a key of it that can take a call, and its place among the accounts. */
export interface Usable {
  readonly account: Account
  readonly key: Credential
  readonly at: number
  readonly chosen: Chosen
}

/** An account that cannot take a call, and why. */
export interface Refused {
  readonly account: Account
  readonly obstacle: Obstacle
}

/** The best account that can take a call, and those that could not on the way to it. */
export interface Choice {
  readonly best: Usable | undefined
  readonly refused: readonly Refused[]
}

// Of thousands of accounts one that is better than this many others is as good as the best: comparing all took 7 ms a call.
export const mostRivals = 32

const nobody: readonly Refused[] = []

/** In turn, the least busy first. */
export function byLoad(turn: number): Order {
  return { chosen: 'turn', from: turn, better: (one, other) => one.load < other.load, enough: isIdle }
}

/** One after the other. */
export const inOrder: Order = { chosen: 'order', better: () => false, enough: () => true }

/** Those with the most of their day left first. */
export function byRoom(now: number, free: boolean, from?: number): Order {
  return {
    chosen: 'room',
    from,
    better: (one, other) => one.left(now, free) > other.left(now, free),
    enough: () => false,
  }
}

function isIdle(account: Account): boolean {
  return account.inFlight === 0
}

/** Looks and changes nothing: taking what was chosen is somebody else's. `skip`: accounts that are not looked at. */
export function choose(
  accounts: readonly Account[],
  order: Order,
  want: Want,
  now: number,
  skip?: ReadonlySet<Account>,
): Choice {
  const { from, better, enough, chosen } = order
  let refused: Refused[] | undefined
  let best: Usable | undefined
  let rivals = 0
  for (let step = 0; step < accounts.length; step++) {
    const at = ((from ?? 0) + step) % accounts.length
    const account = accounts[at]
    if (account === undefined || skip?.has(account) === true) continue
    if (best !== undefined) {
      if (++rivals > mostRivals) break
      if (!better(account, best.account)) continue
    }
    const found = usable(account, want, now)
    if ('obstacle' in found) {
      refused ??= []
      refused.push(found)
      continue
    }
    best = { ...found, at, chosen }
    if (enough(account)) break
  }
  return { best, refused: refused ?? nobody }
}

/** The key of an account that takes a call, or what stands in its way. */
export function usable(
  account: Account,
  want: Want,
  now: number,
): { readonly account: Account; readonly key: Credential } | Refused {
  const obstacle = obstacleOf(account, want, now)
  if (obstacle !== undefined) return { account, obstacle }
  const key = account.nextKey(now, want)
  return key === undefined ? { account, obstacle: obstacleOfKeys(account, want, now) } : { account, key }
}

// Each costs a sentence; whoever has more accounts than this is told of the first ones.
const mostPassed = 20
export const nobodyPassed: PassedAccounts = { listed: [], more: 0 }

/** The accounts that could not take a call, in words. */
export function passedOf(refused: readonly Refused[], want: Want, now: number): PassedAccounts {
  if (refused.length === 0) return nobodyPassed
  const listed = refused.slice(0, mostPassed).map(({ account, obstacle }) => {
    const { exhausted: _, ...refusal } = refusalBy(obstacle, want, now)
    return { account: account.id, ...refusal }
  })
  return { listed, more: refused.length - listed.length }
}

/** One answer for a whole pool: what stands in the way of the account that returns first, and how many there are. */
export function refusalOf(refused: readonly Refused[], want: Want, now: number): Exhausted {
  let first: Obstacle | undefined
  let firstEnd = Infinity
  for (const { obstacle } of refused) {
    // Where money is missing the end is only when we look again: who is back by itself goes before.
    const end = obstacle instanceof Rest && obstacle.kind === 'credits' ? Infinity : endOf(obstacle, now)
    if (first === undefined || end < firstEnd) [first, firstEnd] = [obstacle, end]
  }
  if (first === undefined) return { exhausted: true, kind: 'credential', reason: 'no key is configured' }
  const refusal = refusalBy(first, want, now)
  return refused.length === 1
    ? refusal
    : { ...refusal, reason: `${refusal.reason}; ${refused.length} accounts in all` }
}
