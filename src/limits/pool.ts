import type { Clock, Random } from '../clock.ts'
import type { Comparison, Hold } from '../ledger/ledger.ts'
import type { AccountNews, Provider } from '../providers/provider.ts'
import type { Account } from './account.ts'
import type { Credential } from './credential.ts'
import { LimitCounter } from './counter.ts'
import { comparisonsOf } from './comparisons.ts'
import {
  byLoad,
  byRoom,
  choose,
  type Chosen,
  inOrder,
  mostRivals,
  nobodyPassed,
  type Order,
  passedOf,
  refusalOf,
  type Usable,
  usable,
} from './choice.ts'
import {
  amountOf,
  type Exhausted,
  exhaustedBy,
  nothing,
  type Obstacle,
  type PassedAccounts,
  usedOf,
} from './exhausted.ts'
import type { HoldStore } from './holds.ts'
import { Owners } from './owners.ts'
import { type PoolView, viewOf } from './pool-view.ts'
import { RestBook } from './rest-book.ts'
import { Sticky } from './sticky.ts'
import { WaitingLine } from './waiting.ts'
import type { Actual, Conversation, LeaseEnd, Want } from './want.ts'

export type { Chosen } from './choice.ts'
export type { Exhausted, PassedAccounts, Refusal } from './exhausted.ts'
export type { AccountView, KeyView, PoolView } from './pool-view.ts'
export type { Actual, LeaseEnd, Want } from './want.ts'

const minuteMs = 60_000

/** Room in every limit of one account, taken for one call. */
export interface Lease {
  readonly credential: Credential
  readonly account: string
  readonly chosen: Chosen
  /** Accounts that were looked at first and could not take the call. */
  readonly passed: PassedAccounts
  /**
   * Exactly once; a second call throws, because it would give back room that somebody else may hold. Without `actual`
   * nothing but the request itself was used.
   */
  settle(end: LeaseEnd, actual?: Actual): void
}

export interface PoolPorts {
  readonly clock: Clock
  readonly random: Random
  readonly holds: HoldStore
}

/** How one call goes through the accounts, and where its conversation was. */
interface Way {
  readonly order: Order
  readonly conversation?: Conversation | undefined
  readonly warm?: Account | undefined
}

/** The keys of one provider: which one takes the next call, and which must rest. Never waits, never does I/O. */
export class KeyPool {
  readonly provider: Provider
  readonly rests: RestBook
  /** Calls waiting for one in flight to end. */
  readonly waiting: WaitingLine = new WaitingLine()
  readonly #clock: Clock
  readonly #owners: Owners
  // Keys, not accounts: an account may turn out to be part of another.
  readonly #sticky: Sticky<Credential> = new Sticky()
  #turn = 0
  #hurry: number = Number.NEGATIVE_INFINITY
  #paidAt: number | undefined

  constructor(provider: Provider, accounts: readonly Account[], ports: PoolPorts) {
    this.provider = provider
    this.rests = new RestBook(provider, ports)
    this.#clock = ports.clock
    this.#owners = new Owners(provider.name, accounts)
  }

  get accounts(): readonly Account[] {
    return this.#owners.accounts
  }

  /** Takes further keys into use, with the rests that earlier processes wrote for them. */
  add(newcomers: readonly Account[], holds: readonly Hold[]): void {
    this.rests.restoreAccounts(newcomers, holds)
    this.#owners.add(newcomers, this.#clock.now())
    // One of them may have what somebody waits for.
    this.waiting.next()
  }

  /** Epoch milliseconds at which a call that is not free last began in this process. */
  get paidAt(): number | undefined {
    return this.#paidAt
  }

  lease(want: Want): Lease | Exhausted {
    const now = this.#clock.now()
    const blocking = this.rests.blocking(want.model, now)
    if (blocking !== undefined) return exhaustedBy(blocking)

    const { order, conversation, warm } = this.#way(want, now)
    const kept = warm === undefined ? undefined : usable(warm, want, now)
    if (kept !== undefined && 'key' in kept) {
      if (conversation !== undefined) this.#sticky.remember(conversation.id, kept.key, now)
      return this.#take({ ...kept, at: 0, chosen: 'conversation' }, nobodyPassed, want, now)
    }
    const { best, refused } = choose(this.accounts, order, want, now)
    for (const { obstacle } of refused) this.#noteHurry(obstacle, now)
    const passed = passedOf(refused, want, now)
    if (best === undefined) return { ...refusalOf(refused, want, now), passed }
    if (order.from !== undefined) this.#turn = best.at + 1
    if (conversation !== undefined) this.#sticky.remember(conversation.id, best.key, now)
    return this.#take(best, passed, want, now)
  }

  /** What `lease` would do now with the same call. Nothing is taken, and no turn passes. */
  view(want: Want): PoolView {
    const now = this.#clock.now()
    const { order, warm } = this.#way(want, now)
    const view = viewOf(this.accounts, { order, warm }, want, now)
    const blocking = this.rests.blocking(want.model, now)
    return blocking === undefined ? view : { ...view, exhausted: exhaustedBy(blocking) }
  }

  /**
   * How the accounts are gone through. Those used in turn: the least busy first, a conversation back where it was.
   * Others: one after the other while that keeps up with what is asked. When one account's minute was full, the accounts
   * with the most of their day left go first: else the last one would be left alone with a rest that its minutes do not
   * let through before the day is over.
   */
  #way(want: Want, now: number): Way {
    const evenly = this.provider.spread === 'evenly' && this.accounts.length > 1
    if (!evenly) {
      if (now >= this.#hurry) return { order: inOrder }
      // Where not all are compared, each must come to be among those that are.
      return { order: byRoom(now, want.free, this.accounts.length > mostRivals ? this.#turn : undefined) }
    }
    const order = byLoad(this.#turn)
    const conversation = want.conversation?.()
    const warm = conversation?.continues === true ? this.#sticky.owner(conversation.id, now) : undefined
    return { order, conversation, warm: warm === undefined ? undefined : this.#owners.of(warm) }
  }

  /** A minute that is full says that one account does not keep up, until a whole minute has passed without that. */
  #noteHurry(obstacle: Obstacle, now: number): void {
    if (!(obstacle instanceof LimitCounter) || obstacle.limit.window !== 'minute') return
    this.#hurry = (obstacle.resetsAt(now) ?? now) + minuteMs
  }

  #take(
    { account, key: credential, chosen }: Usable,
    passed: PassedAccounts,
    want: Want,
    takenAt: number,
  ): Lease {
    for (const counter of account.countersFor(want.free)) counter.take(takenAt, amountOf(counter.limit, want))
    account.inFlight++
    credential.inFlight++
    if (!want.free) this.#paidAt = takenAt
    account.took(credential)
    let settled = false
    return {
      credential,
      account: account.id,
      chosen,
      passed,
      settle: (end, actual = nothing) => {
        if (settled) throw new Error(`a lease of ${credential.name} was settled twice`)
        settled = true
        // Two accounts may have turned out to be one while the call was out.
        const owner = this.#owners.of(credential)
        owner.inFlight--
        credential.inFlight--
        const now = this.#clock.now()
        for (const counter of owner.countersFor(want.free)) {
          const taken = amountOf(counter.limit, want)
          counter.adjust(takenAt, now, usedOf(counter.limit, end, actual) - taken)
        }
        if (actual.nanoUsd > 0) credential.budget.spend(actual.nanoUsd, takenAt, now)
        this.waiting.next()
        const blamed = { account: owner, credential, model: want.model, startedAt: takenAt, free: want.free }
        if (end.type === 'answered') {
          credential.lastError = undefined
          this.rests.proved(blamed)
        } else if (end.type === 'fault') {
          const { fault } = end
          if (fault.scope !== 'request') credential.lastError = fault.message
          if (fault.limit !== undefined) owner.learn(fault.limit, now)
          // The refusal names its account: keys that no metadata read could tell apart are told by it.
          if (fault.account !== undefined && owner.identity === undefined)
            this.#owners.identify([{ credential, identity: fault.account }], now)
          this.rests.blame(fault, { ...blamed, account: this.#owners.of(credential) })
        }
      },
    }
  }

  /**
   * What metadata reads said about the accounts behind keys. Keys that turn out to share one are one bucket from now
   * on. Returns the service's own counts beside ours.
   */
  hear(
    readings: readonly { readonly credential: Credential; readonly news: AccountNews }[],
  ): readonly Comparison[] {
    const now = this.#clock.now()
    this.#owners.identify(
      readings.flatMap(({ credential, news: { account: identity } }) =>
        identity === undefined ? [] : [{ credential, identity }],
      ),
      now,
    )
    for (const { credential, news } of readings) {
      const account = this.#owners.of(credential)
      account.hear(news.limits, now)
      if (news.key !== undefined) credential.budget.hear(news.key, now)
      if (news.capacity !== undefined) this.rests.hear(account, news.capacity)
    }
    return readings.flatMap(({ credential, news }) =>
      comparisonsOf(this.provider.name, this.#owners.of(credential), credential, news, now),
    )
  }

  /** Counts calls made by an earlier process, or by a key before its account was known. */
  recount(keyName: string, limit: string, used: number): void {
    const key = this.#owners.named(keyName)
    if (key === undefined) return
    const now = this.#clock.now()
    const counter = this.#owners.of(key).counters.find((each) => each.limit.name === limit)
    counter?.restore(now, used)
  }

  /** What a key spent today before this process began, in nano-dollars. */
  respend(keyName: string, nanoUsd: number): void {
    this.#owners.named(keyName)?.budget.restore(nanoUsd, this.#clock.now())
  }

  /** Takes over rests that an earlier process wrote. */
  restore(holds: readonly Hold[]): void {
    this.rests.restore(this.accounts, holds)
  }

  /** Ends by hand every rest in the way of a key; false when no key has that name. */
  release(keyName: string): boolean {
    const key = this.#owners.named(keyName)
    if (key === undefined) return false
    this.rests.release(this.#owners.of(key), key)
    return true
  }

  /** Sets a key aside, or takes it back; false when no key has that name. */
  enable(keyName: string, enabled: boolean): boolean {
    const key = this.#owners.named(keyName)
    if (key === undefined) return false
    if (enabled) this.rests.enable(key)
    else this.rests.disable(key)
    return true
  }
}
