import { RouterError } from '../errors.ts'
import type { Comparison, LedgerStore } from '../ledger/ledger.ts'
import { windowStart } from '../limits/window.ts'
import type { ModelInfo } from '../providers/provider.ts'
import type { Draft } from '../relay/draft.ts'
import { createTransport, type Transport } from '../wire/transport.ts'
import { type CallOptions, dispatch, type Routed } from './dispatch.ts'
import { emulate } from './emulate.ts'
import { inputTokens } from './estimate.ts'
import { unalias } from './model-name.ts'
import { carefully, type Observer } from './observer.ts'
import { Patience } from './patience.ts'
import { plan } from './plan.ts'
import { recall } from './recall.ts'
import { RetryBudget } from './retry-budget.ts'
import type { RouterSettings } from './settings.ts'
import { Spending } from './spending.ts'
import { type Status, statusOf } from './status.ts'
import { Survey } from './survey.ts'
import { createUpstream, type Upstream } from './upstream.ts'

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
  /** `totals: false` leaves out the ledger's sums of today (they are 0 then), so that it answers also while the ledger does not. */
  status(options?: { readonly totals?: boolean }): Promise<Status>
  models(): Promise<readonly ListedModel[]>
  /** Models by the other names that the operator gave them. */
  readonly aliases: Readonly<Record<string, string>>
  /** Who wants to hear of requests that have ended. */
  readonly observe: Observer | undefined
  /** What the services counted of their UTC days beside our own counts, the newest day first. */
  comparisons(since: number): Promise<readonly Comparison[]>
  /** Ends every rest of a key by hand; false when no key has that name. */
  release(keyName: string): Promise<boolean>
  /** Whether the store takes rows; false also while closing. */
  healthy(): boolean
  close(): Promise<void>
}

export function createCore(settings: RouterSettings): RouterCore {
  return new Core(settings)
}

class Core implements RouterCore {
  readonly ready: Promise<void>
  readonly observe: Observer | undefined
  readonly #settings: RouterSettings
  readonly #upstreams: readonly Upstream[]
  readonly #transport: Transport
  readonly #budget: RetryBudget
  readonly #spending: Spending
  readonly #patience: Patience
  #store: LedgerStore | undefined
  #nextId = 0
  #started = false
  #closed: Promise<void> | undefined
  #survey: Survey | undefined

  constructor(settings: RouterSettings) {
    this.#settings = settings
    const { clock, random, routing, log, observe } = settings
    const failed = (error: unknown): void => log.warn('an observer failed', { error: String(error) })
    this.observe = observe === undefined ? undefined : carefully(observe, failed)
    // The store opens later than the pools are made: rests noted before that would have nowhere to go, and no call is made before it.
    const holds = {
      hold: (hold: Parameters<LedgerStore['hold']>[0]) => this.#store?.hold(hold),
      release: (name: string) => this.#store?.release(name),
    }
    this.#upstreams = settings.providers.map((each) => createUpstream(each, { clock, random, holds }))
    this.#transport = createTransport({
      connectMs: routing.connectMs,
      // A whole answer sends its head when it is done; shorter waits are each attempt's own.
      headersMs: Math.max(routing.firstContentMs, routing.wholeMs),
      idleMs: routing.idleMs,
    })
    this.#budget = new RetryBudget(clock)
    this.#patience = new Patience({ clock, random })
    this.#spending = new Spending(settings.policy.ceilings, clock)
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
    await recall(this.#upstreams, this.#spending, store, this.#settings.clock.now())
    this.#survey = new Survey(this.#upstreams, {
      transport: this.#transport,
      clock: this.#settings.clock,
      log: this.#settings.log,
      identify: (owner) => store.identify(owner),
      compare: (comparison) => store.compare(comparison),
    })
    await this.#survey.begin()
    this.#started = true
  }

  async send(draft: Draft, options: CallOptions = {}): Promise<Routed> {
    if (!this.#started) await this.ready
    const id = options.id ?? crypto.randomUUID()
    const { maxWaitMs = this.#settings.routing.maxWaitMs, signal } = options
    return emulate(draft, (each, made) =>
      this.#patience.through(() => this.#dispatch(each, { ...options, id }, made), { maxWaitMs, signal }),
    )
  }

  /** `made`: attempts that this request has made before. */
  #dispatch(draft: Draft, options: CallOptions, made: number): Promise<Routed> {
    const store = this.#open()
    const { clock, log, unknown, routing, policy } = this.#settings
    const candidates = plan(this.#upstreams, {
      model: unalias(routing.aliases, draft.model),
      kind: draft.dialect.kind,
      needs: () => draft.needs(),
      inputTokens: inputTokens(draft),
      now: clock.now(),
      freeOnly: policy.freeOnly || options.freeOnly === true,
      ...(options.preferProvider === undefined ? {} : { preferProvider: options.preferProvider }),
    })
    return dispatch(draft, candidates, options, {
      transport: this.#transport,
      ledger: store,
      clock,
      log,
      unknown,
      routing,
      budget: this.#budget,
      policy,
      spending: this.#spending,
      nextId: () => this.#nextId++,
      made,
      observe: this.observe,
    })
  }

  async status(options: { readonly totals?: boolean } = {}): Promise<Status> {
    await this.ready
    const now = this.#settings.clock.now()
    const store = this.#open()
    const totals = options.totals === false ? [] : await store.totals(windowStart('day', now))
    return statusOf(this.#upstreams, { totals, spending: this.#spending.list(), ledger: store.state, now })
  }

  get aliases(): Readonly<Record<string, string>> {
    return this.#settings.routing.aliases
  }

  async models(): Promise<readonly ListedModel[]> {
    await this.ready
    return this.#upstreams.flatMap(({ provider, catalogue }) =>
      catalogue.models.map((model) => ({ ...model, provider: provider.name })),
    )
  }

  async comparisons(since: number): Promise<readonly Comparison[]> {
    await this.ready
    return this.#open().comparisons(since)
  }

  async release(keyName: string): Promise<boolean> {
    await this.ready
    const released = this.#upstreams.map(({ pool }) => pool.release(keyName)).includes(true)
    if (released) await this.#open().flush()
    return released
  }

  healthy(): boolean {
    return this.#started && this.#closed === undefined
  }

  #open(): LedgerStore {
    if (this.#store === undefined || this.#closed !== undefined)
      throw new RouterError('closed', 'the router is closed')
    return this.#store
  }

  close(): Promise<void> {
    this.#closed ??= this.#end()
    return this.#closed
  }

  async #end(): Promise<void> {
    // What is starting is let finish: it would begin its readings after we are gone.
    await this.ready.catch(() => {})
    this.#survey?.end()
    await this.#transport.close()
    await this.#store?.[Symbol.asyncDispose]()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
