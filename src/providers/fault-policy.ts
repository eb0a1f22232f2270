import type { ErrorCode } from '../errors.ts'
import type { FaultKind } from './provider.ts'
import { dayMs, hourMs, minuteMs } from './resets.ts'

/** What a kind of fault means for the request, for whoever is blamed, and for the client. */
export interface FaultPolicy {
  /** Whether another candidate may be tried. */
  readonly retry: boolean
  /** What that costs from the request's retry budget. Refusals at the door are free; lost work is not. */
  readonly retryCost: number
  /** First and longest rest when no end is known; it doubles in between. */
  readonly baseMs: number
  readonly maxMs: number
  /** How it is shown when it is the last word. */
  readonly code: ErrorCode
}

/** Nobody is blamed and nothing is tried again: the request, or its author, decided the outcome. */
const requestsOwn = { retry: false, retryCost: 0, baseMs: 0, maxMs: 0 } as const
/** Refused before any work was done: the next candidate costs nothing. */
const refused = { retry: true, retryCost: 0 } as const
/** Time or work was lost: every further try is charged, so that an outage cannot multiply the load. */
const lost = { retry: true, retryCost: 1 } as const

/** By kind. `bad-request`, `too-long` and `filtered` are shown with the service's own message. */
export const faultPolicy: Readonly<Record<FaultKind, FaultPolicy>> = {
  // The router's key is wrong, not the client's: a 401 here would send the client looking at its own.
  credential: { ...refused, baseMs: hourMs, maxMs: dayMs, code: 'upstream_failed' },
  credits: { ...refused, baseMs: 10 * minuteMs, maxMs: dayMs, code: 'insufficient_credits' },
  // Reached only without a known window, i.e. with new wording: probes at 1, 2, 4 … minutes, at most every 3 hours.
  quota: { ...refused, baseMs: minuteMs, maxMs: 3 * hourMs, code: 'quota_exhausted' },
  rate: { ...refused, baseMs: 5000, maxMs: 5 * minuteMs, code: 'quota_exhausted' },
  'no-model': { ...refused, baseMs: 10 * minuteMs, maxMs: dayMs, code: 'model_not_found' },
  'forbidden-model': { ...refused, baseMs: hourMs, maxMs: dayMs, code: 'model_not_found' },
  // The service did not take a member that we added: the same key is asked again without it.
  guard: { ...refused, baseMs: 0, maxMs: 0, code: 'upstream_failed' },
  // The edge counts addresses, not keys, and more calls only prolong a block.
  blocked: { ...refused, baseMs: 30_000, maxMs: 30 * minuteMs, code: 'unavailable' },
  busy: { ...lost, baseMs: 2000, maxMs: 5 * minuteMs, code: 'unavailable' },
  network: { ...lost, baseMs: 1000, maxMs: minuteMs, code: 'unavailable' },
  timeout: { ...lost, baseMs: 5000, maxMs: 2 * minuteMs, code: 'upstream_timeout' },
  'broken-stream': { ...lost, baseMs: 1000, maxMs: minuteMs, code: 'upstream_failed' },
  empty: { ...lost, baseMs: 1000, maxMs: minuteMs, code: 'upstream_failed' },
  unknown: { ...lost, baseMs: 5000, maxMs: 5 * minuteMs, code: 'upstream_failed' },
  'too-long': { ...requestsOwn, code: 'context_length_exceeded' },
  'bad-request': { ...requestsOwn, code: 'invalid_request' },
  filtered: { ...requestsOwn, code: 'invalid_request' },
  aborted: { ...requestsOwn, code: 'client_closed' },
}
