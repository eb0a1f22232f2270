import type { Loose } from './lenient.ts'

const mostCredibleDollars = 10_000

/**
 * OpenRouter's `cost`, in billionths of a dollar. It is in credits, and a credit is a dollar
 * (https://openrouter.ai/docs/use-cases/usage-accounting). One that cannot be true counts as absent.
 */
export function readCost(cost: Loose): number | undefined {
  if (typeof cost !== 'number' || !(cost >= 0) || cost > mostCredibleDollars) return undefined
  return Math.round(cost * 1e9)
}
