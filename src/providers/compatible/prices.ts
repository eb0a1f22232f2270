import type { Usage } from '../../chat/types.ts'

/** In dollars, as price pages write them. */
export interface ModelPrice {
  readonly inputUsdPerMillion: number
  readonly outputUsdPerMillion: number
  /** Left out: cached input costs what other input costs. */
  readonly cachedUsdPerMillion?: number
}

/** A dollar a million tokens is 1000 nano-dollars a token. */
const nanoPerUsdPerMillion = 1000

/** What a call costs in nano-dollars; undefined for token counts that are none. */
export function costOf(price: ModelPrice, usage: Usage): number | undefined {
  const { input, output } = usage
  const cached = Math.min(usage.cached ?? 0, input)
  if (![input, output, cached].every((count) => Number.isFinite(count) && count >= 0)) return undefined
  const usd =
    (input - cached) * price.inputUsdPerMillion +
    cached * (price.cachedUsdPerMillion ?? price.inputUsdPerMillion) +
    output * price.outputUsdPerMillion
  const total = Math.round(usd * nanoPerUsdPerMillion)
  return Number.isSafeInteger(total) ? total : undefined
}
