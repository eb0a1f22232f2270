import { isRecord, type Json } from '../json.ts'
import type { OpenRouterModel } from './models.ts'

/** The most a call may cost, in USD per million tokens (https://openrouter.ai/docs/guides/routing/provider-selection). */
export interface PriceLimit {
  readonly prompt: number
  readonly completion: number
}

function readPrice(value: unknown): number {
  const price = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof price === 'number' && price >= 0 ? price : Infinity
}

/** Reads `provider.max_price`; what it leaves out is not limited. */
export function readPriceLimit(body: Json): PriceLimit {
  const provider = isRecord(body['provider']) ? body['provider'] : {}
  const limit = isRecord(provider['max_price']) ? provider['max_price'] : {}
  return { prompt: readPrice(limit['prompt']), completion: readPrice(limit['completion']) }
}

export function isWithin(model: OpenRouterModel, limit: PriceLimit): boolean {
  // A price per token times a million is not always the round number it was listed as.
  const fits = (usd: number, most: number): boolean => usd * 1e6 <= most + 1e-9
  return fits(model.promptUsd, limit.prompt) && fits(model.completionUsd, limit.completion)
}
