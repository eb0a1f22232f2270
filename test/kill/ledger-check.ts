import { DatabaseSync } from 'node:sqlite'
import { readSqliteStore } from '../../src/stores/sqlite.ts'

/** What a ledger file says about the answers that clients received. */
export interface Verdict {
  readonly rows: number
  /** Received answers without a finished row. */
  readonly lost: readonly string[]
  /** Received answers whose row knows no usage or no cost. */
  readonly incomplete: readonly string[]
  /** Requests with two finished rows, or two rows for the same attempt. */
  readonly doubled: readonly string[]
  readonly interrupted: number
  /** Rows still open, by when their attempt began. */
  readonly openAt: readonly number[]
}

interface Row {
  readonly call: string
  readonly number: number
  readonly at: number
  readonly state: string
  readonly isComplete: boolean
}

/** Holds the ledger of a dead gateway against the ids of the answers received from it. Throws when the file is damaged. */
export function checkLedger(path: string, received: Iterable<string>): Verdict {
  const rows = readRows(path)
  const done = new Map<string, Row>()
  const attempts = new Set<string>()
  const doubled: string[] = []
  for (const row of rows) {
    const attempt = `${row.call} ${row.number}`
    if (attempts.has(attempt) || (row.state === 'done' && done.has(row.call))) doubled.push(row.call)
    attempts.add(attempt)
    if (row.state === 'done') done.set(row.call, row)
  }
  const ids = [...received]
  return {
    rows: rows.length,
    lost: ids.filter((id) => !done.has(id)),
    incomplete: ids.filter((id) => done.get(id)?.isComplete === false),
    doubled,
    interrupted: rows.filter(({ state }) => state === 'interrupted').length,
    openAt: rows.filter(({ state }) => state === 'open').map(({ at }) => at),
  }
}

function readRows(path: string): readonly Row[] {
  // The reader looks at every page and refuses a damaged file, and one that a live process holds.
  const reader = readSqliteStore(path)
  if (reader === undefined) throw new Error(`there is no ledger ${path}`)
  reader[Symbol.dispose]()
  // It returns 10,000 attempts at the most; here all of them count.
  using db = new DatabaseSync(path, { readOnly: true })
  const integrity = db.prepare('PRAGMA integrity_check').get()?.['integrity_check']
  if (integrity !== 'ok') throw new Error(`the ledger ${path} is damaged: ${String(integrity)}`)
  return db
    .prepare(
      `SELECT call, number, at, state, usage_source = 'provider' AND input > 0 AND output > 0 AND nano_usd IS NOT NULL
         AND (lane = 'free' OR nano_usd > 0) AS complete FROM attempts`,
    )
    .all()
    .map((row) => ({
      call: String(row['call']),
      number: Number(row['number']),
      at: Number(row['at']),
      state: String(row['state']),
      isComplete: row['complete'] === 1,
    }))
}
