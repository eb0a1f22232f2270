import type { Json, JsonObject } from '../../chat/types.ts'
import { isPage, readCount, readJson, readList, readObject, readText } from '../bodies.ts'
import { readEpoch, readHeader, readReset, readRetryAfterMs, readSecondsMs } from '../headers.ts'
import type { Failure, RawReply } from '../provider.ts'

/** Longer messages are cut before any rule sees them. */
const maxText = 2000
/** A platform reset farther away than this is the daily one (the minute window is at most 60 s). */
const minuteWindowMs = 120_000

/** `error_type` by the status it stands for, where the status itself is 200 (docs: errors-and-debugging). */
const typeStatus: Readonly<Record<string, number>> = {
  context_length_exceeded: 400,
  max_tokens_exceeded: 400,
  token_limit_exceeded: 400,
  string_too_long: 400,
  invalid_request: 400,
  invalid_prompt: 400,
  content_policy_violation: 400,
  refusal: 400,
  invalid_image: 400,
  image_too_large: 400,
  image_too_small: 400,
  unsupported_image_format: 400,
  image_download_failed: 400,
  authentication: 401,
  payment_required: 402,
  permission_denied: 403,
  not_found: 404,
  image_not_found: 404,
  precondition_failed: 412,
  payload_too_large: 413,
  unprocessable: 422,
  rate_limit_exceeded: 429,
  server: 500,
  unmapped: 500,
  // Shown as a `code` in one stream example of the docs.
  server_error: 500,
  provider_unavailable: 502,
  provider_overloaded: 503,
  timeout: 504,
}

interface Parts {
  readonly error: JsonObject
  readonly metadata: JsonObject
  readonly availability: JsonObject
}

/** Reads an error of OpenRouter: of a refused call, of a finished answer, or of a stream's last chunk. */
export function readFailure(reply: RawReply, now: number): Failure {
  const body = readObject(readJson(reply.text))
  const error = body === undefined ? undefined : findError(body)
  if (body === undefined || error === undefined) return readUnshaped(reply, now)
  const metadata = readObject(error['metadata']) ?? metadataBeside(body) ?? {}
  const availability = readObject(error['availability']) ?? readObject(metadata['availability']) ?? {}
  const parts: Parts = { error, metadata, availability }
  const copied = readCopiedHeaders(metadata)
  const message = readText(error['message'])?.slice(0, maxText) ?? ''
  const raw = readRaw(metadata)
  const source = readSource(parts)
  const header = (name: string) => readHeader(reply.headers, name) ?? readHeader(copied, name)
  const resetsAt = readReset(header('x-ratelimit-reset'), now) ?? readEpoch(metadata['resets_at'])
  const retryAfterMs = readRetryAfterMs(reply.headers, now) ?? readBodyRetryMs(parts, copied, now)
  const limit = readCount(header('x-ratelimit-limit'))
  const account = readText(body['user_id'])
  return {
    status: readStatus(reply, parts),
    message,
    shaped: true,
    marks: [
      ...readMarks(parts, message),
      ...(header('x-ratelimit-remaining') === '0' ? [readWindow(resetsAt, now)] : []),
    ],
    ...(raw !== undefined && !message.includes(raw) && { detail: raw }),
    ...(source !== undefined && { source }),
    ...(resetsAt !== undefined && { resetsAt }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(limit !== undefined && { limit }),
    ...(account !== undefined && { account }),
  }
}

/** Not OpenRouter's envelope: something at the edge answered. Plain text is kept as its message, a page is not. */
function readUnshaped(reply: RawReply, now: number): Failure {
  const retryAfterMs = readRetryAfterMs(reply.headers, now)
  const text = reply.text.slice(0, 256).trim()
  return {
    status: reply.status,
    message: isPage(text) ? '' : text,
    shaped: false,
    marks: text === '' ? ['no-body'] : [],
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

function findError(body: JsonObject): JsonObject | undefined {
  const error = body['error']
  if (typeof error === 'string') return { message: error }
  // In a stream of the Responses API the event itself is the error, or the response in it failed.
  const failed = readObject(body['response'])
  const inResponse = failed === undefined ? undefined : withType(readObject(failed['error']), failed)
  const isError = body['type'] === 'error' && typeof body['message'] === 'string'
  const found = withType(readObject(error), body) ?? inResponse ?? (isError ? body : undefined)
  // A finished answer that failed half-way carries the error in its choice (docs: errors-and-debugging).
  return found ?? readObject(readObject(readList(body['choices'])[0])?.['error'])
}

/** The Responses API puts the kind beside the error (docs: api_reference/responses/error-handling). */
function withType(error: JsonObject | undefined, beside: JsonObject): JsonObject | undefined {
  const type = beside['error_type']
  return error === undefined || type === undefined ? error : { error_type: type, ...error }
}

/** So it does with the metadata of a refusal; those of a response are the client's own. */
function metadataBeside(body: JsonObject): JsonObject | undefined {
  return body['object'] === 'response' ? undefined : readObject(body['metadata'])
}

function readCopiedHeaders(metadata: JsonObject): Record<string, string> {
  const copied: Record<string, string> = {}
  for (const [name, value] of Object.entries(readObject(metadata['headers']) ?? {})) {
    if (typeof value === 'string' || typeof value === 'number') copied[name.toLowerCase()] = String(value)
  }
  return copied
}

function readBodyRetryMs(parts: Parts, copied: Record<string, string>, now: number): number | undefined {
  return (
    readRetryAfterMs(copied, now) ??
    readSecondsMs(parts.metadata['retry_after_seconds']) ??
    readSecondsMs(parts.metadata['retry_after_seconds_raw']) ??
    readSecondsMs(parts.availability['retry_after'])
  )
}

/**
 * The HTTP status when it tells something. For an error inside a 200 it does not, nor does the 502 that callers put in its
 * place; there the code that the error carries counts.
 */
function readStatus(reply: RawReply, { error, metadata }: Parts): number {
  if (reply.status >= 300 && reply.status !== 502) return reply.status
  for (const candidate of [error['code'], error['http_status'], metadata['http_status']]) {
    const code = readCount(candidate)
    if (code !== undefined && code >= 300 && code < 600) return code
  }
  for (const word of [...typeWords(error, metadata), error['code']]) {
    const status = typeof word === 'string' ? typeStatus[word] : undefined
    if (status !== undefined) return status
  }
  return reply.status
}

/** `metadata.error_type`; in availability errors it sits one level up. */
function typeWords(error: JsonObject, metadata: JsonObject): readonly (Json | undefined)[] {
  return [metadata['error_type'], error['error_type']]
}

function readSource({ error, metadata, availability }: Parts): string | undefined {
  const limitSource = readText(metadata['limit_source'])
  if (limitSource !== undefined) return limitSource
  const code = readText(availability['code'])
  if (code !== undefined) return `availability:${code}`
  const type = typeWords(error, metadata).map(readText).find(Boolean)
  return type === undefined ? undefined : `type:${type}`
}

/** What the model's provider said: a sentence, or that provider's own error as JSON text. */
function readRaw(metadata: JsonObject): string | undefined {
  const raw = readText(metadata['raw'])
  if (raw === undefined || isPage(raw)) return undefined
  const inner = readObject(readJson(raw))
  if (inner === undefined) return raw.slice(0, maxText)
  const words = readText(readObject(inner['error'])?.['message']) ?? readText(inner['message'])
  return words?.slice(0, maxText) ?? readText(inner['error'])?.slice(0, maxText)
}

/** `provider-named`: somebody behind OpenRouter said it. `platform`: OpenRouter itself. Exactly one of the two. */
function readMarks({ metadata, availability }: Parts, message: string): readonly string[] {
  const providerNamed =
    ['provider_name', 'provider_code', 'provider_error_code', 'raw'].some((name) =>
      readText(metadata[name]),
    ) || message.startsWith('Provider returned error')
  const moderated =
    readText(metadata['flagged_input']) !== undefined ||
    Array.isArray(metadata['reasons']) ||
    Array.isArray(metadata['patterns'])
  return [
    providerNamed ? 'provider-named' : 'platform',
    ...(moderated ? ['moderated'] : []),
    ...(metadata['reason'] === 'weight_exceeds_budget' ? ['too-dear'] : []),
    ...(availability['retryable'] === true ? ['retryable'] : []),
  ]
}

/** Which of the two free windows a spent one is. Just before midnight both end together, and neither is named. */
function readWindow(resetsAt: number | undefined, now: number): string {
  if (resetsAt === undefined) return 'some-window'
  if (resetsAt - now > minuteWindowMs) return 'day-window'
  return resetsAt % 86_400_000 === 0 ? 'some-window' : 'minute-window'
}
