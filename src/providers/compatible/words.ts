import { readText } from '../bodies.ts'
import type { Json } from '../../chat/types.ts'

/** What a machine-readable word of an error means, whichever service says it. */
export type Meaning =
  | 'bad-key'
  | 'no-credit'
  | 'too-large'
  | 'too-long'
  | 'filtered'
  | 'gone'
  | 'no-model'
  | 'forbidden'
  | 'busy'
  | 'rate'

/** The words by which services name each meaning, in `code`, `type`, `status` or `reason`; lower case. */
const words: Readonly<Record<Meaning, readonly string[]>> = {
  'bad-key': ['invalid_api_key', 'wrong_api_key', 'api_key_invalid', 'authentication_error'],
  'no-credit': [
    'insufficient_quota',
    'insufficient_balance',
    'billing_hard_limit_reached',
    'billing_not_active',
  ],
  'too-large': ['tokens_limit_reached'],
  'too-long': ['context_length_exceeded', 'exceed_context_size_error'],
  filtered: ['content_filter', 'content_policy_violation', 'responsibleaipolicyviolation'],
  gone: ['model_decommissioned', 'unavailable_model'],
  'no-model': ['model_not_found', 'unknown_model', 'invalid_model'],
  forbidden: ['no_access', 'permission_denied', 'model_terms_required'],
  busy: [
    'queue_exceeded',
    'service_tier_capacity_exceeded',
    'capacity_exceeded',
    'overloaded_error',
    'unavailable_error',
    'unavailable',
    'server_error',
    'internal_server_error',
  ],
  rate: [
    'rate_limit_exceeded',
    'rate_limit_error',
    'rate_limited',
    'ratelimitreached',
    'too_many_requests',
    'too_many_requests_error',
    'request_quota_exceeded',
    'token_quota_exceeded',
    'resource_exhausted',
  ],
}

const byWord: ReadonlyMap<string, Meaning> = new Map(
  Object.entries(words).flatMap(([meaning, list]) => list.map((word) => [word, meaning as Meaning] as const)),
)

/** The status each meaning stands for, where the answer's own status is that of a stream gone wrong. */
export const meaningStatus: Readonly<Record<Meaning, number>> = {
  'bad-key': 401,
  'no-credit': 429,
  'too-large': 413,
  'too-long': 400,
  filtered: 400,
  gone: 404,
  'no-model': 404,
  forbidden: 403,
  busy: 503,
  rate: 429,
}

/** The meanings of some words, each once; strangers are left out. */
export function readMeanings(values: readonly (Json | undefined)[]): readonly Meaning[] {
  const found = values.flatMap((value) => {
    const meaning = byWord.get(readText(value)?.toLowerCase() ?? '')
    return meaning === undefined ? [] : [meaning]
  })
  return [...new Set(found)]
}
