import type { ServerResponse } from 'node:http'
import type { Json, JsonObject } from '../chat/types.ts'
import type { Dialect, WireError } from '../dialects/dialect.ts'
import { ProviderError, QuotaExhaustedError, RequestError, type RouterError } from '../errors.ts'
import { sendAndLinger } from './linger.ts'

// Beyond a day the exact time is in the body; some clients overflow a timer on larger values.
const maxRetryAfterSeconds = 86_400
// The longest wait that every retrying client was seen to sit out; above it they are told not to try by themselves.
const patientSeconds = 55

const jsonHeaders: readonly string[] = [
  'content-type',
  'application/json',
  'x-content-type-options',
  'nosniff',
]

/** For answers that hold figures of the moment, or what only its reader may see. */
export const noStore: readonly string[] = ['cache-control', 'no-store']

export function sendJson(
  response: ServerResponse,
  status: number,
  body: Json,
  headers: readonly string[] = [],
): void {
  sendBytes(response, status, Buffer.from(JSON.stringify(body)), [...jsonHeaders, ...headers])
}

/** `headers` is flat: name, value, name, value. */
export function sendBytes(
  response: ServerResponse,
  status: number,
  bytes: Uint8Array,
  headers: readonly string[],
): void {
  response.writeHead(status, ['content-length', String(bytes.length), ...headers])
  response.end(bytes)
}

export interface ErrorOptions {
  readonly dialect: Dialect
  readonly now: number
  readonly id: string
  readonly headers: readonly string[]
}

/** The one place that turns an error into an answer; `dialect` gives it its shape. */
export function sendError(response: ServerResponse, error: RouterError, options: ErrorOptions): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const { dialect } = options
  const seconds = retryAfter(error, options.now)
  const wire = wireError(error, seconds)
  const { status } = wire
  const headers = [
    'x-request-id',
    options.id,
    'request-id',
    options.id,
    'cache-control',
    'no-store',
    ...options.headers,
  ]
  if (seconds !== undefined) {
    headers.push('retry-after', String(Math.min(maxRetryAfterSeconds, seconds)))
    if (error instanceof QuotaExhaustedError)
      headers.push('x-ratelimit-remaining-requests', '0', 'x-ratelimit-reset-requests', `${seconds}s`)
    if (seconds > patientSeconds) headers.push('x-should-retry', 'false')
  }
  // The rest of a body that was refused is not read: the connection cannot be used again.
  if (error.code === 'payload_too_large' || error.code === 'unsupported_media_type')
    headers.push('connection', 'close')
  headers.push(...(dialect.errorHeaders?.(wire) ?? []))
  const body = Buffer.from(JSON.stringify(dialect.writeError(wire)))
  response.writeHead(dialect.errorStatus?.(wire) ?? status, [
    ...jsonHeaders,
    'content-length',
    String(body.length),
    ...headers,
  ])
  sendAndLinger(response, body)
}

/** With how long to wait, as of `now`. */
export function wireErrorOf(error: RouterError, now: number): WireError {
  return wireError(error, retryAfter(error, now))
}

export function wireError(error: RouterError, retryAfterSeconds?: number): WireError {
  const param = error instanceof RequestError ? error.param : undefined
  const details = detailsOf(error, retryAfterSeconds)
  return {
    status: error.status,
    code: error.code,
    message: error.message,
    ...(param === undefined ? {} : { param }),
    ...(details === undefined ? {} : { details }),
  }
}

function retryAfter(error: RouterError, now: number): number | undefined {
  if (!(error instanceof ProviderError) || error.availableAt === undefined) return undefined
  return Math.max(1, Math.ceil((error.availableAt.getTime() - now) / 1000))
}

function detailsOf(error: RouterError, retryAfterSeconds: number | undefined): JsonObject | undefined {
  if (!(error instanceof QuotaExhaustedError)) return undefined
  const at = error.availableAt
  return {
    ...(retryAfterSeconds === undefined ? {} : { retry_after: retryAfterSeconds }),
    ...(at === undefined ? {} : { resets_at: Math.floor(at.getTime() / 1000) }),
    pools: error.pools.map(({ provider, reason, freeAt }) => ({
      provider,
      reason,
      returns_at: freeAt === undefined ? null : new Date(freeAt).toISOString(),
    })),
  }
}
