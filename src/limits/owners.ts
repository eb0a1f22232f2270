import type { Account } from './account.ts'
import type { Credential } from './credential.ts'

/** Which account each key of a provider belongs to, as far as that is known by now. */
export class Owners {
  readonly #provider: string
  readonly #owners: Map<Credential, Account> = new Map()
  readonly #named: Map<string, Credential> = new Map()
  readonly #identified: Map<string, Account> = new Map()
  #accounts: readonly Account[] = []

  constructor(provider: string, accounts: readonly Account[]) {
    this.#provider = provider
    this.#accounts = [...accounts]
    for (const account of accounts) this.#own(account.keys, account)
  }

  get accounts(): readonly Account[] {
    return this.#accounts
  }

  of(credential: Credential): Account {
    const account = this.#owners.get(credential)
    if (account === undefined)
      throw new Error(`${credential.name} belongs to no account of ${this.#provider}`)
    return account
  }

  /** The key of that name; of several the first. */
  named(name: string): Credential | undefined {
    return this.#named.get(name)
  }

  /** Takes in further accounts. One whose name is known becomes part of that one. */
  add(newcomers: readonly Account[], now: number): void {
    const known = new Map(this.#accounts.map((account) => [account.id, account]))
    for (const newcomer of newcomers) {
      known.get(newcomer.id)?.absorb(newcomer, now)
      this.#own(newcomer.keys, known.get(newcomer.id) ?? newcomer)
    }
    this.#accounts = [...this.#accounts, ...newcomers.filter(({ id }) => !known.has(id))]
  }

  /** The service's own identity of accounts behind keys. Those that turn out to be one are one bucket from now on. */
  identify(
    told: readonly { readonly credential: Credential; readonly identity: string }[],
    now: number,
  ): void {
    const absorbed = new Set<Account>()
    for (const { credential, identity } of told) {
      const account = this.of(credential)
      if (this.#identify(account, identity, now) !== account) absorbed.add(account)
    }
    if (absorbed.size > 0) this.#accounts = this.#accounts.filter((each) => !absorbed.has(each))
  }

  /** Returns the account that owns its keys from now on. */
  #identify(account: Account, identity: string, now: number): Account {
    const known = this.#identified.get(identity)
    if (known === account) return account
    if (account.identity !== undefined) this.#identified.delete(account.identity)
    if (known === undefined) {
      account.identity = identity
      this.#identified.set(identity, account)
      return account
    }
    known.absorb(account, now)
    for (const key of account.keys) this.#owners.set(key, known)
    return known
  }

  #own(keys: readonly Credential[], account: Account): void {
    for (const key of keys) {
      this.#owners.set(key, account)
      if (!this.#named.has(key.name)) this.#named.set(key.name, key)
    }
  }
}
