import type { Lane } from '../providers/provider.ts'
import type { Attempt, AttemptResult } from './attempt.ts'
import type { AttemptFilter, AttemptPage } from './search.ts'

/** A rest that outlives the process: a key, account, model or provider that must not be called until `until`. */
export interface Hold {
  readonly name: string
  /** Epoch milliseconds; Infinity: until released by hand. */
  readonly until: number
  readonly kind: string
  readonly why: string
  readonly setAt: number
}

/** Sums for status and reports. */
export interface KeyTotal {
  readonly provider: string
  readonly key: string
  readonly attempts: number
  readonly failed: number
  readonly input: number
  readonly output: number
  readonly nanoUsd: number
  /** Attempts whose cost nobody knows. */
  readonly unpriced: number
}

/** Which attempts are added up, and by what. `until` is not included; both are epoch milliseconds. */
export interface UsageQuery {
  readonly since: number
  readonly until: number
  /** In the order in which the rows are named; none: one sum of all. */
  readonly by: readonly UsageGroup[]
}

export type UsageGroup = (typeof usageGroups)[number]

export const usageGroups = ['day', 'hour', 'model', 'key', 'client', 'provider'] as const

/** Sums of one group of attempts. */
export interface UsageRow {
  /** One name for each group asked for; days and hours as ISO texts of their beginning in UTC. */
  readonly names: readonly string[]
  readonly attempts: number
  /** First attempts: a request that failed over counts once. */
  readonly requests: number
  readonly failed: number
  readonly input: number
  readonly output: number
  /** Attempts that drew on free quota. */
  readonly freeAttempts: number
  /** Tokens of calls that drew on free quota. */
  readonly freeInput: number
  readonly freeOutput: number
  readonly nanoUsd: number
  /** Attempts whose cost nobody knows; `nanoUsd` does not hold them. */
  readonly unpriced: number
}

/** What one key used of one window for one client, to go on counting after a restart. By key, because which keys share an account may be learned later. */
export interface WindowCount {
  readonly provider: string
  readonly key: string
  readonly fingerprint: string
  readonly lane: Lane
  readonly client: string
  /** Attempts, whatever became of them. */
  readonly count: number
  /** Input and output of those whose usage is known. */
  readonly tokens: number
  readonly nanoUsd: number
  /** What it may have cost at the most: of calls whose cost is not certain, all that was held for them. */
  readonly mostNanoUsd: number
}

/** Whose account a secret opens, in the service's words: kept for a start at which the service cannot be asked. */
export interface Owner {
  readonly provider: string
  readonly fingerprint: string
  readonly account: string
}

/** A service's own figure of one UTC day beside our count at the same moment. The last one of the day stays. */
export interface Comparison {
  readonly provider: string
  readonly account: string
  /** Left out for figures of the whole account. */
  readonly key?: string
  readonly metric: 'requests' | 'nano-usd'
  /** For people: `free requests`, `requests`, `spent`. */
  readonly name: string
  /** Epoch milliseconds of the day's beginning. */
  readonly day: number
  readonly service: number
  readonly ours: number
  /** Epoch milliseconds at which the service was asked. */
  readonly at: number
  /** Whether the day was over then. */
  readonly complete: boolean
}

/** How a store keeps up with what it is given. */
export interface StoreState {
  /** Rows that wait to be written. */
  readonly unwritten: number
  /** Why rows are not written at present; undefined: they are. */
  readonly problem?: string
}

/** What stood in the way of a request, kept for `why`. A later one of the same request takes its place. */
export interface Decision {
  /** The request. */
  readonly call: string
  /** Epoch milliseconds at which it was written down. */
  readonly at: number
  /** JSON; no more than 16 KiB. */
  readonly trail: string
}

/** What a store finds when it opens. */
export interface Opening {
  /** The next free attempt id. */
  readonly nextId: number
  readonly holds: readonly Hold[]
  readonly owners: readonly Owner[]
  /** Attempts that were open when the last process died; they are now `interrupted`. */
  readonly reconciled: number
}

/**
 * Where attempts and holds are kept. Writes are batched; `settle` and `flush` resolve once the rows are on disk.
 * A store that fails rejects those promises with RouterError `store_failed`; nothing is dropped in silence.
 */
export interface LedgerStore extends AsyncDisposable {
  readonly opening: Opening
  readonly state: StoreState
  /** Fire and forget: written with the next batch, before any later `settle`. */
  open(attempt: Attempt): void
  /** Once per attempt; a second result for the same id changes nothing. */
  settle(result: AttemptResult): Promise<void>
  hold(hold: Hold): void
  release(name: string): void
  identify(owner: Owner): void
  compare(comparison: Comparison): void
  /** Fire and forget. The newest 100,000 are kept. */
  decide(decision: Decision): void
  flush(): Promise<void>
  /** Use per key, lane and client since `since`; `until` is not included. Epoch milliseconds. */
  counts(since: number, until?: number): Promise<readonly WindowCount[]>
  /** Sums per provider and key of such a range. */
  totals(since: number, until?: number): Promise<readonly KeyTotal[]>
  /**
   * Ordered by their names. Of times whose attempts are not kept any more whole days or hours are answered: the range is
   * widened to them, and sums of which only days are kept stand in the first hour of their day. Rejects with
   * `invalid_request` what would have more than 50,000 rows.
   */
  usage(query: UsageQuery): Promise<readonly UsageRow[]>
  /** Of days that began at `since` or later; the newest day first. */
  comparisons(since: number): Promise<readonly Comparison[]>
  /** The last one of a request; undefined where none was written, or it is not kept any more. */
  decision(call: string): Promise<Decision | undefined>
  /**
   * Newest first. A search for one request (`call`) goes on until its first attempt; any other looks at a bounded number
   * of rows and says where to go on.
   */
  attempts(filter: AttemptFilter): Promise<AttemptPage>
}
