import type { Dialect, Loss } from '../dialects/dialect.ts'
import type { Reply } from '../relay/reply.ts'
import type { Bill } from './settlement.ts'

/** Who asks, and how long they stay. */
export interface CallOptions {
  readonly signal?: AbortSignal
  /** Name of the client for the ledger; never its key. */
  readonly client?: string
  readonly preferProvider?: string
  /** Only calls that cost nothing. */
  readonly freeOnly?: boolean
  /** Id of the request; made up when left out. */
  readonly id?: string
  /** Longest wait for spent quota to return; default that of the settings. */
  readonly maxWaitMs?: number
}

/** A call whose request has its id. */
export type IdentifiedCall = CallOptions & { readonly id: string }

/** An answer with what is known about its making. */
export interface Routed {
  readonly reply: Reply
  readonly id: string
  readonly provider: string
  readonly model: string
  readonly keyName: string
  readonly keyMasked: string
  readonly attempts: number
  readonly free: boolean
  /** What the upstream's dialect could not carry of the request. */
  readonly lost: readonly Loss[]
  /** The dialect the upstream answered in. */
  readonly dialect: Dialect
  /** Whether the model itself keeps to a format that is asked for. */
  readonly enforced: boolean
  /** Grows complete when a streamed answer ends. */
  readonly bill: Bill
}
