import type { Opening, UsageQuery } from '../ledger/ledger.ts'
import type { Retention } from '../ledger/retention.ts'
import type { AttemptFilter } from '../ledger/search.ts'
import type { Write } from './sqlite-writes.ts'

/** What the ledger's thread is started with. */
export interface ThreadData {
  readonly path: string
  readonly now: number
  readonly keep: Retention
}

export type Question =
  | { readonly type: 'counts'; readonly since: number; readonly until: number | undefined }
  | { readonly type: 'totals'; readonly since: number; readonly until: number | undefined }
  | { readonly type: 'usage'; readonly query: UsageQuery }
  | { readonly type: 'comparisons'; readonly since: number }
  | { readonly type: 'decision'; readonly call: string }
  | { readonly type: 'attempts'; readonly filter: AttemptFilter }

/** From the store to its thread. Batch numbers grow; they are written in that order. `now`: epoch milliseconds. */
export type ToThread =
  | {
      readonly type: 'write'
      readonly batch: number
      readonly rows: readonly Write[]
      readonly now: number
    }
  | { readonly type: 'ask'; readonly ask: number; readonly question: Question }
  | { readonly type: 'close' }

/** A row that can never be written: its batch, its place in it, and why. */
export interface Refusal {
  readonly batch: number
  readonly index: number
  readonly why: string
}

/** From the thread to its store. */
export type FromThread =
  | { readonly type: 'opened'; readonly opening: Opening }
  | { readonly type: 'not-opened'; readonly code: 'config' | 'store_failed'; readonly message: string }
  /** Every batch up to this one is on disk, but for the rows named. */
  | { readonly type: 'written'; readonly upTo: number; readonly refused: readonly Refusal[] }
  /** A try has failed; the rows are kept and tried again. */
  | { readonly type: 'failing'; readonly why: string }
  /** Old rows could not be removed, or new ones not added up. Tried again later; nothing is wrong with the answers. */
  | { readonly type: 'upkeep-failed'; readonly why: string }
  | { readonly type: 'answer'; readonly ask: number; readonly answer: unknown }
  /** `isRequestFault`: not the ledger is at fault but what was asked. */
  | {
      readonly type: 'no-answer'
      readonly ask: number
      readonly why: string
      readonly isRequestFault: boolean
    }
