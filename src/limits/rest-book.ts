import type { Clock, Random } from '../clock.ts'
import type { Hold } from '../ledger/ledger.ts'
import { faultPolicy } from '../providers/faults.ts'
import type { Capacity, Fault, Provider } from '../providers/provider.ts'
import type { Account } from './account.ts'
import type { Credential } from './credential.ts'
import { disabledHold, type HoldStore, holdNames, readingsAsModel } from './holds.ts'
import { Rest, restOf } from './rest.ts'

// Rests that mean "spent", which a reading of what is left can end.
const spentKinds: ReadonlySet<string> = new Set(['quota', 'rate', 'credits'])
// OpenRouter's GET /key is cached about a minute; a little more, to be sure that a call has been counted.
const staleMs = 90_000

/** Which call failed, for deciding who rests. */
export interface Blamed {
  readonly account: Account
  readonly credential: Credential
  readonly model: string
  readonly startedAt: number
  /** Whether the call was to cost nothing. */
  readonly free: boolean
}

/** Who rests at one provider, and until when: in memory at once, on disk soon after. */
export class RestBook {
  /** The provider as a whole. */
  readonly rest: Rest = new Rest()
  readonly #provider: Provider
  readonly #clock: Clock
  readonly #random: Random
  readonly #holds: HoldStore
  readonly #models: Map<string, Rest> = new Map()

  constructor(
    provider: Provider,
    ports: { readonly clock: Clock; readonly random: Random; readonly holds: HoldStore },
  ) {
    this.#provider = provider
    this.#clock = ports.clock
    this.#random = ports.random
    this.#holds = ports.holds
  }

  /** The rest that stands in the way of every key for this model, if any. */
  blocking(model: string, now: number): Rest | undefined {
    if (this.rest.active(now)) return this.rest
    const rest = this.#models.get(model)
    return rest?.active(now) === true ? rest : undefined
  }

  /** How often a model failed since it last answered; undefined while it rests. */
  trouble(model: string, now: number): number | undefined {
    const rest = this.#models.get(model)
    return rest?.active(now) === true ? undefined : (rest?.strikes ?? 0)
  }

  /** Models that rest for everybody now. */
  restingModels(now: number): { readonly model: string; readonly rest: Rest }[] {
    return [...this.#models].flatMap(([model, rest]) => (rest.active(now) ? [{ model, rest }] : []))
  }

  blame(fault: Fault, blamed: Blamed): void {
    const subject = this.#subjectOf(fault, blamed)
    if (subject === undefined) return
    const { baseMs, maxMs } = faultPolicy[fault.kind]
    const now = this.#clock.now()
    const until =
      fault.until ??
      subject.rest.grow({ baseMs, maxMs, startedAt: blamed.startedAt, now, random: this.#random })
    if (!subject.rest.set(until, { kind: fault.kind, why: fault.message, at: now })) return
    for (const name of subject.names)
      this.#holds.hold({ name, until, kind: fault.kind, why: fault.message, setAt: now })
  }

  /** A call went well: whoever it proves healthy starts small again at the next trouble. */
  proved({ account, credential, model }: Blamed): void {
    this.rest.proved()
    this.#models.get(model)?.proved()
    account.rests.all.proved()
    account.rests.free.proved()
    account.models.get(model)?.proved()
    credential.rest.proved()
  }

  /**
   * What the service says of an account's capacity ends a rest early, or begins one before a call is wasted. Its figures
   * may be a minute old, so a rest younger than that is not ended by them.
   */
  hear(account: Account, capacity: Capacity): void {
    const now = this.#clock.now()
    const rest = account.rests[capacity.lane]
    if (capacity.left) {
      if (!rest.active(now) || !spentKinds.has(rest.kind) || now - rest.setAt < staleMs) return
      rest.release()
      for (const key of account.keys) this.#holds.release(holdNames.account(key, capacity.lane))
      return
    }
    // Without a stated end it rests until the next reading, which will say more.
    const until = capacity.until ?? now + staleMs
    const why = capacity.why ?? 'spent, as the service says'
    if (!rest.set(until, { kind: 'quota', why, at: now })) return
    for (const key of account.keys) {
      const name = holdNames.account(key, capacity.lane)
      this.#holds.hold({ name, until, kind: 'quota', why, setAt: now })
    }
  }

  #subjectOf(
    fault: Fault,
    { account, credential, model, free }: Blamed,
  ): { readonly rest: Rest; readonly names: readonly string[] } | undefined {
    const provider = this.#provider.name
    switch (fault.scope) {
      case 'request':
        return undefined
      case 'key':
        return { rest: credential.rest, names: [holdNames.key(credential)] }
      case 'account':
        return ofAccount(account, fault.lane)
      case 'account-model':
        // Money that is missing for a call that costs nothing is a debt of the whole account (docs: api_reference/limits).
        if (fault.kind === 'credits' && free) return ofAccount(account, 'all')
        return {
          rest: restOf(account.models, model, this.#clock.now()),
          names: account.keys.map((key) => holdNames.accountModel(key, model)),
        }
      case 'model':
        // Where the service picks the model itself, one pick's trouble says nothing about the next.
        if (this.#provider.picksModel?.(model) === true) return undefined
        return {
          rest: restOf(this.#models, model, this.#clock.now()),
          names: [holdNames.model(provider, model)],
        }
      case 'provider':
        return { rest: this.rest, names: [holdNames.provider(provider)] }
    }
  }

  /** Takes over what an earlier process wrote. */
  restore(accounts: readonly Account[], holds: readonly Hold[]): void {
    const { name } = this.#provider
    const written = new WrittenRests(holds, this.#clock.now())
    written.apply(this.rest, holdNames.provider(name))
    written.applyModels(new Map([[holdNames.model(name, ''), this.#models]]))
    this.restoreAccounts(accounts, holds)
  }

  /** The same for accounts alone. */
  restoreAccounts(accounts: readonly Account[], holds: readonly Hold[]): void {
    const written = new WrittenRests(holds, this.#clock.now())
    const models = new Map<string, Map<string, Rest>>()
    for (const account of accounts) {
      for (const key of account.keys) {
        written.apply(key.rest, holdNames.key(key))
        written.apply(key.disabled, holdNames.disabled(key))
        written.apply(account.rests.all, holdNames.account(key, 'all'))
        written.apply(account.rests.free, holdNames.account(key, 'free'))
        models.set(holdNames.accountModel(key, ''), account.models)
      }
    }
    written.applyModels(models)
  }

  /** Sets a key aside until it is enabled again, by this process or a later one. */
  disable(credential: Credential): void {
    const hold = disabledHold(credential, this.#clock.now())
    credential.disabled.set(hold.until, { kind: hold.kind, why: hold.why, at: hold.setAt })
    this.#holds.hold(hold)
  }

  enable(credential: Credential): void {
    credential.disabled.release()
    this.#holds.release(holdNames.disabled(credential))
  }

  /** Ends by hand every rest that stands in the way of one key; one that was disabled stays so. */
  release(account: Account, credential: Credential): void {
    const ended: [Rest, ...string[]][] = [
      [this.rest, holdNames.provider(this.#provider.name)],
      [credential.rest, holdNames.key(credential)],
      [account.rests.all, ...account.keys.map((key) => holdNames.account(key, 'all'))],
      [account.rests.free, ...account.keys.map((key) => holdNames.account(key, 'free'))],
    ]
    for (const [model, rest] of account.models)
      ended.push([rest, ...account.keys.map((key) => holdNames.accountModel(key, model))])
    for (const [rest, ...names] of ended) {
      rest.release()
      for (const name of names) this.#holds.release(name)
    }
  }
}

function ofAccount(
  account: Account,
  lane: 'free' | 'all',
): { readonly rest: Rest; readonly names: readonly string[] } {
  return { rest: account.rests[lane], names: account.keys.map((key) => holdNames.account(key, lane)) }
}

/** Rests as an earlier process wrote them, by their names. */
class WrittenRests {
  readonly #holds: ReadonlyMap<string, Hold>
  readonly #now: number

  constructor(holds: readonly Hold[], now: number) {
    this.#holds = new Map(holds.map((hold) => [hold.name, hold]))
    this.#now = now
  }

  apply(rest: Rest, name: string): void {
    const hold = this.#holds.get(name)
    if (hold !== undefined) rest.set(hold.until, { kind: hold.kind, why: hold.why, at: hold.setAt })
  }

  /** Of models, by what stands in front of their names. */
  applyModels(resting: ReadonlyMap<string, Map<string, Rest>>): void {
    for (const name of this.#holds.keys()) {
      for (const [prefix, model] of readingsAsModel(name)) {
        const models = resting.get(prefix)
        if (models !== undefined) this.apply(restOf(models, model, this.#now), name)
      }
    }
  }
}
