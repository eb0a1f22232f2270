import type { JsonObject } from '../../chat/types.ts'
import type { WireError } from '../dialect.ts'
import { asNumber } from '../lenient.ts'
import { writeFrame } from './encoder.ts'
import { makeId } from './response.ts'

// Up to here clients wait by themselves; the gateway's headers draw the same line.
const patientSeconds = 55

interface Words {
  readonly type: string
  readonly code: string
}

/** The words OpenAI's clients, Codex above all, switch on (https://platform.openai.com/docs/guides/error-codes). */
function wordsOf({ code, status, details }: WireError): Words {
  switch (code) {
    case 'quota_exhausted':
      // On this type Codex stops and says when its user can go on; on the other it waits in silence.
      return (asNumber(details?.retry_after) ?? 0) > patientSeconds
        ? { type: 'usage_limit_reached', code: 'rate_limit_exceeded' }
        : { type: 'rate_limit_error', code: 'rate_limit_exceeded' }
    case 'insufficient_credits':
      return { type: 'insufficient_quota', code: 'insufficient_quota' }
    default:
      return { type: typeOf(status), code }
  }
}

function typeOf(status: number): string {
  if (status === 429) return 'rate_limit_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}

export function writeError(error: WireError): JsonObject {
  const words = wordsOf(error)
  const { details } = error
  const wait = asNumber(details?.retry_after)
  const resetsAt = words.type === 'usage_limit_reached' ? asNumber(details?.resets_at) : undefined
  return {
    error: {
      message: words.type === 'rate_limit_error' ? withWait(error.message, wait) : error.message,
      ...words,
      param: error.param ?? null,
      ...(resetsAt === undefined ? {} : { resets_at: resetsAt }),
      ...(details === undefined ? {} : { metadata: details }),
    },
  }
}

// Codex reads the wait out of the words (https://github.com/openai/codex/blob/main/codex-rs/codex-api/src/sse/responses.rs).
function withWait(message: string, seconds: number | undefined): string {
  if (seconds === undefined || /try again in\s*\d/i.test(message)) return message
  return `${message}; try again in ${seconds}s`
}

/** Codex tries five times more on 402 and stops at once on a 429 that says the money is gone. */
export function errorStatus({ code, status }: WireError): number {
  return code === 'insufficient_credits' ? 429 : status
}

/**
 * A failure in two events, as OpenAI tells it. The `openai` client throws on `error` but hands a failed response to its
 * caller like any other, while Codex passes over `error` and takes its words from `response.failed`. Each stops at the
 * one it knows; the AI SDK knows both and reports one. What stood in the stream before is unknown here, so the response
 * has an id of its own and the numbers begin anew.
 */
export function errorFrame(error: WireError): string {
  const { code } = wordsOf(error)
  const { message, param } = error
  const response = {
    id: makeId('resp'),
    object: 'response',
    status: 'failed',
    error: { code: failedCode(code), message },
    incomplete_details: null,
    output: [],
    usage: null,
  }
  return (
    writeFrame({ type: 'error', code, message, param: param ?? null }, 0) +
    writeFrame({ type: 'response.failed', response }, 1)
  )
}

// A failed response has few codes; all others mean that trying again may help.
function failedCode(code: string): string {
  return ['rate_limit_exceeded', 'insufficient_quota', 'context_length_exceeded'].includes(code)
    ? code
    : 'server_error'
}
