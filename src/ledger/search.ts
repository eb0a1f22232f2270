import type { Lane } from '../providers/provider.ts'
import type { AttemptState, KnownAttempt } from './attempt.ts'

/** Which attempts are looked for. What is left out does not matter; the rest must all hold. */
export interface AttemptFilter {
  /** The most that one answer holds; never more than 10,000. */
  readonly limit: number
  /** Only rows with a smaller id: the `next` of the answer before. */
  readonly before?: number
  /** Epoch milliseconds; `until` is not included. */
  readonly since?: number
  readonly until?: number
  /** The request. */
  readonly call?: string
  readonly client?: string
  readonly provider?: string
  readonly key?: string
  /** The model that was asked for, sent, or that answered. */
  readonly model?: string
  readonly lane?: Lane
  /** One of these. */
  readonly states?: readonly AttemptState[]
  readonly fault?: string
  /** Stands somewhere in request, asked or sent or serving model, key, client or fault; the case of ASCII letters does not matter. */
  readonly text?: string
}

/** Attempts that were found, the newest first. */
export interface AttemptPage {
  readonly attempts: readonly KnownAttempt[]
  /** Where to go on (`before`). Left out: nothing older is left to look at. */
  readonly next?: number
}
