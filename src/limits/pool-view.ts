import type { Account } from './account.ts'
import type { Credential } from './credential.ts'
import { choose, type Chosen, mostRivals, type Order, refusalOf, type Refused, usable } from './choice.ts'
import { endOf, type Exhausted, refusalBy } from './exhausted.ts'
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
  const able: AccountView[] = []
  const take = (account: Account, chosen: Chosen): void =>
    void able.push({ account, chosen, keys: keysOf(account, want, now) })
  const kept = warm !== undefined && 'key' in usable(warm, want, now) ? warm : undefined
  if (kept !== undefined) take(kept, 'conversation')
  const { best, refused } = choose(accounts, order, want, now, new Set(kept === undefined ? [] : [kept]))
  if (best !== undefined) take(best.account, best.chosen)
  const ready: Account[] = []
  const spent: Refused[] = []
  for (const account of inTurn(accounts, order.from ?? 0)) {
    const found = usable(account, want, now)
    if ('obstacle' in found) spent.push(found)
    else if (account !== kept) ready.push(account)
  }
  for (const account of inPlaces(ready, best?.account, order, want, now)) take(account, order.chosen)
  const others = spent
    .toSorted((one, other) => compareEnds(endOf(one.obstacle, now), endOf(other.obstacle, now)))
    .map((each) => refusedView(each, want, now))
  return {
    accounts: [...able, ...others],
    ...(able.length === 0 && { exhausted: refusalOf(refused, want, now) }),
  }
}

function inTurn<Value>(list: readonly Value[], from: number): readonly Value[] {
  const first = from % Math.max(1, list.length)
  return [...list.slice(first), ...list.slice(0, first)]
}

/**
 * Those that can, each at its place behind the first. `choose` is shown no more of them at a time than it compares: to show
 * it all of thousands for each place took half a minute.
 */
function* inPlaces(
  ready: readonly Account[],
  first: Account | undefined,
  order: Order,
  want: Want,
  now: number,
): Generator<Account> {
  if (first === undefined) return
  const rotates = order.from !== undefined
  const at = ready.indexOf(first)
  // Those in front of the chosen one come last where accounts take turns, and first again where they do not.
  const left = rotates ? inTurn(ready, at).slice(1) : ready.toSpliced(at, 1)
  for (let head = 0; head < left.length;) {
    const window = left.slice(head, head + mostRivals + 1)
    const place = choose(window, { ...order, from: 0 }, want, now).best?.at ?? 0
    const [chosen] = window.splice(place, 1)
    if (chosen === undefined) return
    yield chosen
    head++
    const passed = window.slice(0, place)
    if (rotates) {
      head += place
      left.push(...passed)
    } else left.splice(head, place, ...passed)
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
    const obstacle = key.obstacle(want, now)
    return obstacle === undefined ? { key } : { key, obstacle: refusalBy(obstacle, want, now) }
  })
  return [...views.filter((view) => view.obstacle === undefined), ...views.filter((view) => view.obstacle)]
}
