import type { DialectName, RequestKind, Usage } from '../chat/types.ts'
import type { ErrorCode } from '../errors.ts'
import type { AttemptState } from '../ledger/attempt.ts'
import type { FaultKind, Lane } from '../providers/provider.ts'

/** Who listens to what a router does, for metrics and traces. Without one nothing is put together. */
export interface Observer {
  /** Once per upstream call, when it has ended. */
  attempt(seen: AttemptSeen): void
  /** Once per request at the gateway, when it has ended; its attempts came before. */
  request(seen: RequestSeen): void
}

/** One upstream call, as it ended. Times are epoch milliseconds, durations monotonic ones. Holds no secret. */
export interface AttemptSeen {
  /** Id of the request that it served. */
  readonly call: string
  /** 1 for the first attempt of the request. */
  readonly number: number
  readonly client: string
  readonly provider: string
  /** Scheme, host and port that was called. */
  readonly origin: string
  readonly lane: Lane
  /** The model that was asked for upstream. */
  readonly model: string
  /** Whether the provider's catalogue lists that model: other names may be a client's invention. */
  readonly listed: boolean
  /** The model that answered, when the service told. */
  readonly served?: string
  readonly kind: RequestKind
  readonly state: Exclude<AttemptState, 'open'>
  readonly fault?: FaultKind
  /** Refused for spent quota on an account of which that was known when the call left. Never, unless the pool has a bug. */
  readonly wasted: boolean
  readonly usage?: Usage
  /** Undefined: nobody knows. */
  readonly nanoUsd?: number
  readonly durationMs: number
}

/** One request at the gateway, as it ended. */
export interface RequestSeen {
  readonly id: string
  readonly client: string
  readonly dialect: DialectName
  readonly kind: RequestKind
  /** As the client asked; undefined when its request could not be read. */
  readonly model?: string
  /** Who answered; undefined: nobody. */
  readonly provider?: string
  readonly served?: string
  /** `ok`, how a begun answer ended instead, or the code of the error that was told. */
  readonly outcome: RequestOutcome
  readonly usage?: Usage
  readonly durationMs: number
  /** Of streams: from the arrival of the request to the first content. */
  readonly firstContentMs?: number
  /** Headers by which a client says which trace its request belongs to (w3.org/TR/trace-context). */
  readonly trace?: { readonly traceparent: string; readonly tracestate?: string }
}

/** One whose failures are told and go no further: an answer that was paid for is not lost over its count. */
export function carefully(observer: Observer, failed: (error: unknown) => void): Observer {
  const tell = <Seen>(to: (seen: Seen) => void, seen: Seen): void => {
    try {
      to(seen)
    } catch (error) {
      failed(error)
    }
  }
  return {
    attempt: (seen) => tell((each) => observer.attempt(each), seen),
    request: (seen) => tell((each) => observer.request(each), seen),
  }
}

/** One observer of several. */
export function observersOf(observers: readonly Observer[]): Observer {
  const [only] = observers
  if (only !== undefined && observers.length === 1) return only
  return {
    attempt: (seen) => {
      for (const each of observers) each.attempt(seen)
    },
    request: (seen) => {
      for (const each of observers) each.request(seen)
    },
  }
}

export type RequestOutcome = 'ok' | 'truncated' | 'failed' | ErrorCode
