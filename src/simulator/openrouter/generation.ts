import type { Answer } from '../answer.ts'
import type { Dice } from '../dice.ts'
import type { Json } from '../json.ts'
import type { OpenRouterModel } from './models.ts'

/** One answered call, before it is written in one of the APIs. */
export interface Generation {
  readonly id: string
  /** Unix seconds. */
  readonly created: number
  readonly served: OpenRouterModel
  /** What the client sent. */
  readonly body: Json
  readonly answer: Answer
  readonly use: TokenUse
  readonly callIds: readonly string[]
  readonly metadata: Json | undefined
  /** How much of the usage is shown. */
  readonly usage: 'full' | 'counts' | 'none'
}

export interface TokenUse {
  readonly promptTokens: number
  /** Part of the prompt. */
  readonly cachedTokens: number
  readonly outputTokens: number
}

/** The id OpenRouter also sends as `X-Generation-Id`. */
export function generationId(dice: Dice, now: number): string {
  return `gen-${Math.floor(now / 1000)}-${dice.alphanumeric(20)}`
}

/** A dated slug answers for a paid model, the id itself for a free one, as captures show. */
export function modelName(model: OpenRouterModel): string {
  return model.isFree ? model.id : model.canonicalSlug
}

export interface Cost {
  readonly promptUsd: number
  readonly outputUsd: number
  /** What is charged. */
  readonly usd: number
}

export function costOf(model: OpenRouterModel, use: TokenUse): Cost {
  const fresh = use.promptTokens - use.cachedTokens
  const promptUsd = fresh * Math.max(0, model.promptUsd) + use.cachedTokens * Math.max(0, model.cachedUsd)
  const outputUsd = use.outputTokens * Math.max(0, model.completionUsd)
  // Zero completion insurance: an answer without a token is not billed.
  const isInsured = use.outputTokens === 0 && model.dimensions === undefined
  return { promptUsd, outputUsd, usd: isInsured || model.promptUsd <= 0 ? 0 : promptUsd + outputUsd }
}
