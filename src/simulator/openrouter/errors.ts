import type { Headers } from '../exchange.ts'
import type { Json } from '../json.ts'
import { dayWindow, minuteWindow } from '../windows.ts'
import type { OpenRouterModel } from './models.ts'
import type { OpenRouterAccount, OpenRouterKey, OpenRouterSide } from './side.ts'

/** An error of OpenRouter's, ready to be sent as a body with a status or inside a stream. */
export interface Refusal {
  /** Its name in the counters. */
  readonly kind: string
  readonly status: number
  readonly error: Json
  readonly userId?: string
  readonly headers?: Headers
  /** Sent instead of the error, by a scripted fault. */
  readonly body?: string
}

/** The body of a refusal (https://openrouter.ai/docs/api_reference/errors-and-debugging). */
export function refusalBody(refusal: Refusal): Json {
  return refusal.userId === undefined
    ? { error: refusal.error }
    : { error: refusal.error, user_id: refusal.userId }
}

export function plainRefusal(kind: string, status: number, message: string, userId?: string): Refusal {
  const error = { message, code: status }
  return userId === undefined ? { kind, status, error } : { kind, status, error, userId }
}

export function isRefusal(value: object): value is Refusal {
  return 'kind' in value && 'error' in value
}

type Settings = OpenRouterSide['settings']

/** A refusal with the `availability` member that came in August 2026. None of those played here is worth a retry. */
export function availabilityRefusalOf(
  settings: Settings,
  kind: string,
  status: number,
  message: string,
  facts: Json,
  userId?: string,
): Refusal {
  const refusal = plainRefusal(kind, status, message, userId)
  if (settings.oldErrors) return refusal
  return { ...refusal, error: { ...refusal.error, availability: { ...facts, retryable: false } } }
}

/** A 429 of OpenRouter's own limits. Header values are strings, in the body too, as every public capture shows. */
function limitRefusal(
  settings: Settings,
  account: OpenRouterAccount,
  facts: {
    readonly kind: string
    readonly message: string
    readonly limit: number
    readonly resetAt: number
    readonly source: string
    readonly hint?: string
  },
): Refusal {
  const reset = settings.resetUnit === 's' ? facts.resetAt / 1000 : facts.resetAt
  const headers = {
    'X-RateLimit-Limit': String(facts.limit),
    'X-RateLimit-Remaining': '0',
    'X-RateLimit-Reset': String(reset),
  }
  const origin = {
    limit_source: facts.source,
    ...(facts.hint === undefined ? {} : { remedy_hint: facts.hint }),
  }
  const metadata = settings.oldErrors
    ? { headers, provider_name: null }
    : { headers, ...origin, provider_name: null }
  return {
    kind: facts.kind,
    status: 429,
    error: { message: facts.message, code: 429, metadata },
    userId: account.userId,
    ...(settings.rateLimitHeaders ? { headers } : {}),
  }
}

export function minuteRefusal(settings: Settings, account: OpenRouterAccount, now: number): Refusal {
  return limitRefusal(settings, account, {
    kind: 'free-per-minute',
    message: 'Rate limit exceeded: free-models-per-min. ',
    limit: account.perMinute,
    resetAt: minuteWindow(now).until,
    source: 'openrouter_free_tier_per_minute',
    hint: 'Slow down requests to free models, or retry after the per-minute window resets.',
  })
}

export function dayRefusal(settings: Settings, account: OpenRouterAccount, now: number): Refusal {
  const highBalance = account.creditsBought >= 9
  return limitRefusal(settings, account, {
    kind: 'free-per-day',
    message: highBalance
      ? 'Rate limit exceeded: free-models-per-day-high-balance. '
      : 'Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day',
    limit: account.perDay,
    resetAt: dayWindow(now).until,
    source: 'openrouter_free_tier_daily',
    hint: 'Wait for the daily reset (see X-RateLimit-Reset), or purchase credits to raise your free-model daily limit.',
  })
}

export function sharedMinuteRefusal(
  settings: Settings,
  account: OpenRouterAccount,
  model: OpenRouterModel,
  uuid: string,
  now: number,
): Refusal {
  const place = `${settings.oldErrors ? 'limit_rpm/' : ''}${model.canonicalSlug}/${uuid}`
  return limitRefusal(settings, account, {
    kind: 'rate-shared-minute',
    message: `Rate limit exceeded: ${place}. High demand for ${model.id} on OpenRouter - limited to 15 requests per minute. Please retry shortly.`,
    limit: 15,
    resetAt: minuteWindow(now).until,
    source: 'openrouter_shared_capacity',
    hint: 'Retry shortly, or add your own provider key to use your own rate limits.',
  })
}

export function sharedDayRefusal(
  settings: Settings,
  account: OpenRouterAccount,
  model: OpenRouterModel,
  uuid: string,
  now: number,
): Refusal {
  return limitRefusal(settings, account, {
    kind: 'rate-shared-day',
    message: `Rate limit exceeded: limit_rpd/${model.canonicalSlug}/${uuid}. Daily limit reached for ${model.id} via ${model.provider}. Credits don't affect this cap.`,
    limit: 5000,
    resetAt: dayWindow(now).until,
    source: 'openrouter_shared_capacity',
  })
}

/** The upstream's own pool is full, for every user of OpenRouter. The hint's fields come only when there is one. */
export function upstreamRefusal(
  settings: Settings,
  account: OpenRouterAccount,
  model: OpenRouterModel,
  retryAfterSeconds: number | undefined,
): Refusal {
  const raw = `${model.id} is temporarily rate-limited upstream. Please retry shortly, or add your own key to accumulate your rate limits: https://openrouter.ai/settings/integrations`
  const hinted = retryAfterSeconds !== undefined
  const wholeSeconds = String(Math.ceil(retryAfterSeconds ?? 0))
  const metadata: Json = { raw, provider_name: model.provider }
  if (!settings.oldErrors) {
    metadata['is_byok'] = false
    if (hinted) {
      metadata['provider_error_code'] = '429'
      metadata['retry_after_seconds'] = Number(wholeSeconds)
      metadata['retry_after_seconds_raw'] = retryAfterSeconds
      metadata['headers'] = { 'Retry-After': wholeSeconds }
    }
    metadata['limit_source'] = 'upstream_provider_shared_pool'
    metadata['remedy_hint'] =
      'Retry shortly, add your own provider key (https://openrouter.ai/settings/integrations), or route to another provider.'
  }
  return {
    kind: 'upstream-429',
    status: 429,
    error: { message: 'Provider returned error', code: 429, metadata },
    userId: account.userId,
    ...(hinted ? { headers: { 'Retry-After': wholeSeconds } } : {}),
  }
}

/** A 402; `limit_source` says whose money is short (https://openrouter.ai/docs/api_reference/limits). */
export function paymentRefusal(
  settings: Settings,
  key: OpenRouterKey,
  kind: 'credits' | 'key-limit' | 'in-flight-budget',
  message: string,
  reason?: string,
  retryAfterSeconds?: number,
): Refusal {
  const sources = {
    credits: 'openrouter_credits',
    'key-limit': 'openrouter_key_limit',
    'in-flight-budget': 'openrouter_in_flight_budget',
  }
  const metadata = settings.oldErrors
    ? { provider_name: null }
    : { limit_source: sources[kind], ...(reason === undefined ? {} : { reason }), provider_name: null }
  return {
    kind,
    status: 402,
    error: { message, code: 402, metadata },
    userId: key.owner.userId,
    ...(retryAfterSeconds === undefined ? {} : { headers: { 'Retry-After': String(retryAfterSeconds) } }),
  }
}

export const insufficientCredits: string =
  'Insufficient credits. Add more using https://openrouter.ai/settings/credits'

/** Bodies of the 5xx family; the provider's own text rides in `metadata.raw` except on a 500, where it is dropped. */
export function serverRefusal(status: number, model: OpenRouterModel): Refusal {
  const withRaw = (message: string, raw: string): Json => ({
    message,
    code: status,
    metadata: { raw, provider_name: model.provider },
  })
  const errors: Readonly<Record<number, Json>> = {
    500: { message: 'Internal Server Error', code: 500 },
    502: withRaw('Provider returned error', 'upstream connect error or disconnect/reset before headers'),
    503: { message: 'Provider is overloaded, please try again later.', code: 503 },
    504: { message: 'Operation timed out. Please try again later.', code: 504 },
    524: { message: 'Request timed out. Please try again later.', code: 524 },
    529: withRaw('Provider returned error', '{"type":"overloaded_error","message":"Overloaded"}'),
  }
  const error = errors[status] ?? { message: 'Provider returned error', code: status }
  return { kind: 'error-5xx', status, error }
}
