import type { Lane, ModelInfo, Price } from '../providers/provider.ts'
import type { Upstream } from './upstream.ts'

/** Everything that is listed now, with who pays for it. */
export interface Listing {
  readonly models: readonly PricedModel[]
  /** What `auto` costs when no free quota is left: whose price the value of free calls is told by. */
  readonly reference?: PricedModel
}

export interface PricedModel extends ModelInfo {
  readonly provider: string
  readonly lane: Lane
}

/** Prices that a service does not list come from the operator's or the provider's own table. */
export function listingOf(upstreams: readonly Upstream[], now: number): Listing {
  const models = upstreams.flatMap((upstream) =>
    upstream.catalogue.models.map((model) => priced(upstream, model, now)),
  )
  const reference = upstreams.map((upstream) => referenceOf(upstream, now)).find((each) => each !== undefined)
  return { models, ...(reference === undefined ? {} : { reference }) }
}

function priced(upstream: Upstream, model: ModelInfo, now: number): PricedModel {
  const { provider } = upstream
  const price = model.price ?? tablePrice(upstream, model.id, now)
  const paid = provider.lane === 'included' ? 'included' : 'paid'
  return {
    ...model,
    provider: provider.name,
    lane: model.free ? 'free' : paid,
    ...(price === undefined ? {} : { price }),
  }
}

/** Asked for much at once, so that what is rounded per call does not matter. */
function tablePrice({ provider }: Upstream, model: string, now: number): Price | undefined {
  const tokens = 1_000_000
  const input = provider.price?.(model, { input: tokens, output: 0 }, now)
  const output = provider.price?.(model, { input: 0, output: tokens }, now)
  if (input === undefined || output === undefined) return undefined
  return { input: input.nanoUsd / tokens, output: output.nanoUsd / tokens }
}

function referenceOf(upstream: Upstream, now: number): PricedModel | undefined {
  const { provider, catalogue } = upstream
  if (provider.lane === 'free') return undefined
  const ask = { needs: () => [], inputTokens: 0, catalogue: catalogue.models, now, trouble: () => 0 }
  const id = upstream.autoModel ?? upstream.choose(ask).model
  const model = priced(upstream, catalogue.info(id) ?? { id, free: false }, now)
  return model.price === undefined ? undefined : model
}
