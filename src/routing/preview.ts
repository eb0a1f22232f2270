import type { Capability, DialectName, RequestKind } from '../chat/types.ts'
import type { Clock } from '../clock.ts'
import { dialectNamed } from '../dialects/index.ts'
import { isRouterError, ProviderError, type RouterError } from '../errors.ts'
import type { PoolView } from '../limits/pool.ts'
import type { Lane } from '../providers/provider.ts'
import { bytesPerToken, candidateCost, usualMaxTokens } from './estimate.ts'
import { failure, type Obstacle, speaksNot } from './failure.ts'
import { unalias } from './model-name.ts'
import { type Ask, type Candidate, laneOf, noKeys, plan, type SkipKind } from './plan.ts'
import type { Policy } from './policy.ts'
import { type PlannedAccount, plannedAccount } from './preview-account.ts'
import { type Asking, needsOf } from './reserve.ts'
import type { RoutingSettings } from './settings.ts'
import type { Spending } from './spending.ts'
import { refusalOfError, type Told, told } from './trail.ts'
import { type Upstream, voiceFor } from './upstream.ts'

/** A request that is not sent. */
export interface PlanRequest {
  /** As a client would name it; `auto`: the router chooses. */
  readonly model: string
  /** Whose ceilings and reserve count. */
  readonly client?: string
  /** As in `x-switchyard-provider`. */
  readonly provider?: string
  /** As the model is listed unless told, else `chat`. */
  readonly kind?: RequestKind
  readonly needs?: readonly Capability[]
  /** Rough size of the request; 1,000 unless told. */
  readonly inputTokens?: number
  /** Only calls that cost nothing. */
  readonly freeOnly?: boolean
}

/** What would be chosen for a request now, and why not the others. Times are ISO strings. */
export interface RoutePlan {
  readonly at: string
  readonly asked: string
  /** What the name stands for, where it is an alias. */
  readonly model: string
  readonly client: string
  /** The size that costs and token limits are reckoned with. */
  readonly assumed: { readonly inputTokens: number; readonly outputTokens: number }
  /** Who would get the call; left out when nobody can take it. */
  readonly next?: {
    readonly provider: string
    readonly model: string
    readonly lane: Lane
    readonly account: string
    readonly key: string
  }
  /** What the client would be told if nobody can. `waits`: calls in flight are waited for first. */
  readonly refusal?: {
    readonly code: string
    readonly message: string
    readonly until?: string
    readonly waits?: boolean
  }
  /** In the order in which they are tried. */
  readonly candidates: readonly PlannedCandidate[]
  /** What is no candidate, and why. */
  readonly skipped: readonly PlannedSkip[]
}

export interface PlannedCandidate {
  readonly provider: string
  readonly title: string
  readonly model: string
  /** Further models that the service may fall to by itself. */
  readonly others: readonly string[]
  /** What a call draws on. */
  readonly lane: Lane
  readonly usable: boolean
  readonly obstacle?: Told
  /** In the order in which they would be used; those that cannot come last. */
  readonly accounts: readonly PlannedAccount[]
  /** US dollars for a million tokens, and who says so; left out when no price is known. */
  readonly price?: { readonly inputUsd: number; readonly outputUsd: number; readonly source: string }
  /** The most that the call may cost: what is held under a ceiling. Left out when nobody knows. */
  readonly mostUsd?: number
  /** Needs that the model is not listed with. */
  readonly lacks: readonly Capability[]
}

export interface PlannedSkip {
  readonly provider: string
  readonly model?: string
  readonly kind: SkipKind
  readonly why: string
}

interface PreviewPorts {
  readonly clock: Clock
  readonly policy: Policy
  readonly spending: Spending
  readonly routing: RoutingSettings
}

/** Goes the way of a request through the code that a request goes through, and takes nothing. */
export function previewOf(
  upstreams: readonly Upstream[],
  request: PlanRequest,
  ports: PreviewPorts,
): RoutePlan {
  const { client = '', inputTokens = 1000, needs = [] } = request
  const now = ports.clock.now()
  const model = unalias(ports.routing.aliases, request.model)
  const draft = sketch(dialects[request.kind ?? kindOf(upstreams, model)], inputTokens)
  const skipped: PlannedSkip[] = []
  const ask: Ask = {
    model,
    kind: draft.dialect.kind,
    needs: () => needs,
    inputTokens,
    now,
    freeOnly: ports.policy.freeOnly || request.freeOnly === true,
    ...(request.provider === undefined ? {} : { preferProvider: request.provider }),
    skipped: ({ provider }, kind, what) =>
      void skipped.push({ provider: provider.name, kind, ...(what ?? { why: noKeys([{ provider }]) }) }),
  }
  const looked: Looked[] = []
  let refused: RouterError | undefined
  try {
    for (const each of plan(upstreams, ask)) looked.push(look(each, { draft, client, needs }, ports))
  } catch (error) {
    if (!isRouterError(error)) throw error
    refused = error
  }
  const first = looked.find(({ shown }) => shown.usable)?.shown
  const obstacles = looked.flatMap(({ obstacle }) => obstacle ?? [])
  return {
    at: new Date(now).toISOString(),
    asked: request.model,
    model,
    client,
    assumed: { inputTokens, outputTokens: draft.dialect.kind === 'chat' ? usualMaxTokens : 0 },
    ...(first === undefined
      ? { refusal: refusalOf(refused ?? failure(request.model, obstacles, now), obstacles) }
      : nextOf(first)),
    candidates: looked.map(({ shown }) => shown),
    skipped,
  }
}

function nextOf({ provider, model, lane, accounts: [account] }: PlannedCandidate): Pick<RoutePlan, 'next'> {
  const key = account?.keys[0]
  if (account === undefined || key === undefined) return {}
  return { next: { provider, model, lane, account: account.id, key: key.name } }
}

function refusalOf(error: RouterError, obstacles: readonly Obstacle[]): NonNullable<RoutePlan['refusal']> {
  const until = error instanceof ProviderError ? error.availableAt : undefined
  return {
    code: error.code,
    message: error.message,
    ...(until === undefined ? {} : { until: until.toISOString() }),
    ...(obstacles.some(({ exhausted }) => exhausted?.slot === true) && { waits: true }),
  }
}

interface Looked {
  readonly shown: PlannedCandidate
  readonly obstacle?: Obstacle
}

function look(
  candidate: Candidate,
  { draft, client, needs }: { draft: Asking; client: string; needs: readonly Capability[] },
  ports: PreviewPorts,
): Looked {
  const { upstream, model, others } = candidate
  const { provider, catalogue, pool } = upstream
  const known = catalogue.info(model)?.capabilities
  const now = ports.clock.now()
  const facts = {
    provider: provider.name,
    title: provider.title,
    model,
    others,
    lane: laneOf(candidate),
    lacks: known === undefined ? [] : needs.filter((need) => !known.includes(need)),
    ...priceOf(candidate, now),
  }
  const voice = voiceFor(upstream, draft)
  if (voice === undefined) {
    const refused = speaksNot(candidate, draft.dialect.kind)
    const obstacle = told(refusalOfError(refused))
    return {
      shown: { ...facts, usable: false, obstacle, accounts: [] },
      obstacle: { candidate, refused },
    }
  }
  const { want, expense } = needsOf({ draft, candidate, voice, avoid: new Set(), client }, ports)
  const view: PoolView = pool.view(want)
  const exhausted = ports.spending.refusal(expense) ?? view.exhausted
  const accounts = view.accounts.map((each) => plannedAccount(each, want, now))
  const most = expense.nanoUsd === undefined ? {} : { mostUsd: expense.nanoUsd / 1e9 }
  if (exhausted === undefined) return { shown: { ...facts, ...most, usable: true, accounts } }
  return {
    shown: { ...facts, ...most, usable: false, obstacle: told(exhausted), accounts },
    obstacle: { candidate, exhausted },
  }
}

// Of a thousand tokens: few enough for the price of a short prompt, enough to be exact in nano-dollars.
const priced = 1000

function priceOf(candidate: Candidate, at: number): Pick<PlannedCandidate, 'price'> {
  const input = candidateCost({ input: priced, output: 0 }, candidate, at)
  const output = candidateCost({ input: 0, output: priced }, candidate, at)
  const call = candidateCost({ input: 0, output: 0 }, candidate, at)
  if (input === undefined || output === undefined || call === undefined) return {}
  const perMillion = (nanoUsd: number): number => (nanoUsd - call.nanoUsd) / priced / 1000
  const { source } = output
  return { price: { inputUsd: perMillion(input.nanoUsd), outputUsd: perMillion(output.nanoUsd), source } }
}

const dialects: Readonly<Record<RequestKind, DialectName>> = {
  chat: 'openai-chat',
  embeddings: 'openai-embeddings',
}

function kindOf(upstreams: readonly Upstream[], model: string): RequestKind {
  return upstreams.flatMap(({ catalogue }) => catalogue.info(model)?.kind ?? [])[0] ?? 'chat'
}

/** A request of this size that says nothing. */
function sketch(dialect: DialectName, inputTokens: number): Asking {
  return {
    dialect: dialectNamed(dialect),
    stream: false,
    sizeBytes: inputTokens * bytesPerToken,
    maxTokens: undefined,
    member: () => undefined,
    remoteImages: () => 0,
    conversation: () => undefined,
  }
}
