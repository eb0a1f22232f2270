import type { FinishReason, Usage } from '../chat/types.ts'
import type { Lane } from '../providers/provider.ts'

/** One upstream call as it is about to be made. A request that failed over leaves several with the same `call`. */
export interface Attempt {
  /** Grows by one with every attempt; unique within the ledger. */
  readonly id: number
  /** The request this attempt served. */
  readonly call: string
  /** 1 for the first attempt of the request. */
  readonly number: number
  readonly at: number
  readonly client: string
  /** The model as the client asked for it. */
  readonly asked: string
  readonly provider: string
  readonly model: string
  readonly key: string
  /** Of the secret behind `key`: a new one under the same name is another account's. */
  readonly fingerprint: string
  readonly account: string
  readonly lane: Lane
  readonly stream: boolean
  /** The most it may cost; left out where nobody asks, because no spending ceiling watches it. */
  readonly mostNanoUsd?: number
  /** Why this account and key: the pool's rule, such as `order` or `conversation`. */
  readonly chosen?: string
  /** How many entries the request's decision has when the attempt begins; left out where nothing stood in the way. */
  readonly obstacles?: number
}

/** How an attempt ended. `interrupted`: the process died while it was open. */
export type AttemptState = (typeof attemptStates)[number]

export const attemptStates = ['open', 'done', 'failed', 'aborted', 'truncated', 'interrupted'] as const

export interface AttemptResult {
  readonly id: number
  readonly state: Exclude<AttemptState, 'open'>
  /** The model that answered, when it differs from the one asked for. */
  readonly served?: string
  readonly usage?: Usage
  /** `provider`: counted upstream; `estimated`: by us, from sizes. */
  readonly usageSource?: 'provider' | 'estimated'
  /** Undefined: unknown, never silently 0. */
  readonly nanoUsd?: number
  /** Whose price made `nanoUsd`: `service`, `free`, `listed`, or a price table with its version. */
  readonly priceSource?: string
  readonly finish?: FinishReason
  readonly fault?: string
  readonly status?: number
  readonly firstTokenMs?: number
  readonly totalMs: number
}

/** An attempt with what is known of its end. */
export type KnownAttempt = Attempt & { readonly state: AttemptState } & Partial<Omit<AttemptResult, 'state'>>
