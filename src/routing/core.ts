import { RouterError } from '../errors.ts'
import type { Comparison, LedgerStore, UsageQuery, UsageRow } from '../ledger/ledger.ts'
import { newRequestId } from '../ledger/request-id.ts'
import type { AttemptFilter, AttemptPage } from '../ledger/search.ts'
import { windowEnd, windowStart } from '../limits/window.ts'
import type { Draft } from '../relay/draft.ts'
import { createTransport, type Transport } from '../wire/transport.ts'
import { Decisions } from './decisions.ts'
import { type CallOptions, dispatch, type IdentifiedCall, type Routed } from './dispatch.ts'
import { emulate } from './emulate.ts'
import { inputTokens } from './estimate.ts'
import { checkKeys, type KeyCheck } from './key-check.ts'
import { type Listing, listingOf } from './listing.ts'
import { unalias } from './model-name.ts'
import { type ClientSpend, clientSpend } from './client-spend.ts'
import { Joining, type TakenKeys } from './joining.ts'
import { carefully, type Observer } from './observer.ts'
import { latelyQuery } from './outlook.ts'
import { mostCalls, Patience } from './patience.ts'
import { plan } from './plan.ts'
import { type PlanRequest, previewOf, type RoutePlan } from './preview.ts'
import type { Policy } from './policy.ts'
import { recall } from './recall.ts'
import type { ListedModel, RouterCore } from './router-core.ts'
import { RetryBudget } from './retry-budget.ts'
import type { ProviderSettings, RouterSettings } from './settings.ts'
import { Spending } from './spending.ts'
import { type Status, statusOf } from './status.ts'
import { Survey } from './survey.ts'
import type { Trail } from './trail.ts'
import { createUpstream, type Upstream } from './upstream.ts'
import { mostAttempts, type Why, whyOf } from './why.ts'

export type { ListedModel, RouterCore } from './router-core.ts'

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
  #policy: Policy
  #joining: Joining | undefined
  readonly #patience: Patience
  readonly #decisions: Decisions
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
    this.#decisions = new Decisions({ store: () => this.#store, clock })
    this.#policy = settings.policy
    this.#spending = new Spending(settings.policy.ceilings, clock)
    this.ready = this.#start()
    // Whoever sends a request awaits it and hears of a failure; nobody doing so must not end the process.
    this.ready.catch(() => {})
  }

  async #start(): Promise<void> {
    const { clock, log, providers, openStore } = this.#settings
    const store = await openStore()
    this.#store = store
    const { opening } = store
    this.#nextId = opening.nextId
    if (opening.reconciled > 0)
      log.warn('calls were open when the last process ended', { interrupted: opening.reconciled })
    await recall(this.#upstreams, this.#spending, store, clock.now())
    this.#survey = new Survey(this.#upstreams, {
      transport: this.#transport,
      clock,
      log,
      identify: (owner) => store.identify(owner),
      compare: (comparison) => store.compare(comparison),
      flush: () => store.flush(),
    })
    this.#joining = new Joining(providers, { upstreams: this.#upstreams, survey: this.#survey, store, clock })
    await this.#survey.begin()
    this.#started = true
  }

  async send(draft: Draft, options: CallOptions = {}): Promise<Routed> {
    if (!this.#started) await this.ready
    const id = options.id ?? newRequestId(this.#settings.clock.now())
    const { maxWaitMs = this.#settings.routing.maxWaitMs, signal } = options
    const trail = this.#decisions.begin({ call: id, client: options.client ?? '', asked: draft.model })
    const patient = this.#patience.of({
      maxWaitMs,
      client: options.client,
      signal,
      waits: (ms) => trail.waited('quota', ms),
      calls: () => trail.attempts,
      mostCalls: mostCalls(this.#settings.routing.attempts),
    })
    try {
      return await emulate(
        draft,
        (each) => patient(() => this.#dispatch(each, { ...options, id }, trail)),
        (asked) => trail.note({ type: 'again', why: asked.join('; ') }),
      )
    } catch (error) {
      trail.failed(error)
      throw error
    }
  }

  #dispatch(draft: Draft, options: IdentifiedCall, trail: Trail): Promise<Routed> {
    const store = this.#open()
    const { clock, log, unknown, routing } = this.#settings
    const policy = this.#policy
    const candidates = plan(this.#upstreams, {
      model: unalias(routing.aliases, draft.model),
      kind: draft.dialect.kind,
      needs: () => draft.needs(),
      inputTokens: inputTokens(draft),
      now: clock.now(),
      freeOnly: policy.freeOnly || options.freeOnly === true,
      skipped: (upstream, kind, what) => {
        if (what !== undefined) trail.skipped(upstream, kind, what.model, what.why)
      },
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
      trail,
      observe: this.observe,
    })
  }

  async status(options: { readonly totals?: boolean } = {}): Promise<Status> {
    await this.ready
    const now = this.#settings.clock.now()
    const store = this.#open()
    const [totals, lately, month] =
      options.totals === false
        ? [[], [], []]
        : await Promise.all([
            store.totals(windowStart('day', now), windowEnd('day', now)),
            store.usage(latelyQuery(now)),
            store.usage({ since: windowStart('month', now), until: now + 1, by: [] }),
          ])
    const monthNanoUsd = month.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0)
    const spending = this.#spending.list()
    return statusOf(this.#upstreams, { totals, lately, monthNanoUsd, spending, ledger: store.state, now })
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

  async plan(request: PlanRequest): Promise<RoutePlan> {
    await this.ready
    return previewOf(this.#upstreams, request, {
      ...this.#settings,
      policy: this.#policy,
      spending: this.#spending,
    })
  }

  async why(id: string): Promise<Why | undefined> {
    await this.ready
    const store = this.#open()
    const [{ attempts }, decision] = await Promise.all([
      store.attempts({ limit: mostAttempts, call: id }),
      store.decision(id),
    ])
    return whyOf(id, attempts, decision)
  }

  async changePolicy<Change extends { readonly policy: Policy }>(change: () => Change): Promise<Change> {
    await this.ready
    const changed = change()
    this.#policy = changed.policy
    this.#spending.replace(changed.policy.ceilings)
    return changed
  }

  get inForce(): Pick<RouterSettings, 'providers' | 'policy'> {
    return { providers: (this.#joining ?? this.#settings).providers, policy: this.#policy }
  }

  async takeKeys(wanted: readonly ProviderSettings[]): Promise<TakenKeys> {
    await this.ready
    this.#open()
    return this.#joining?.take(wanted) ?? { taken: [], left: [] }
  }

  async clientSpend(): Promise<ClientSpend> {
    await this.ready
    return clientSpend(this.#open(), this.#settings.clock.now())
  }

  async usage(query: UsageQuery): Promise<readonly UsageRow[]> {
    await this.ready
    return this.#open().usage(query)
  }

  async attempts(filter: AttemptFilter): Promise<AttemptPage> {
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
