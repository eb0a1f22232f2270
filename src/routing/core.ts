import { RouterError } from '../errors.ts'
import type { Comparison, LedgerStore, UsageQuery, UsageRow } from '../ledger/ledger.ts'
import { windowStart } from '../limits/window.ts'
import type { ModelInfo } from '../providers/provider.ts'
import type { Draft } from '../relay/draft.ts'
import { createTransport, type Transport } from '../wire/transport.ts'
import { type CallOptions, dispatch, type Routed } from './dispatch.ts'
import { emulate } from './emulate.ts'
import { inputTokens } from './estimate.ts'
import { checkKeys, type KeyCheck } from './key-check.ts'
import { type Listing, listingOf } from './listing.ts'
import { unalias } from './model-name.ts'
import { MonthSpend } from './month-spend.ts'
import { latelyQuery } from './outlook.ts'
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
  status(): Promise<Status>
  models(): Promise<readonly ListedModel[]>
  /** The same with who pays, and with prices of tables. */
  listing(): Promise<Listing>
  /** Models by the other names that the operator gave them. */
  readonly aliases: Readonly<Record<string, string>>
  /** What the services counted of their UTC days beside our own counts, the newest day first. */
  comparisons(since: number): Promise<readonly Comparison[]>
  /** Sums of the ledger. */
  usage(query: UsageQuery): Promise<readonly UsageRow[]>
  /** The newest attempts first. */
  attempts: LedgerStore['attempts']
  /** Asks the services about keys, by reads that spend no quota; `names` left out: about all. */
  checkKeys(names?: readonly string[]): Promise<readonly KeyCheck[]>
  /** Ends every rest of a key by hand; false when no key has that name. */
  release(keyName: string): Promise<boolean>
  /** Sets a key aside by hand, for later processes too, or takes it back; false when no key has that name. */
  enable(keyName: string, enabled: boolean): Promise<boolean>
  /** Whether the store takes rows; false also while closing. */
  healthy(): boolean
  close(): Promise<void>
}

export function createCore(settings: RouterSettings): RouterCore {
  return new Core(settings)
}

class Core implements RouterCore {
  readonly ready: Promise<void>
  readonly #settings: RouterSettings
  readonly #upstreams: readonly Upstream[]
  readonly #transport: Transport
  readonly #budget: RetryBudget
  readonly #spending: Spending
  readonly #patience: Patience
  readonly #monthSpend: MonthSpend = new MonthSpend()
  #store: LedgerStore | undefined
  #nextId = 0
  #started = false
  #closed: Promise<void> | undefined
  #survey: Survey | undefined

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
    })
  }

  async status(): Promise<Status> {
    await this.ready
    const now = this.#settings.clock.now()
    const store = this.#open()
    const [totals, lately, before] = await Promise.all([
      store.totals(windowStart('day', now)),
      store.usage(latelyQuery(now)),
      this.#monthSpend.before(store, now),
    ])
    const today = totals.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0)
    const monthNanoUsd = before === undefined ? undefined : before + today
    return statusOf(this.#upstreams, { totals, lately, monthNanoUsd, spending: this.#spending.list(), now })
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

  async listing(): Promise<Listing> {
    await this.ready
    return listingOf(this.#upstreams, this.#settings.clock.now())
  }

  async comparisons(since: number): Promise<readonly Comparison[]> {
    await this.ready
    return this.#open().comparisons(since)
  }

  async usage(query: UsageQuery): Promise<readonly UsageRow[]> {
    await this.ready
    return this.#open().usage(query)
  }

  async attempts(
    filter: Parameters<LedgerStore['attempts']>[0],
  ): Promise<Awaited<ReturnType<LedgerStore['attempts']>>> {
    await this.ready
    return this.#open().attempts(filter)
  }

  checkKeys(names?: readonly string[]): Promise<readonly KeyCheck[]> {
    return checkKeys(this.#upstreams, { transport: this.#transport, clock: this.#settings.clock }, names)
  }

  release(keyName: string): Promise<boolean> {
    return this.#byHand(({ pool }) => pool.release(keyName))
  }

  enable(keyName: string, enabled: boolean): Promise<boolean> {
    return this.#byHand(({ pool }) => pool.enable(keyName, enabled))
  }

  async #byHand(change: (upstream: Upstream) => boolean): Promise<boolean> {
    await this.ready
    const changed = this.#upstreams.map((upstream) => change(upstream)).includes(true)
    if (changed) await this.#open().flush()
    return changed
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
