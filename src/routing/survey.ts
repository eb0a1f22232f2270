import type { Clock } from '../clock.ts'
import type { Comparison, Owner } from '../ledger/ledger.ts'
import type { Account } from '../limits/account.ts'
import type { Credential } from '../limits/credential.ts'
import type { AccountNews } from '../providers/provider.ts'
import type { Transport } from '../wire/transport.ts'
import type { Log } from './settings.ts'
import { createFetcher, type Upstream } from './upstream.ts'

const timeoutMs = 3_000
const catalogueEveryMs = 600_000
/** The services ask for no more than a reading a minute per account. */
const accountEveryMs = 60_000
const idleAccountEveryMs = 600_000
const lookEveryMs = 15_000
/** Longest wait for the first readings. */
const beginMs = 6_000
// With thousands of keys a start must not open as many connections at once: each reading under way has one of its own.
const maxReadings = 32
// The ledger's queue is for the rows of calls: what thousands of accounts told may take a tenth of it.
const maxNotes = 1000

export interface SurveyPorts {
  readonly transport: Transport
  readonly clock: Clock
  readonly log: Log
  /** Remembers whose account a key opens, for a start at which the service cannot be asked. */
  readonly identify: (owner: Owner) => void
  /** Keeps what a service said of a day beside our own count. */
  readonly compare: (comparison: Comparison) => void
  /** Resolves when all that was given before is kept. */
  readonly flush: () => Promise<void>
}

/**
 * Reads what the services say of themselves by calls that spend no quota: model lists now and then, and accounts, at
 * most once a minute each, when one rests and might be back. Never probes with a completion.
 */
export class Survey {
  readonly #upstreams: readonly Upstream[]
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #log: Log
  readonly #identify: (owner: Owner) => void
  readonly #compare: (comparison: Comparison) => void
  readonly #flush: () => Promise<void>
  /** Which of an account's keys is asked with next: a key's own figures are told to itself only. */
  readonly #turns: WeakMap<Account, number> = new WeakMap()
  readonly #readAt: WeakMap<Account, number> = new WeakMap()
  readonly #waiting: (() => void)[] = []
  #reading = 0
  /** Told to the ledger since it last took everything. */
  #noted = 0
  #flushing: Promise<boolean> | undefined
  #ended = false
  #timer: NodeJS.Timeout | undefined

  constructor(upstreams: readonly Upstream[], ports: SurveyPorts) {
    this.#upstreams = upstreams
    this.#transport = ports.transport
    this.#clock = ports.clock
    this.#log = ports.log
    this.#identify = ports.identify
    this.#compare = ports.compare
    this.#flush = ports.flush
  }

  /**
   * The first readings: every key, because only then is it known which of them share an account. Services that hang do
   * not hold up the start: what comes late is taken over when it comes.
   */
  async begin(): Promise<void> {
    const readings = Promise.all(
      this.#upstreams.flatMap((upstream) => [
        this.#readCatalogue(upstream),
        this.#readAccounts(upstream, upstream.pool.accounts, true),
      ]),
    )
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, beginMs)
    await Promise.race([readings, late.promise])
    clearTimeout(timer)
    if (!this.#ended) this.#timer = setInterval(() => void this.look(), lookEveryMs).unref()
  }

  /**
   * Reads what the services say of accounts that are about to join, and of models where nothing was read for want of a key.
   * What is known of them counts as soon as `join` has taken them in, before any call can be made with their keys.
   */
  async welcome(upstream: Upstream, accounts: readonly Account[], join: () => void): Promise<void> {
    const { catalogue } = upstream
    const keys = accounts.flatMap((account) => account.keys.map((credential) => ({ account, credential })))
    const [told] = await Promise.all([
      Promise.all(keys.map((key) => this.#ask(upstream, key))),
      catalogue.triedAt === undefined ? this.#readCatalogue(upstream, accounts) : undefined,
    ])
    join()
    await Promise.all(keys.map((key, index) => this.#take(upstream, key, told[index])))
  }

  /** Reads whatever is due. */
  async look(): Promise<void> {
    const now = this.#clock.now()
    await Promise.all(
      this.#upstreams.flatMap((upstream) => {
        const { catalogue, pool } = upstream
        const due = pool.accounts.filter((account) => this.#isDue(account, now))
        const stale = now - (catalogue.triedAt ?? 0) >= catalogueEveryMs
        return [...(stale ? [this.#readCatalogue(upstream)] : []), this.#readAccounts(upstream, due, false)]
      }),
    )
  }

  end(): void {
    this.#ended = true
    clearInterval(this.#timer)
  }

  #isDue(account: Account, now: number): boolean {
    const since = now - (this.#readAt.get(account) ?? 0)
    const { all, free } = account.rests
    const spent = account.keys.some(({ budget }) => budget.spent(now) !== undefined)
    const rests = all.active(now) || free.active(now) || spent
    return since >= (rests ? accountEveryMs : idleAccountEveryMs)
  }

  async #readCatalogue(upstream: Upstream, accounts = upstream.pool.accounts): Promise<void> {
    const key = keyFor(accounts, this.#clock.now())
    if (key === undefined) return
    try {
      const get = createFetcher(upstream, key, this.#transport, timeoutMs)
      const read = () => upstream.catalogue.read(get, this.#clock.now())
      for (const { model, change } of await this.#inTurn(read)) {
        const what = change === 'priced' ? 'has a price now' : 'is listed no more'
        this.#log.warn(`the free model ${model} ${what}; it is not called, and nothing takes its place`)
      }
    } catch (error) {
      if (!this.#ended)
        this.#log.warn(`the model list of ${upstream.provider.title} could not be read`, {
          error: String(error),
        })
    }
  }

  async #readAccounts(upstream: Upstream, accounts: readonly Account[], everyKey: boolean): Promise<void> {
    if (upstream.provider.account === undefined) return
    // Before the answers are here: a look that begins meanwhile must not ask again, however long the queue.
    for (const account of accounts) this.#readAt.set(account, Infinity)
    const keys = accounts.flatMap((account) =>
      (everyKey ? account.keys : this.#nextKey(account)).map((credential) => ({ account, credential })),
    )
    await Promise.all(keys.map((key) => this.#readKey(upstream, key)))
  }

  /** Counts at once: figures that waited for those of thousands of other keys would be taken for fresh ones. */
  async #readKey(upstream: Upstream, key: ReadKey): Promise<void> {
    await this.#take(upstream, key, await this.#ask(upstream, key))
  }

  /** Undefined when the service tells nothing, or could not be asked. */
  async #ask(upstream: Upstream, { account, credential }: ReadKey): Promise<AccountNews | undefined> {
    const { provider } = upstream
    try {
      return await this.#inTurn(async () => {
        this.#readAt.set(account, this.#clock.now())
        return provider.account?.(createFetcher(upstream, credential, this.#transport, timeoutMs))
      })
    } catch (error) {
      if (!this.#ended)
        this.#log.warn(`the account of ${credential.name} could not be read`, { error: String(error) })
      return undefined
    }
  }

  async #take(
    { provider, pool }: Upstream,
    { credential }: ReadKey,
    news: AccountNews | undefined,
  ): Promise<void> {
    if (news === undefined) return
    const comparisons = pool.hear([{ credential, news }])
    const { fingerprint } = credential
    const owner =
      news.account === undefined ? undefined : { provider: provider.name, fingerprint, account: news.account }
    await this.#note([
      ...(owner === undefined ? [] : [() => this.#identify(owner)]),
      ...comparisons.map((comparison) => () => this.#compare(comparison)),
    ])
  }

  /** As fast as the ledger takes it. While it takes nothing the rest is let go: the next reading tells it again. */
  async #note(notes: readonly (() => void)[]): Promise<void> {
    for (const note of notes) {
      while (this.#noted >= maxNotes) {
        this.#flushing ??= this.#flushNotes()
        if (!(await this.#flushing)) return
      }
      this.#noted++
      note()
    }
  }

  /** Whether the ledger has taken what it was told. */
  async #flushNotes(): Promise<boolean> {
    try {
      await this.#flush()
      this.#noted = 0
      return true
    } catch {
      return false
    } finally {
      this.#flushing = undefined
    }
  }

  #nextKey(account: Account): readonly Credential[] {
    const turn = this.#turns.get(account) ?? 0
    this.#turns.set(account, turn + 1)
    const key = account.keys[turn % account.keys.length]
    return key === undefined ? [] : [key]
  }

  async #inTurn<Value>(read: () => Promise<Value>): Promise<Value> {
    if (this.#reading < maxReadings) this.#reading++
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await read()
    } finally {
      const next = this.#waiting.shift()
      // Whoever waited longest takes over the place.
      if (next === undefined) this.#reading--
      else next()
    }
  }
}

interface ReadKey {
  readonly account: Account
  readonly credential: Credential
}

/** The first key that may be used, else the first of all. */
function keyFor(accounts: readonly Account[], now: number): Credential | undefined {
  for (const { keys, rests } of accounts) {
    if (rests.all.active(now)) continue
    const usable = keys.find((key) => key.resting(now) === undefined)
    if (usable !== undefined) return usable
  }
  return accounts[0]?.keys[0]
}
