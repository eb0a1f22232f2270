import type { Usage } from '../chat/types.ts'
import type { Price } from '../providers/provider.ts'

/** Sources of a call's cost, the most trusted first. */
export interface CostSources {
  readonly lane: 'free' | 'paid'
  /** The provider's own price table; undefined where it has none for the model. */
  readonly tablePrice: (usage: Usage) => number | undefined
  /** The price the catalogue listed. */
  readonly listPrice: Price | undefined
}

/** What a call cost in nano-dollars; undefined when nobody can say, never a silent 0. */
export function costOf(usage: Usage | undefined, sources: CostSources): number | undefined {
  if (usage?.nanoUsd !== undefined) return usage.nanoUsd
  if (sources.lane === 'free') return 0
  if (usage === undefined) return undefined
  const fromTable = sources.tablePrice(usage)
  if (fromTable !== undefined || sources.listPrice === undefined) return fromTable
  return priceOf(usage, sources.listPrice)
}

/** Cached input is priced apart; without a price of its own it costs what other input costs. */
export function priceOf(usage: Usage, price: Price): number {
  const cached = Math.min(usage.cached ?? 0, usage.input)
  const nanoUsd =
    (usage.input - cached) * price.input +
    cached * (price.cached ?? price.input) +
    usage.output * price.output
  return Math.round(nanoUsd)
}

/** An amount for people: at least two decimals, up to seven significant digits, never an exponent. */
export function dollars(nanoUsd: number): string {
  const usd = Math.abs(nanoUsd) / 1e9
  // Below a nano-dollar there is nothing to show.
  const places = Math.min(9, Math.max(2, 6 - Math.floor(Math.log10(usd))))
  return `${nanoUsd < 0 ? '-' : ''}$${usd.toFixed(places).replace(/(\.\d\d+?)0+$/, '$1')}`
}
