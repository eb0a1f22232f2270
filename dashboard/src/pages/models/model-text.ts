import type { Capability, PricedModel } from '../../api/types.ts'

/** The command line's short words for capabilities. */
export const capabilityWords: Readonly<Record<Capability, string>> = {
  tools: 'tools',
  images: 'images',
  'structured-output': 'json',
  reasoning: 'think',
}

/** `free`, `included`, `0.15, 0.6` (US dollars for a million tokens in and out), `?`. */
export function priceText({ price, lane, free }: PricedModel): string {
  if (free) return 'free'
  if (lane === 'included') return 'included'
  if (price === undefined) return '?'
  const perMillion = (nanoUsd: number): string => String(Number((nanoUsd / 1000).toPrecision(3)))
  return `${perMillion(price.input)}, ${perMillion(price.output)}`
}

/** `128K`, `1M`, `?`. */
export function contextText({ contextTokens }: PricedModel): string {
  if (contextTokens === undefined) return '?'
  return contextTokens >= 1_000_000
    ? `${Math.round(contextTokens / 100_000) / 10}M`
    : `${Math.round(contextTokens / 1024)}K`
}

/** `tools json think`, `embeddings`, `?`. */
export function canText({ kind, capabilities }: PricedModel): string {
  return kind ?? capabilities?.map((each) => capabilityWords[each]).join(' ') ?? '?'
}
