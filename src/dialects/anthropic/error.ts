import type { ChatEvent, JsonObject } from '../../chat/types.ts'
import type { WireError } from '../dialect.ts'
import { errorEvent } from '../error-event.ts'
import { asNumber, asObject, asText, present, type Loose } from '../lenient.ts'

// https://platform.claude.com/docs/en/api/errors
const types: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}
const statuses = new Map(Object.entries(types).map(([status, type]) => [type, status]))

export function writeError(error: WireError): JsonObject {
  const details = present({ ...error.details, param: error.param })
  return {
    type: 'error',
    error: present({
      type: types[error.status] ?? (error.status >= 500 ? 'api_error' : 'invalid_request_error'),
      message: wordsOf(error),
      details: Object.keys(details).length === 0 ? undefined : details,
    }),
  }
}

// Claude Code shortens the conversation when it reads these words
// (https://code.claude.com/docs/en/llm-gateway-protocol).
function wordsOf({ code, message }: WireError): string {
  return code !== 'context_length_exceeded' || message.startsWith('prompt is too long')
    ? message
    : `prompt is too long: ${message}`
}

/** When all is spent, in the members that these clients show (https://platform.claude.com/docs/en/api/rate-limits). */
export function errorHeaders({ code, details }: WireError): readonly string[] {
  const resetsAt = asNumber(details?.resets_at)
  if (code !== 'quota_exhausted' || resetsAt === undefined) return []
  const reset = new Date(resetsAt * 1000).toISOString().replace('.000Z', 'Z')
  return ['anthropic-ratelimit-requests-remaining', '0', 'anthropic-ratelimit-requests-reset', reset]
}

export function errorFrame(error: WireError): string {
  return `event: error\ndata: ${JSON.stringify(writeError(error))}\n\n`
}

/**
 * An upstream's error. This wire names its errors by a type and not by a number, so the type's status becomes the code:
 * an error inside a 200 is then judged as if it had been the answer's status.
 */
export function readError(error: Loose, beside: Loose, raw: string): ChatEvent {
  const event = errorEvent(error, beside, raw)
  const type = asText(asObject(error)?.type)
  return event.code !== undefined || type === undefined || type === 'error'
    ? event
    : { ...event, code: statuses.get(type) ?? type }
}
