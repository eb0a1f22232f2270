import { RouterError } from '../errors.ts'
import type { LedgerStore } from '../ledger/ledger.ts'
import { windowStart } from '../limits/window.ts'
import type { ModelInfo } from '../providers/provider.ts'
import type { Draft } from '../relay/draft.ts'
import { createTransport, type Transport } from '../wire/transport.ts'
import { type CallOptions, dispatch, type Routed } from './dispatch.ts'
import { plan } from './plan.ts'
import { RetryBudget } from './retry-budget.ts'
import type { RouterSettings } from './settings.ts'
import { type Status, statusOf } from './status.ts'
import { createFetcher, createUpstream, type Upstream } from './upstream.ts'

/** A model with the provider that lists it. */
export interface ListedModel extends ModelInfo {
  readonly provider: string
}

/** The router as its doors see it: requests in, answers out, and what it knows about itself. */
export interface RouterCore extends AsyncDisposable {
  /** Resolves when store, holds, counts and (as far as reachable) accounts and catalogues have been read. */
  readonly ready: Promise<void>
  /** Throws RouterError: RequestError, ProviderError or QuotaExhaustedError. */
  send(draft: Draft, options?: CallOptions): Promise<Routed>
  status(): Promise<Status>
  models(): Promise<readonly ListedModel[]>
  /** Ends every rest of a key by hand; false when no key has that name. */
  release(keyName: string): Promise<boolean>
  /** Whether the store takes rows; false also while closing. */
  healthy(): boolean
  close(): Promise<void>
}

const metadataTimeoutMs = 3_000
const catalogueEveryMs = 600_000

export function createCore(settings: RouterSettings): RouterCore {
  return new Core(settings)
}

class Core implements RouterCore {
  readonly ready: Promise<void>
  readonly #settings: RouterSettings
  readonly #upstreams: readonly Upstream[]
  readonly #transport: Transport
  readonly #budget: RetryBudget
  #store: LedgerStore | undefined
  #nextId = 0
  #closing = false
  #catalogueTimer: NodeJS.Timeout | undefined

  constructor(settings: RouterSettings) {
    this.#settings = settings
    const { clock, random, routing } = settings
    // The store opens later than the pools are made: rests noted before that would have nowhere to go, and no call is made before it.
    const holds = {
      hold: (hold: Parameters<LedgerStore['hold']>[0]) => this.#store?.hold(hold),
      release: (name: string) => this.#store?.release(name),
    }
    this.#upstreams = settings.providers.map((each) => createUpstream(each, { clock, random, holds }))
    this.#transport = createTransport({
      connectMs: routing.connectMs,
      headersMs: routing.firstContentMs,
      idleMs: routing.idleMs,
    })
    this.#budget = new RetryBudget(clock)
    this.ready = this.#start()
    // Whoever sends a request awaits it and hears of a failure; nobody doing so must not end the process.
    this.ready.catch(() => {})
  }

  async #start(): Promise<void> {
    const store = await this.#settings.openStore()
    this.#store = store
    const { opening } = store
    this.#nextId = opening.nextId
    if (opening.reconciled > 0)
      this.#settings.log.warn('calls were open when the last process ended', {
        interrupted: opening.reconciled,
      })
    for (const { pool } of this.#upstreams) pool.restore(opening.holds)
    await this.#recount(store)
    await Promise.all(this.#upstreams.map((upstream) => this.#readMetadata(upstream)))
    this.#catalogueTimer = setInterval(() => {
      for (const upstream of this.#upstreams) void this.#readCatalogue(upstream)
    }, catalogueEveryMs).unref()
  }

  /** Calls that an earlier process made in the windows still running. */
  async #recount(store: LedgerStore): Promise<void> {
    const now = this.#settings.clock.now()
    for (const window of ['minute', 'day'] as const) {
      for (const { provider, fingerprint, lane, count } of await store.counts(windowStart(window, now))) {
        const pool = this.#upstreams.find((each) => each.provider.name === provider)?.pool
        for (const account of pool?.accounts ?? []) {
          // By the secret, not by its name: a new key under an old name is another account's.
          const key = account.keys.find((each) => each.fingerprint === fingerprint)
          if (key === undefined) continue
          for (const { limit } of account.counters) {
            const counts = limit.metric === 'requests' && limit.window === window
            if (counts && (limit.lane === 'all' || limit.lane === lane))
              pool?.recount(key.name, limit.name, count)
          }
        }
      }
    }
  }

  async #readMetadata(upstream: Upstream): Promise<void> {
    await Promise.all([this.#readCatalogue(upstream), this.#readAccounts(upstream)])
  }

  async #readCatalogue(upstream: Upstream): Promise<void> {
    const [key] = upstream.pool.accounts.flatMap((account) => account.keys)
    if (key === undefined) return
    const get = createFetcher(upstream, key, this.#transport, metadataTimeoutMs)
    try {
      await upstream.catalogue.read(get, this.#settings.clock.now())
    } catch (error) {
      this.#settings.log.warn(`the model list of ${upstream.provider.title} could not be read`, {
        error: String(error),
      })
    }
  }

  async #readAccounts(upstream: Upstream): Promise<void> {
    const { provider, pool } = upstream
    const keys = pool.accounts.flatMap((account) => account.keys)
    const readings = await Promise.all(
      keys.map(async (credential) => {
        try {
          const news = await provider.account?.(
            createFetcher(upstream, credential, this.#transport, metadataTimeoutMs),
          )
          return news === undefined ? [] : [{ credential, news }]
        } catch (error) {
          this.#settings.log.warn(`the account of ${credential.name} could not be read`, {
            error: String(error),
          })
          return []
        }
      }),
    )
    pool.hear(readings.flat())
  }

  async send(draft: Draft, options: CallOptions = {}): Promise<Routed> {
    if (this.#store === undefined) await this.ready
    const store = this.#open()
    const candidates = plan(this.#upstreams, {
      model: draft.model,
      needs: () => draft.needs(),
      ...(options.preferProvider === undefined ? {} : { preferProvider: options.preferProvider }),
    })
    return dispatch(draft, candidates, options, {
      transport: this.#transport,
      ledger: store,
      clock: this.#settings.clock,
      log: this.#settings.log,
      routing: this.#settings.routing,
      budget: this.#budget,
      nextId: () => this.#nextId++,
    })
  }

  async status(): Promise<Status> {
    await this.ready
    const now = this.#settings.clock.now()
    return statusOf(this.#upstreams, await this.#open().totals(windowStart('day', now)), now)
  }

  async models(): Promise<readonly ListedModel[]> {
    await this.ready
    return this.#upstreams.flatMap(({ provider, catalogue }) =>
      catalogue.models.map((model) => ({ ...model, provider: provider.name })),
    )
  }

  async release(keyName: string): Promise<boolean> {
    await this.ready
    const released = this.#upstreams.map(({ pool }) => pool.release(keyName)).includes(true)
    if (released) await this.#open().flush()
    return released
  }

  healthy(): boolean {
    return this.#store !== undefined && !this.#closing
  }

  #open(): LedgerStore {
    if (this.#store === undefined || this.#closing) throw new RouterError('closed', 'the router is closed')
    return this.#store
  }

  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    clearInterval(this.#catalogueTimer)
    await this.ready.catch(() => {})
    await this.#transport.close()
    await this.#store?.[Symbol.asyncDispose]()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
