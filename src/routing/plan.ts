import type { Capability, RequestKind } from '../chat/types.ts'
import { ProviderError, RequestError } from '../errors.ts'
import type { AutoChoice, Lane } from '../providers/provider.ts'
import { nearNames } from './catalogue.ts'
import { spellings, withoutLatest } from './model-name.ts'
import type { Upstream } from './upstream.ts'

/** One way to serve a request: a model at a provider. */
export interface Candidate {
  readonly upstream: Upstream
  /** As the provider names it. */
  readonly model: string
  /** Further models that the provider may fall to by itself. */
  readonly others: readonly string[]
  /** Whether calls draw on the free quota. */
  readonly free: boolean
}

/** What a call of this candidate draws on. */
export function laneOf({ free, upstream }: Candidate): Lane {
  return free ? 'free' : upstream.provider.lane === 'included' ? 'included' : 'paid'
}

export interface Ask {
  /** `auto`: the router chooses. */
  readonly model: string
  readonly kind: RequestKind
  /** Name of a provider that goes first (`auto`) or alone (a named model). */
  readonly preferProvider?: string
  needs(): readonly Capability[]
  /** Rough size of the request. */
  readonly inputTokens: number
  readonly now: number
  /** Only candidates that cost nothing. */
  readonly freeOnly: boolean
  /** Told of what is passed over; `what` is left out for a provider without keys. */
  skipped?(upstream: Upstream, kind: SkipKind, what?: { readonly model: string; readonly why: string }): void
}

/** Why something is no candidate: it has no key, was free and is not, or costs money where nothing may. */
export type SkipKind = 'no-keys' | 'drift' | 'free-only'

/**
 * Which candidates a request has, in the order they are tried. `auto` goes through the free lane, then the paid one.
 * A named model goes where the live catalogue lists it, else where its name belongs; it is never replaced by another.
 * Throws RequestError `model_not_found` with near names, or ProviderError `unavailable` when the provider has no key.
 */
export function plan(upstreams: readonly Upstream[], ask: Ask): Iterable<Candidate> {
  const candidates = allCandidates(upstreams, ask)
  return ask.freeOnly ? onlyFree(candidates, ask) : candidates
}

function* onlyFree(
  candidates: Iterable<Candidate>,
  { model, skipped }: Ask,
): Generator<Candidate, void, undefined> {
  let any = false
  for (const each of candidates) {
    if (!each.free) {
      skipped?.(each.upstream, 'free-only', {
        model: each.model,
        why: 'it costs money, and only free calls are allowed here',
      })
      continue
    }
    any = true
    yield each
  }
  if (!any) {
    const why =
      model === 'auto'
        ? 'only free calls are allowed here, and no provider with a key has any'
        : `"${model}" costs money, and only free calls are allowed here; ask for "auto" or a free model`
    throw new RequestError('policy_refused', why, 'model')
  }
}

function allCandidates(upstreams: readonly Upstream[], ask: Ask): Iterable<Candidate> {
  const preferred = preferredOf(upstreams, ask.preferProvider)
  const model = resolveName(preferred === undefined ? upstreams : [preferred], ask.model)
  if (model === 'auto') {
    if (ask.kind === 'embeddings') throw noAuto()
    return planAuto(upstreams, preferred, ask)
  }
  if (preferred !== undefined) return usable([preferred], model, ask).map((each) => candidate(each, model))

  const able = upstreams.filter(({ voices }) => voices.some(({ dialect }) => dialect.kind === ask.kind))
  // A place that cannot do it says so better than "no such model" would.
  const places = [able, upstreams]
    .map((among) => placesOf(among, model, ask.kind))
    .find((found) => found.length > 0)
  if (places === undefined) throw unknownModel(upstreams, model)
  return byLane(usable(places, model, ask)).map((upstream) => candidate(upstream, model))
}

/** `name` and `name:latest` are one model: as somebody lists it, else without the tag. */
function resolveName(upstreams: readonly Upstream[], asked: string): string {
  const ways = spellings(asked)
  if (ways.includes('auto')) return 'auto'
  const listed = ways.find((way) => upstreams.some(({ catalogue }) => catalogue.info(way) !== undefined))
  return listed ?? withoutLatest(asked)
}

/** Where the live catalogues list a model, else where its name belongs. */
function placesOf(upstreams: readonly Upstream[], model: string, kind: RequestKind): readonly Upstream[] {
  const listing = upstreams.filter(({ catalogue }) => catalogue.info(model) !== undefined)
  if (listing.length > 0) return listing
  const claiming = upstreams.filter(({ provider }) => provider.claims(model))
  // Where no list can tell, a name that begins with a provider's own belongs to that one.
  const own = claiming.filter(({ provider }) => model.startsWith(`${provider.name}/`))
  const trusted = kind === 'embeddings' && own.length > 0 ? own : claiming
  return trusted.filter((upstream) => !isKnownMissing(upstream, model, kind))
}

function noAuto(): RequestError {
  return new RequestError(
    'invalid_request',
    `there is no "auto" for embeddings, since vectors of two models cannot be compared: name one in 'model'`,
    'model',
  )
}

function planAuto(
  upstreams: readonly Upstream[],
  preferred: Upstream | undefined,
  ask: Ask,
): Iterable<Candidate> {
  const ready = withKeys(upstreams, ask)
  if (ready.length === 0) throw new ProviderError('unavailable', noKeys(upstreams))
  const ordered = byLane(ready)
  if (preferred !== undefined)
    ordered.sort((left, right) => Number(right === preferred) - Number(left === preferred))
  return autoCandidates(ordered, ask)
}

/** One after the other, because what a request needs is only read when a provider has to know. */
function* autoCandidates(upstreams: readonly Upstream[], ask: Ask): Generator<Candidate, void, undefined> {
  let drifted: string | undefined
  let any = false
  for (const upstream of upstreams) {
    const { model, others = [] } =
      upstream.autoModel === undefined ? chooseAuto(upstream, ask) : { model: upstream.autoModel }
    drifted = driftOf(upstream, model)
    // The next provider is as good to whoever leaves the choice to the router.
    if (drifted !== undefined) {
      ask.skipped?.(upstream, 'drift', { model, why: drifted })
      continue
    }
    any = true
    yield candidate(upstream, model, others)
  }
  if (!any) throw new ProviderError('unavailable', `nothing is left for "auto": ${drifted}`)
}

function chooseAuto({ choose, catalogue, pool }: Upstream, ask: Ask): AutoChoice {
  return choose({
    needs: () => ask.needs(),
    inputTokens: ask.inputTokens,
    catalogue: catalogue.models,
    now: ask.now,
    trouble: (model) => pool.rests.trouble(model, ask.now),
  })
}

/** A listed name goes out as it is listed: a local server lists names that the hosted one wants without their suffix. */
function candidate(upstream: Upstream, asked: string, others: readonly string[] = []): Candidate {
  const { provider, catalogue } = upstream
  const drift = driftOf(upstream, asked)
  if (drift !== undefined)
    throw new RequestError('model_not_found', `${drift}; choose another, or "auto"`, 'model')
  const info = catalogue.info(asked)
  return {
    upstream,
    model: info?.id ?? provider.upstreamModel(asked),
    others,
    free: provider.isFree(asked, info),
  }
}

/** Why a model that was free is not called any more; undefined when it is what it was. */
function driftOf({ provider, catalogue }: Upstream, asked: string): string | undefined {
  const known = provider.drifted?.(asked, catalogue.info(asked))
  if (known !== undefined || !catalogue.gainedPrice(asked)) return known
  return `"${asked.trim()}" was free and has a price now, so it is not called until this router starts anew`
}

function preferredOf(upstreams: readonly Upstream[], name: string | undefined): Upstream | undefined {
  if (name === undefined) return undefined
  const found = upstreams.find(({ provider }) => provider.name === name)
  if (found !== undefined) return found
  const names = upstreams.map(({ provider }) => `"${provider.name}"`).join(', ')
  throw new RequestError(
    'invalid_request',
    `there is no provider "${name.slice(0, 60)}"; known: ${names}`,
    'preferProvider',
  )
}

/** Free lanes first, then what is paid for anyway, then by the call; within a lane the configured order. */
function byLane(upstreams: readonly Upstream[]): Upstream[] {
  return upstreams.toSorted(
    (left, right) => laneOrder.indexOf(left.provider.lane) - laneOrder.indexOf(right.provider.lane),
  )
}

const laneOrder: readonly Lane[] = ['free', 'included', 'paid']

function withKeys(upstreams: readonly Upstream[], ask: Ask): readonly Upstream[] {
  return upstreams.filter((upstream) => {
    if (upstream.pool.accounts.length > 0) return true
    ask.skipped?.(upstream, 'no-keys')
    return false
  })
}

function usable(upstreams: readonly Upstream[], model: string, ask: Ask): readonly Upstream[] {
  const ready = withKeys(upstreams, ask)
  if (ready.length > 0) return ready
  throw new ProviderError(
    'unavailable',
    `model "${model}" belongs to a provider without a key: ${noKeys(upstreams)}`,
  )
}

export function noKeys(upstreams: readonly Pick<Upstream, 'provider'>[]): string {
  return upstreams
    .map(({ provider }) => `set ${provider.environment.key} to use ${provider.title}`)
    .join(', or ')
}

/** The catalogue has been read, does not list the model, and the service would not make it out by itself. */
function isKnownMissing({ catalogue, provider }: Upstream, model: string, kind: RequestKind): boolean {
  return catalogue.readAt !== undefined && provider.unlisted?.(model, kind) !== true
}

function unknownModel(upstreams: readonly Upstream[], model: string): RequestError {
  const names = upstreams.flatMap(({ catalogue }) => catalogue.models.map(({ id }) => id))
  const near = nearNames(model, names)
  const hint =
    near.length > 0
      ? `did you mean ${near.map((name) => `"${name}"`).join(', ')}?`
      : 'use "auto", "vendor/model", or a name from GET /v1/models'
  return new RequestError(
    'model_not_found',
    `no provider has a model "${model.slice(0, 100)}"; ${hint}`,
    'model',
  )
}
