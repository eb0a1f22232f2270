import type { Account, Credential } from './account.ts'
import { choose, type Chosen, type Order, refusalOf, type Refused, usable } from './choice.ts'
import { endOf, type Exhausted, keyObstacle, refusalBy } from './exhausted.ts'
import type { Want } from './want.ts'

/** What a pool would do with a call now. Taken without changing anything. */
export interface PoolView {
  /** Those that can take the call in the order in which they would; then the others, the first to return first. */
  readonly accounts: readonly AccountView[]
  /** Why nobody can; undefined: the first account takes it, with its first key. */
  readonly exhausted?: Exhausted
}

export interface AccountView {
  readonly account: Account
  /** By which rule it stands at its place; undefined: it cannot take the call. */
  readonly chosen?: Chosen
  readonly obstacle?: Exhausted
  /** In the order in which they would be used. */
  readonly keys: readonly KeyView[]
}

export interface KeyView {
  readonly key: Credential
  readonly obstacle?: Exhausted
}

/**
 * Every account at the place that `choose` gives it: the best first, then the best of the others, as when each took the
 * call and failed. `warm` is the account that holds the conversation.
 */
export function viewOf(
  accounts: readonly Account[],
  { order, warm }: { readonly order: Order; readonly warm: Account | undefined },
  want: Want,
  now: number,
): PoolView {
  const seen = new Set<Account>()
  const able: AccountView[] = []
  const take = (account: Account, chosen: Chosen): void => {
    seen.add(account)
    able.push({ account, chosen, keys: keysOf(account, want, now) })
  }
  if (warm !== undefined && 'key' in usable(warm, want, now)) take(warm, 'conversation')
  let { from } = order
  for (;;) {
    const { best } = choose(accounts, { ...order, from }, want, now, seen)
    if (best === undefined) break
    take(best.account, best.chosen)
    if (from !== undefined) from = best.at + 1
  }
  const { refused } = choose(accounts, order, want, now, seen)
  const others = refused
    .toSorted((one, other) => compareEnds(endOf(one.obstacle, now), endOf(other.obstacle, now)))
    .map((each) => refusedView(each, want, now))
  return {
    accounts: [...able, ...others],
    ...(able.length === 0 && { exhausted: refusalOf(refused, want, now) }),
  }
}

function compareEnds(one: number, other: number): number {
  return one === other ? 0 : one - other
}

function refusedView({ account, obstacle }: Refused, want: Want, now: number): AccountView {
  return { account, obstacle: refusalBy(obstacle, want, now), keys: keysOf(account, want, now) }
}

function keysOf(account: Account, want: Want, now: number): readonly KeyView[] {
  const views = account.keysInTurn().map((key): KeyView => {
    const obstacle = keyObstacle(key, want, now)
    return obstacle === undefined ? { key } : { key, obstacle: refusalBy(obstacle, want, now) }
  })
  return [...views.filter((view) => view.obstacle === undefined), ...views.filter((view) => view.obstacle)]
}
