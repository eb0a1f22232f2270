import type { Usage } from '../chat/types.ts'
import { chargeFor } from '../providers/prices.ts'
import type { Cost, Price } from '../providers/provider.ts'

/** Sources of a call's cost, the most trusted first. */
export interface CostSources {
  readonly lane: 'free' | 'paid'
  /** The provider's own price table; undefined where it has none for the model. */
  readonly tablePrice: (usage: Usage) => Cost | undefined
  /** The price the catalogue listed. */
  readonly listPrice: Price | undefined
  /** Epoch milliseconds at which the call began. */
  readonly at: number
}

/** What a call cost, and who says so; undefined when nobody can say, never a silent 0. */
export function costOf(usage: Usage | undefined, sources: CostSources): Cost | undefined {
  if (usage?.nanoUsd !== undefined) return { nanoUsd: usage.nanoUsd, source: 'service' }
  if (sources.lane === 'free') return { nanoUsd: 0, source: 'free' }
  if (usage === undefined) return undefined
  const fromTable = sources.tablePrice(usage)
  if (fromTable !== undefined || sources.listPrice === undefined) return fromTable
  const nanoUsd = chargeFor(sources.listPrice, usage, sources.at)
  return nanoUsd === undefined ? undefined : { nanoUsd, source: 'listed' }
}

/** An amount for people: at least two decimals, up to seven significant digits, never an exponent. */
export function dollars(nanoUsd: number): string {
  const usd = Math.abs(nanoUsd) / 1e9
  // Below a nano-dollar there is nothing to show.
  const places = Math.min(9, Math.max(2, 6 - Math.floor(Math.log10(usd))))
  return `${nanoUsd < 0 ? '-' : ''}$${usd.toFixed(places).replace(/(\.\d\d+?)0+$/, '$1')}`
}
