import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type {
  Comparison,
  Decision,
  Hold,
  KeyTotal,
  UsageQuery,
  UsageRow,
  WindowCount,
} from '../ledger/ledger.ts'
import type { AttemptFilter, AttemptPage } from '../ledger/search.ts'
import { readLedgerFile } from './sqlite-file.ts'
import { finish, readComparisons, readDecision, readHolds } from './sqlite-reads.ts'
import { readAttempts } from './sqlite-search.ts'
import { readCounts, readTotals, readUsage } from './sqlite-sums.ts'

/** A ledger to look into while no process writes to it. */
export interface LedgerReader extends Disposable {
  /** Holds in force at `now`. */
  holds(now: number): readonly Hold[]
  counts(since: number, until?: number): readonly WindowCount[]
  totals(since: number, until?: number): readonly KeyTotal[]
  usage(query: UsageQuery): readonly UsageRow[]
  comparisons(since: number): readonly Comparison[]
  decision(call: string): Decision | undefined
  /** Newest first, as of a store. */
  attempts(filter: AttemptFilter): AttemptPage
}

/**
 * Opens a ledger read-only, on this thread. Undefined when there is none at `path`; throws `store_failed` while a
 * running Switchyard holds it, which can then be asked itself.
 */
export function readSqliteStore(path: string): LedgerReader | undefined {
  const file = resolve(path)
  if (!existsSync(file)) return undefined
  const db = readLedgerFile(file)
  return {
    holds: (now) => readHolds(db, now),
    counts: (since, until) => finish(readCounts(db, { since, until })),
    totals: (since, until) => finish(readTotals(db, { since, until })),
    usage: (query) => finish(readUsage(db, query)),
    comparisons: (since) => finish(readComparisons(db, since)),
    decision: (call) => finish(readDecision(db, call)),
    attempts: (filter) => finish(readAttempts(db, filter)),
    [Symbol.dispose]: () => db.close(),
  }
}
