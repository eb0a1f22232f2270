import { tokensOf, type Question } from '../answer.ts'
import type { Exchange } from '../exchange.ts'
import { dayWindow, minuteWindow } from '../windows.ts'
import {
  dayRefusal,
  insufficientCredits,
  minuteRefusal,
  paymentRefusal,
  plainRefusal,
  type Refusal,
} from './errors.ts'
import type { OpenRouterModel } from './models.ts'
import type { InferenceRequest } from './request.ts'
import { limitRemaining, type OpenRouterKey, type OpenRouterSide } from './side.ts'

/** The bearer token of a call, whether it is a key of ours or not. */
export function presentedKey(exchange: Exchange): string | undefined {
  return /^bearer\s+(\S+)$/i.exec(exchange.header('authorization') ?? '')?.[1]
}

export function authRefusal(
  presented: string | undefined,
  key: OpenRouterKey | undefined,
): Refusal | undefined {
  if (presented === undefined) return plainRefusal('no-key', 401, 'No auth credentials found')
  if (key === undefined || key.disabled) return plainRefusal('unknown-key', 401, 'User not found.')
  return undefined
}

/** The most a call can cost: without `max_tokens` the model's full output is reserved. */
export function worstCost(model: OpenRouterModel, question: Question): number {
  const outputTokens = Math.min(question.maxTokens ?? Infinity, model.maxOutputTokens)
  const usd = tokensOf(question.promptChars) * model.promptUsd + outputTokens * model.completionUsd
  return Math.max(0, usd)
}

/** Step 3: who pays? */
export function moneyRefusal(
  side: OpenRouterSide,
  key: OpenRouterKey,
  request: InferenceRequest,
  now: number,
): Refusal | undefined {
  const { owner } = key
  const { settings } = side
  if (owner.balance < 0) return paymentRefusal(settings, key, 'credits', insufficientCredits)
  const model = request.models[0]!
  if (model.isFree) return undefined
  if (limitRemaining(key, now) === 0) {
    const period = key.limitReset ?? 'total'
    const message = `Key limit exceeded (${period} limit). Manage it using https://openrouter.ai/settings/keys`
    return settings.keyLimitStatus === 403
      ? plainRefusal('key-limit', 403, message, owner.userId)
      : paymentRefusal(settings, key, 'key-limit', message)
  }
  if (owner.balance === 0) return paymentRefusal(settings, key, 'credits', insufficientCredits)
  const worst = worstCost(model, request.question)
  if (worst > owner.balance) {
    const outputTokens = Math.min(request.question.maxTokens ?? Infinity, model.maxOutputTokens)
    const affordable = Math.max(0, Math.floor(owner.balance / model.completionUsd))
    const message = `This request requires more credits, or fewer max_tokens. You requested up to ${outputTokens} tokens, but can only afford ${affordable}. To increase, visit https://openrouter.ai/settings/credits and add more credits`
    return paymentRefusal(settings, key, 'credits', message, 'weight_exceeds_budget')
  }
  if (worst + owner.reserved > owner.balance) {
    const message = 'Too many requests in flight for the remaining credits. Please retry shortly.'
    return paymentRefusal(settings, key, 'in-flight-budget', message, 'in_flight_budget_exhausted', 1)
  }
  return undefined
}

/** Whether the free limits count a model. */
export function isCounted(side: OpenRouterSide, model: OpenRouterModel): boolean {
  return model.isFree && (side.settings.countsZeroPrice || /(:free|^openrouter\/free)$/.test(model.id))
}

/** Step 4: the account's free windows. A refused call raises them too; `used` may pass `limit`. */
export function freeRefusal(side: OpenRouterSide, key: OpenRouterKey, now: number): Refusal | undefined {
  const { owner } = key
  const overDay = owner.day.add(now) > owner.perDay
  const overMinute = owner.minute.add(now) > owner.perMinute
  if (!overDay && !overMinute) return undefined
  const dayFirst = overDay && (side.settings.firstLimit === 'day' || !overMinute)
  owner.told.spentUntil((dayFirst ? dayWindow(now) : minuteWindow(now)).until)
  return dayFirst ? dayRefusal(side.settings, owner, now) : minuteRefusal(side.settings, owner, now)
}
