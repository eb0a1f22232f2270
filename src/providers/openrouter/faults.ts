import type { FaultRule } from '../provider.ts'
import { edgeRules } from '../fault-rules.ts'

export { readFailure } from './failure.ts'

/*
 * Sources: https://openrouter.ai/docs/api_reference/limits, https://openrouter.ai/docs/api_reference/errors-and-debugging
 * and the captured bodies in fixtures/faults. A call of a paid model refused for money must not close the free lane of its
 * account, so those rows blame the account with that model only.
 */

/** Answers that are not in OpenRouter's envelope. */
const edge: readonly FaultRule[] = [
  ...edgeRules,
  // Nothing was said: read as the ambiguous 429 below, not as a block.
  { id: 'silent-429', status: 429, mark: 'no-body', kind: 'busy', scope: 'model', rests: 'short' },
  {
    id: 'not-openrouter',
    status: [403, 429],
    mark: 'unshaped',
    kind: 'blocked',
    scope: 'provider',
    rests: 'short',
  },
]

const freeDay = { kind: 'quota', scope: 'account', lane: 'free', limit: 'day', rests: 'next-day' } as const
const freeMinute = {
  kind: 'rate',
  scope: 'account',
  lane: 'free',
  limit: 'minute',
  rests: 'next-minute',
} as const
const sharedDay = { kind: 'quota', scope: 'model', rests: 'next-day' } as const
const sharedMinute = { kind: 'rate', scope: 'model', rests: 'next-minute' } as const
const upstreamBusy = { kind: 'busy', scope: 'model', rests: 'short' } as const
const noMoney = { kind: 'credits', scope: 'account-model', rests: 'hour' } as const

const limitMessage =
  /^Rate limit exceeded: limit_rpd\/|^Rate limit exceeded: .{0,400} Daily limit reached for /

/** By `metadata.limit_source`: the only field that tells the 429s apart for certain. */
const bySource: readonly FaultRule[] = [
  {
    // A cap of its own for unlisted models, with a name that begins like that of the whole account's cap.
    id: 'free-day-stealth',
    message: /^Rate limit exceeded: free-models-per-day-stealth/,
    mark: 'platform',
    kind: 'quota',
    scope: 'account-model',
    rests: 'next-day',
  },
  { id: 'free-minute', source: 'openrouter_free_tier_per_minute', ...freeMinute },
  { id: 'free-day', source: 'openrouter_free_tier_daily', ...freeDay },
  {
    id: 'free-tier',
    source: 'openrouter_free_tier',
    kind: 'rate',
    scope: 'account',
    lane: 'free',
    rests: 'next-minute',
  },
  { id: 'shared-day', source: 'openrouter_shared_capacity', message: limitMessage, ...sharedDay },
  { id: 'shared-minute', source: 'openrouter_shared_capacity', ...sharedMinute },
  // The account's own key at a provider: other accounts are not concerned.
  {
    id: 'own-key-busy',
    source: 'upstream_provider_byok',
    kind: 'busy',
    scope: 'account-model',
    rests: 'short',
  },
  { id: 'upstream-busy', source: 'upstream_provider', ...upstreamBusy },
  {
    id: 'in-flight',
    source: 'openrouter_in_flight_budget',
    kind: 'rate',
    scope: 'account-model',
    rests: 'short',
  },
  { id: 'too-dear', source: 'openrouter_credits', mark: 'too-dear', kind: 'credits', scope: 'request' },
  { id: 'credits', source: 'openrouter_credits', ...noMoney },
  { id: 'guardrail-budget', source: 'openrouter_guardrail_budget', ...noMoney },
  { id: 'workspace-budget', source: 'openrouter_workspace_budget', ...noMoney },
]

/**
 * By OpenRouter's own words, for bodies without `limit_source`. A provider that echoes them does not count: its errors
 * lack the mark.
 */
const byMessage: readonly FaultRule[] = [
  {
    id: 'free-day-message',
    message: /^Rate limit exceeded: free-models-per-day/,
    mark: 'platform',
    ...freeDay,
  },
  {
    id: 'free-minute-message',
    message: /^Rate limit exceeded: free-models-per-min/,
    mark: 'platform',
    ...freeMinute,
  },
  { id: 'shared-day-message', message: limitMessage, mark: 'platform', ...sharedDay },
  {
    id: 'shared-minute-message',
    message: /^Rate limit exceeded: (?:limit_rpm\/|.{0,400} High demand for )/,
    mark: 'platform',
    ...sharedMinute,
  },
  {
    id: 'key-day',
    message: /^Key limit exceeded \(daily/i,
    kind: 'quota',
    scope: 'account-model',
    rests: 'next-day',
  },
  {
    id: 'key-week',
    message: /^Key limit exceeded \(weekly/i,
    kind: 'quota',
    scope: 'account-model',
    rests: 'next-monday',
  },
  {
    id: 'key-month',
    message: /^Key limit exceeded \(monthly/i,
    kind: 'quota',
    scope: 'account-model',
    rests: 'next-month',
  },
  { id: 'key-total', message: /^Key limit exceeded/i, ...noMoney },
  { id: 'key-limit', source: 'openrouter_key_limit', ...noMoney },
  // The size of this one request is the trouble; a smaller one passes.
  {
    id: 'too-dear-message',
    status: 402,
    message: /^(?:This request requires more credits, or fewer|Prompt tokens limit exceeded)/,
    kind: 'credits',
    scope: 'request',
  },
]

/** 429s that only marks can tell apart, the narrow reading last. */
const byMarks: readonly FaultRule[] = [
  { id: 'upstream-429', status: 429, mark: 'provider-named', ...upstreamBusy },
  // Also the streamed form, which names no provider.
  { id: 'upstream-message', message: /^\S{1,200} is temporarily rate-limited upstream/, ...upstreamBusy },
  { id: 'free-day-window', status: 429, mark: 'day-window', ...freeDay },
  { id: 'free-minute-window', status: 429, mark: 'minute-window', ...freeMinute },
  {
    id: 'free-window',
    status: 429,
    mark: 'some-window',
    kind: 'rate',
    scope: 'account',
    lane: 'free',
    rests: 'next-minute',
  },
]

const noModel = { kind: 'no-model', scope: 'model', rests: 'hour' } as const
const goneModel = { kind: 'no-model', scope: 'model', rests: 'next-day' } as const
/** No model offered meets what this request asks for; another request is served. */
const noMatch = { kind: 'no-model', scope: 'request' } as const
/** Settings of the account keep the model away; another account may have others. */
const keptAway = { kind: 'forbidden-model', scope: 'account-model', rests: 'hour' } as const

/** By `error.availability.code`. */
const byAvailability: readonly FaultRule[] = [
  { id: 'at-capacity', source: 'availability:capacity_exhausted', ...upstreamBusy },
  { id: 'temporarily-unavailable', source: 'availability:temporarily_unavailable', ...upstreamBusy },
  { id: 'model-not-found', source: 'availability:model_not_found', ...noModel },
  { id: 'wrong-endpoint', source: 'availability:wrong_endpoint', ...goneModel },
  { id: 'no-endpoints', source: 'availability:no_endpoints', ...noModel },
  { id: 'model-deprecated', source: 'availability:model_deprecated', ...goneModel },
  { id: 'model-unavailable', source: 'availability:model_unavailable_upstream', ...noModel },
  { id: 'free-ended', source: 'availability:free_variant_ended', ...goneModel },
  {
    id: 'region',
    source: 'availability:region_restricted',
    kind: 'forbidden-model',
    scope: 'model',
    rests: 'next-day',
  },
  { id: 'privacy', source: 'availability:privacy_restricted', ...keptAway },
  { id: 'constraint', source: 'availability:constraint_filtered', ...noMatch },
  // The docs say to go by `retryable` when the code is new.
  { id: 'availability-retryable', source: 'availability:', mark: 'retryable', ...upstreamBusy },
]

/** Everything that is not about limits. */
const byStatus: readonly FaultRule[] = [
  { id: 'ambiguous-429', status: 429, ...upstreamBusy },
  {
    id: 'context',
    status: [400, 413],
    message: /maximum context length is \d/i,
    kind: 'too-long',
    scope: 'request',
  },
  { id: 'context-type', source: 'type:context_length_exceeded', kind: 'too-long', scope: 'request' },
  { id: 'moderated', status: [400, 403], mark: 'moderated', kind: 'filtered', scope: 'request' },
  { id: 'guardrail', status: 403, message: /^Request blocked:/, kind: 'filtered', scope: 'request' },
  { id: 'content-policy', source: 'type:content_policy_violation', kind: 'filtered', scope: 'request' },
  { id: 'refusal', source: 'type:refusal', kind: 'filtered', scope: 'request' },
  // Somebody behind OpenRouter refused OpenRouter's own key or money; ours are not concerned.
  { id: 'upstream-auth', status: [401, 402], mark: 'provider-named', ...upstreamBusy },
  {
    // Price 0 in the catalogue, but for listed coding apps only.
    id: 'harness-only',
    status: 403,
    message: /only available on agentic harnesses/,
    kind: 'forbidden-model',
    scope: 'model',
    rests: 'next-day',
  },
  { id: 'provider-terms', status: 403, message: /violation of provider Terms Of Service/i, ...keptAway },
  // An ordinary key at a management path: the call was wrong, the key is good.
  {
    id: 'management-only',
    status: 403,
    message: /^Only management keys/i,
    kind: 'bad-request',
    scope: 'request',
  },
  { id: 'free-ended-message', status: 404, message: /^This model is unavailable for free/, ...goneModel },
  { id: 'no-support', status: 404, message: /^No endpoints found that support/, ...noMatch },
  {
    id: 'data-policy',
    status: 404,
    message: /^No endpoints (?:found|available) matching your (?:data policy|guardrail)/,
    ...keptAway,
  },
  { id: 'provider-preference', status: 404, message: /your request's provider\./, ...noMatch },
  { id: 'no-allowed-provider', status: 404, message: /^No allowed providers are available/, ...keptAway },
  { id: 'no-endpoints-message', status: 404, message: /^No endpoints found for/, ...noModel },
  {
    id: 'invalid-model',
    status: [400, 404],
    message: /^\S{1,200} is not a valid model ID/,
    mark: 'platform',
    ...noModel,
  },
]

/** First match decides; the order is that of certainty. */
export const faultRules: readonly FaultRule[] = [
  ...edge,
  // What an unwelcome ceiling of zero is answered with has not been documented; its name in the message will do.
  { id: 'price-ceiling', status: [400, 404, 422], message: /\bmax_price\b/, kind: 'guard', scope: 'request' },
  ...bySource,
  ...byAvailability,
  ...byMessage,
  ...byMarks,
  ...byStatus,
]
