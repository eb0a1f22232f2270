import { tokensOf, type Question } from '../answer.ts'
import type { Exchange } from '../exchange.ts'
import { isRecord, parseJson, readString, readStrings, type Json } from '../json.ts'
import { readOpenAiQuestion } from '../openai-question.ts'
import { dayWindow, minuteWindow } from '../windows.ts'
import { dayRefusal, insufficientCredits, minuteRefusal, paymentRefusal } from './errors.ts'
import { plainRefusal, type Refusal } from './errors.ts'
import { meetsNeeds, type Needs, type OpenRouterModel } from './models.ts'
import { limitRemaining, type OpenRouterKey, type OpenRouterSide } from './side.ts'

/** A chat request that passed validation. */
export interface ChatRequest {
  /** The model asked for and its fallbacks, in order. */
  readonly models: readonly OpenRouterModel[]
  readonly streaming: boolean
  readonly needs: Needs
  readonly question: Question
  /** The client wants `openrouter_metadata` in the answer. */
  readonly wantsMetadata: boolean
}

export function isRefusal(value: object): value is Refusal {
  return 'kind' in value && 'error' in value
}

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

function findModel(side: OpenRouterSide, id: string): OpenRouterModel | undefined {
  const model = side.models.get(id)
  return model ?? side.models.get(id.replace(/:(nitro|floor|online|exacto|extended)$/, ''))
}

/** Steps 1 and 2 after the key: is this a request at all? */
export function readChatRequest(
  side: OpenRouterSide,
  exchange: Exchange,
  text: string,
): ChatRequest | Refusal {
  const body = parseJson(text)
  if (!isRecord(body)) return plainRefusal('bad-request', 400, 'Invalid JSON body')
  if (!Array.isArray(body['messages']) || body['messages'].length === 0) {
    return plainRefusal('bad-request', 400, 'Input required: specify "prompt" or "messages"')
  }
  const fallbacks = readStrings(body['models'])
  if (fallbacks.length > 3) {
    return plainRefusal('bad-request', 400, "'models' array must have 3 items or fewer.")
  }
  const first = readString(body['model'])
  const ids = [...new Set(first === undefined ? fallbacks : [first, ...fallbacks])]
  if (ids.length === 0) return plainRefusal('bad-request', 400, 'No models provided')
  const models: OpenRouterModel[] = []
  for (const id of ids) {
    const model = findModel(side, id)
    // One unknown id fails the whole call, fallbacks or not.
    if (model === undefined) return plainRefusal('unknown-model', 400, `${id} is not a valid model ID`)
    models.push(model)
  }
  const question = readOpenAiQuestion(body)
  return {
    models,
    streaming: body['stream'] === true,
    needs: {
      tools: question.tools.length > 0,
      image: question.imageBytes.length > 0,
      structured: question.schema !== undefined,
    },
    question,
    wantsMetadata:
      (exchange.header('x-openrouter-metadata') ?? exchange.header('x-openrouter-experimental-metadata')) ===
      'enabled',
  }
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
  request: ChatRequest,
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

/** Step 5: does anything serve this model to this account? */
export function availabilityRefusal(
  key: OpenRouterKey,
  model: OpenRouterModel,
  needs: Needs,
  now: number,
): Refusal | undefined {
  const { userId, blocksFreeModels } = key.owner
  const refuse = (kind: string, status: number, message: string): Refusal =>
    plainRefusal(kind, status, message, userId)
  if (model.harnessOnly) {
    return refuse(
      'harness-only',
      403,
      `${model.id} is only available on agentic harnesses. Use it from a supported coding agent.`,
    )
  }
  if (now >= model.expiresAt) return refuse('no-endpoints', 404, `No endpoints found for ${model.id}.`)
  if (model.isFree && blocksFreeModels) return refuse('data-policy', 404, dataPolicy)
  if (!meetsNeeds(model, { ...needs, image: false, structured: false })) {
    return refuse(
      'no-endpoints',
      404,
      'No endpoints found that support tool use. To learn more about provider routing, visit: https://openrouter.ai/docs/provider-routing',
    )
  }
  if (!meetsNeeds(model, { ...needs, tools: false, structured: false })) {
    return refuse('no-endpoints', 404, 'No endpoints found that support image input')
  }
  return undefined
}

export const dataPolicy: string =
  'No endpoints available matching your guardrail restrictions and data policy. Configure: https://openrouter.ai/settings/privacy'

/** What the routing metadata says of an answered or failed call (https://openrouter.ai/docs/guides/features/router-metadata). */
export function routerMetadata(
  asked: OpenRouterModel,
  served: OpenRouterModel | undefined,
  status: number,
): Json {
  const strategy = asked.routes ?? 'direct'
  const endpoint = { provider: served?.provider ?? asked.provider, model: served?.id ?? asked.id }
  return {
    requested: asked.id,
    strategy,
    region: 'iad',
    summary: `available=1, selected=${served === undefined ? 'none' : endpoint.provider}`,
    attempt: served === undefined ? 0 : 1,
    is_byok: false,
    endpoints: { total: 1, available: [{ ...endpoint, selected: served !== undefined }] },
    ...(served === undefined ? {} : { attempts: [{ ...endpoint, status }] }),
  }
}
