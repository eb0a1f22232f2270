import type { Fault } from '../providers/provider.ts'

/** What a call needs from the pool. */
export interface Want {
  readonly model: string
  /** Whether the call draws on the free quota. */
  readonly free: boolean
  /** Names of keys this request has tried and will not try again. */
  readonly avoid: ReadonlySet<string>
  /** The most it may use, as far as can be told beforehand. */
  readonly tokens: number
  readonly nanoUsd: number
  /** Share of each day's free quota that this call must leave to others. */
  readonly keptShare: number
  /** Asked only where it decides anything: accounts used in turn. */
  conversation?(): Conversation | undefined
}

/** What tells one conversation from others. */
export interface Conversation {
  readonly id: string
  /** Whether an answer of it has gone out before, so that some account holds its cache. */
  readonly continues: boolean
}

/** What a call really used. */
export interface Actual {
  readonly tokens: number
  readonly nanoUsd: number
  /** Whether the service counted it and its price is known; else it is our estimate, or the call never came back. */
  readonly certain: boolean
}

/** How a leased call ended, for the pool. `unsent`: no byte left, so nothing was used up. */
export type LeaseEnd =
  | { readonly type: 'answered' | 'aborted' | 'unsent' }
  | { readonly type: 'fault'; readonly fault: Fault }
