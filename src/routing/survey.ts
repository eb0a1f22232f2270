import type { Clock } from '../clock.ts'
import type { Owner } from '../ledger/ledger.ts'
import type { Account, Credential } from '../limits/account.ts'
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
// With thousands of keys a start must not open as many connections at once.
const maxReadings = 32

export interface SurveyPorts {
  readonly transport: Transport
  readonly clock: Clock
  readonly log: Log
  /** Remembers whose account a key opens, for a start at which the service cannot be asked. */
  readonly identify: (owner: Owner) => void
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
  readonly #readAt: WeakMap<Account, number> = new WeakMap()
  readonly #waiting: (() => void)[] = []
  #reading = 0
  #ended = false
  #timer: NodeJS.Timeout | undefined

  constructor(upstreams: readonly Upstream[], ports: SurveyPorts) {
    this.#upstreams = upstreams
    this.#transport = ports.transport
    this.#clock = ports.clock
    this.#log = ports.log
    this.#identify = ports.identify
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
    const rests = account.rests.all.active(now) || account.rests.free.active(now)
    return since >= (rests ? accountEveryMs : idleAccountEveryMs)
  }

  async #readCatalogue(upstream: Upstream): Promise<void> {
    const key = keyFor(upstream.pool.accounts, this.#clock.now())
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
    const { provider, pool } = upstream
    if (provider.account === undefined) return
    // Before the answers are here: a look that begins meanwhile must not ask again, however long the queue.
    for (const account of accounts) this.#readAt.set(account, Infinity)
    const keys = accounts.flatMap((account) =>
      (everyKey ? account.keys : account.keys.slice(0, 1)).map((credential) => ({ account, credential })),
    )
    const readings = await Promise.all(
      keys.map(async ({ account, credential }) => {
        try {
          const news = await this.#inTurn(async () => {
            this.#readAt.set(account, this.#clock.now())
            return provider.account?.(createFetcher(upstream, credential, this.#transport, timeoutMs))
          })
          return news === undefined ? [] : [{ credential, news }]
        } catch (error) {
          if (!this.#ended)
            this.#log.warn(`the account of ${credential.name} could not be read`, { error: String(error) })
          return []
        }
      }),
    )
    pool.hear(readings.flat())
    for (const { credential, news } of readings.flat()) {
      const { fingerprint } = credential
      if (news.account !== undefined)
        this.#identify({ provider: provider.name, fingerprint, account: news.account })
    }
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

/** The first key that may be used, else the first of all. */
function keyFor(accounts: readonly Account[], now: number): Credential | undefined {
  for (const { keys, rests } of accounts) {
    if (rests.all.active(now)) continue
    const usable = keys.find(({ rest }) => !rest.active(now))
    if (usable !== undefined) return usable
  }
  return accounts[0]?.keys[0]
}
