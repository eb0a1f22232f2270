/**
 * Every code an error of ours can carry, with the HTTP status it means at a door. Programs switch on the code;
 * people read the message.
 */
export const errorCodes = {
  invalid_request: 400,
  invalid_json: 400,
  context_length_exceeded: 400,
  invalid_api_key: 401,
  insufficient_credits: 402,
  forbidden_origin: 403,
  policy_refused: 403,
  not_found: 404,
  model_not_found: 404,
  method_not_allowed: 405,
  payload_too_large: 413,
  unsupported_media_type: 415,
  wrong_host: 421,
  quota_exhausted: 429,
  client_closed: 499,
  internal: 500,
  not_implemented: 501,
  upstream_failed: 502,
  frame_too_large: 502,
  unavailable: 503,
  store_failed: 503,
  upstream_timeout: 504,
  config: 500,
  closed: 503,
} as const

export type ErrorCode = keyof typeof errorCodes

const brand = Symbol.for('switchyard.error')

/** The root of all errors this package throws. */
export class RouterError extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'RouterError'
    this.code = code
    Object.defineProperty(this, brand, { value: true })
  }

  /** The HTTP status this error means. */
  get status(): number {
    return errorCodes[this.code]
  }
}

/** Works across two copies of the package, unlike `instanceof`. */
export function isRouterError(error: unknown): error is RouterError {
  return typeof error === 'object' && error !== null && brand in error
}

/** Whoever asked is gone: there is nobody to answer. */
export function clientLeft(): RouterError {
  return new RouterError('client_closed', 'the client left before the answer began')
}

/** The request itself is at fault; sending it again as it is will not help. */
export class RequestError extends RouterError {
  readonly param: string | undefined
  constructor(code: ErrorCode, message: string, param?: string) {
    super(code, message)
    this.name = 'RequestError'
    this.param = param
  }
}

/** A setting is wrong; the message says which one, where, and what to write instead. */
export class ConfigError extends RouterError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('config', message, options)
    this.name = 'ConfigError'
  }
}

/** No provider gave a usable answer. */
export class ProviderError extends RouterError {
  /** The provider that failed last; undefined when none was reached. */
  readonly provider: string | undefined
  /** The provider's own HTTP status, if it answered. */
  readonly upstreamStatus: number | undefined
  /** When it is worth trying again; undefined when nobody can say. */
  readonly availableAt: Date | undefined
  constructor(
    code: ErrorCode,
    message: string,
    facts: {
      readonly provider?: string
      readonly upstreamStatus?: number
      readonly availableAt?: Date
      readonly cause?: unknown
    } = {},
  ) {
    super(code, message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.name = 'ProviderError'
    this.provider = facts.provider
    this.upstreamStatus = facts.upstreamStatus
    this.availableAt = facts.availableAt
  }
}

/** One pool that has nothing left for the request, and when it will. */
export interface SpentPool {
  readonly provider: string
  readonly reason: string
  /** Epoch milliseconds; undefined when nobody can say. */
  readonly freeAt?: number
}

/** Every pool that could have answered is spent. `availableAt` says when the first one returns. */
export class QuotaExhaustedError extends ProviderError {
  readonly pools: readonly SpentPool[]
  constructor(message: string, pools: readonly SpentPool[]) {
    const times = pools.flatMap((pool) => (pool.freeAt === undefined ? [] : [pool.freeAt]))
    super('quota_exhausted', message, times.length === 0 ? {} : { availableAt: new Date(Math.min(...times)) })
    this.name = 'QuotaExhaustedError'
    this.pools = pools
  }
}
