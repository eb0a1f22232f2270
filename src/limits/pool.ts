import type { Clock, Random } from '../clock.ts'
import type { Hold } from '../ledger/ledger.ts'
import type { AccountNews, Fault, Limit, Provider } from '../providers/provider.ts'
import type { Account, Credential } from './account.ts'
import type { LimitCounter } from './counter.ts'
import type { HoldStore } from './holds.ts'
import type { Rest } from './rest.ts'
import { RestBook } from './rest-book.ts'

/** What a call needs from the pool. */
export interface Want {
  readonly model: string
  /** Whether the call draws on the free quota. */
  readonly free: boolean
  /** Names of keys this request has tried and will not try again. */
  readonly avoid: ReadonlySet<string>
  /** The most it may use, as far as can be told beforehand. */
  readonly tokens: number
  readonly nanoUsd: number
}

/** What a call really used. */
export interface Actual {
  readonly tokens: number
  readonly nanoUsd: number
}

/** How a leased call ended, for the pool. `unsent`: no byte left, so nothing was used up. */
export type LeaseEnd =
  | { readonly type: 'answered' | 'aborted' | 'unsent' }
  | { readonly type: 'fault'; readonly fault: Fault }

/** Room in every limit of one account, taken for one call. */
export interface Lease {
  readonly credential: Credential
  readonly account: string
  readonly takenAt: number
  /**
   * Exactly once; a second call throws, because it would give back room that somebody else may hold. Without `actual`
   * nothing but the request itself was used.
   */
  settle(end: LeaseEnd, actual?: Actual): void
}

/** Nothing usable now: an expected answer, not an error. */
export interface Exhausted {
  readonly exhausted: true
  readonly reason: string
  /** The kind of what stands in the way: `quota`, `rate`, `credits`, `credential` … */
  readonly kind: string
  /** Epoch milliseconds when the first account returns; undefined when nobody can say. */
  readonly freeAt?: number
}

export interface PoolPorts {
  readonly clock: Clock
  readonly random: Random
  readonly holds: HoldStore
}

/** The keys of one provider: which one takes the next call, and which must rest. Never waits, never does I/O. */
export class KeyPool {
  readonly provider: Provider
  readonly rests: RestBook
  readonly #clock: Clock
  readonly #owners: Map<Credential, Account> = new Map()
  #accounts: Account[]
  #turn = 0

  constructor(provider: Provider, accounts: readonly Account[], ports: PoolPorts) {
    this.provider = provider
    this.rests = new RestBook(provider, ports)
    this.#clock = ports.clock
    this.#accounts = [...accounts]
    for (const account of accounts) for (const key of account.keys) this.#owners.set(key, account)
  }

  get accounts(): readonly Account[] {
    return this.#accounts
  }

  lease(want: Want): Lease | Exhausted {
    const now = this.#clock.now()
    const blocking = this.rests.blocking(want.model, now)
    if (blocking !== undefined) return exhaustedBy(blocking)

    const evenly = this.provider.spread === 'evenly'
    const refusals: Exhausted[] = []
    let best: { account: Account; key: Credential; at: number } | undefined
    for (let step = 0; step < this.#accounts.length; step++) {
      const at = (evenly ? this.#turn + step : step) % this.#accounts.length
      const account = this.#accounts[at]
      if (account === undefined || (best !== undefined && account.inFlight >= best.account.inFlight)) continue
      const refusal = refusalOf(account, want, now)
      const key = refusal === undefined ? account.nextKey(now, want.avoid) : undefined
      if (key === undefined) {
        refusals.push(refusal ?? refusalOfKeys(account, now))
        continue
      }
      best = { account, key, at }
      if (!evenly || account.inFlight === 0) break
    }
    if (best === undefined) return summarise(refusals)
    this.#turn = best.at + 1
    return this.#take(best.account, best.key, want, now)
  }

  #take(account: Account, credential: Credential, want: Want, takenAt: number): Lease {
    const counters = [...account.countersFor(want.free)]
    for (const counter of counters) counter.take(takenAt, amountOf(counter.limit, want))
    account.inFlight++
    credential.inFlight++
    let settled = false
    return {
      credential,
      account: account.id,
      takenAt,
      settle: (end, actual = nothing) => {
        if (settled) throw new Error(`a lease of ${credential.name} was settled twice`)
        settled = true
        // Two accounts may have turned out to be one while the call was out.
        const owner = this.#ownerOf(credential)
        owner.inFlight--
        credential.inFlight--
        const now = this.#clock.now()
        for (const counter of counters) {
          const taken = amountOf(counter.limit, want)
          counter.adjust(takenAt, now, usedOf(counter.limit, end, actual) - taken)
        }
        const blamed = { account: owner, credential, model: want.model, startedAt: takenAt }
        if (end.type === 'answered') {
          credential.lastError = undefined
          this.rests.proved(blamed)
        } else if (end.type === 'fault') {
          const { fault } = end
          if (fault.scope !== 'request') credential.lastError = fault.message
          if (fault.limit?.max !== undefined)
            owner.hear([{ limit: fault.limit.name, max: fault.limit.max }], now)
          this.rests.blame(fault, blamed)
        }
      },
    }
  }

  /**
   * What metadata reads said about the accounts behind keys. Keys that turn out to share one are one bucket from now
   * on. Read together: who shares what must be known before the service's own counts are taken over.
   */
  hear(readings: readonly { readonly credential: Credential; readonly news: AccountNews }[]): void {
    const now = this.#clock.now()
    for (const { credential, news } of readings) {
      if (news.account !== undefined) this.#identify(this.#ownerOf(credential), news.account, now)
    }
    for (const { credential, news } of readings) this.#ownerOf(credential).hear(news.limits, now)
  }

  #identify(account: Account, identity: string, now: number): void {
    const known = this.#accounts.find((each) => each.identity === identity)
    if (known === undefined) account.identity = identity
    if (known === undefined || known === account) return
    known.absorb(account, now)
    for (const key of account.keys) this.#owners.set(key, known)
    this.#accounts = this.#accounts.filter((each) => each !== account)
  }

  /** Counts calls made by an earlier process, or by a key before its account was known. */
  recount(keyName: string, limit: string, used: number): void {
    const key = this.#keyNamed(keyName)
    if (key === undefined) return
    const now = this.#clock.now()
    const counter = this.#ownerOf(key).counters.find((each) => each.limit.name === limit)
    counter?.hear({ used: counter.used(now) + used }, now)
  }

  /** Takes over rests that an earlier process wrote. */
  restore(holds: readonly Hold[]): void {
    this.rests.restore(this.#accounts, holds)
  }

  /** Ends by hand every rest in the way of a key; false when no key has that name. */
  release(keyName: string): boolean {
    const key = this.#keyNamed(keyName)
    if (key === undefined) return false
    this.rests.release(this.#ownerOf(key), key)
    return true
  }

  #keyNamed(name: string): Credential | undefined {
    return [...this.#owners.keys()].find((key) => key.name === name)
  }

  #ownerOf(credential: Credential): Account {
    const account = this.#owners.get(credential)
    if (account === undefined)
      throw new Error(`${credential.name} belongs to no account of ${this.provider.name}`)
    return account
  }
}

/** Why an account cannot take this call, before looking at its keys. */
function refusalOf(account: Account, want: Want, now: number): Exhausted | undefined {
  if (account.rests.all.active(now)) return exhaustedBy(account.rests.all)
  if (want.free && account.rests.free.active(now)) return exhaustedBy(account.rests.free)
  const model = account.models.get(want.model)
  if (model?.active(now) === true) return exhaustedBy(model)
  for (const counter of account.countersFor(want.free)) {
    if (counter.hasRoom(now, amountOf(counter.limit, want))) continue
    return refusalOfLimit(counter, now)
  }
  return undefined
}

function refusalOfLimit(counter: LimitCounter, now: number): Exhausted {
  const { limit, max } = counter
  const share = `${shown(limit, counter.used(now))}/${shown(limit, max ?? 0)}`
  const resetsAt = counter.resetsAt(now)
  // Nobody knows when a call in flight will end; a second is soon enough to ask again.
  if (resetsAt === undefined) {
    return {
      exhausted: true,
      kind: 'busy',
      reason: `calls in flight at their limit (${share})`,
      freeAt: now + 1000,
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
function amountOf(limit: Limit, want: Want): number {
  if (limit.metric === 'tokens') return want.tokens
  return limit.metric === 'nano-usd' ? want.nanoUsd : 1
}

/** What it has used of it in the end. A refused call still counts as a request: services count at the door. */
function usedOf(limit: Limit, end: LeaseEnd, actual: Actual): number {
  if (limit.metric === 'in-flight' || end.type === 'unsent') return 0
  if (limit.metric === 'tokens') return actual.tokens
  return limit.metric === 'nano-usd' ? actual.nanoUsd : 1
}

const nothing: Actual = { tokens: 0, nanoUsd: 0 }

function refusalOfKeys(account: Account, now: number): Exhausted {
  const resting = account.keys.map((key) => key.rest).filter((rest) => rest.active(now))
  const first = resting.toSorted((left, right) => left.until - right.until)[0]
  return first === undefined
    ? { exhausted: true, kind: 'unknown', reason: 'every key was tried for this request' }
    : exhaustedBy(first)
}

function exhaustedBy(rest: Rest): Exhausted {
  const facts = { exhausted: true, kind: rest.kind, reason: rest.why } as const
  return Number.isFinite(rest.until) ? { ...facts, freeAt: rest.until } : facts
}

/** One answer for a whole pool: the earliest return, and the reason of the account that returns first. */
function summarise(refusals: readonly Exhausted[]): Exhausted {
  const soonest = refusals.toSorted(
    (left, right) => (left.freeAt ?? Infinity) - (right.freeAt ?? Infinity),
  )[0]
  if (soonest === undefined) return { exhausted: true, kind: 'credential', reason: 'no key is configured' }
  if (refusals.length === 1) return soonest
  return { ...soonest, reason: `${soonest.reason}; ${refusals.length} accounts in all` }
}
