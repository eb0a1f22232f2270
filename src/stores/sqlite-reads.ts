import type { DatabaseSync } from 'node:sqlite'
import type { Comparison, Decision, Hold, Owner } from '../ledger/ledger.ts'

/**
 * A read that stops now and then, so that a long one (a search through all attempts) does not make finished
 * answers wait for their rows. Whoever runs it resumes it until it is done.
 */
export type Slices<T> = Generator<undefined, T>

/** Runs a read to its end without a pause. */
export function finish<T>(read: Slices<T>): T {
  for (;;) {
    const { done, value } = read.next()
    if (done === true) return value
  }
}

/** Decisions looked at in one go. */
const sliceRows = 10_000

/** The most comparisons one question returns. */
const mostRows = 10_000

/** Holds that are still in force. */
export function readHolds(db: DatabaseSync, now: number): readonly Hold[] {
  const rows = db.prepare('SELECT * FROM holds WHERE until IS NULL OR until > ? ORDER BY name').all(now)
  return rows.map((row) => ({
    name: String(row['name']),
    until: row['until'] === null ? Infinity : Number(row['until']),
    kind: String(row['kind']),
    why: String(row['why']),
    setAt: Number(row['set_at']),
  }))
}

/** Whose account each secret seen so far opens. */
export function readOwners(db: DatabaseSync): readonly Owner[] {
  const rows = db.prepare('SELECT * FROM owners ORDER BY provider, fingerprint').all()
  return rows.map((row) => ({
    provider: String(row['provider']),
    fingerprint: String(row['fingerprint']),
    account: String(row['account']),
  }))
}

/** What the services said of their days beside our own counts. */
export function* readComparisons(db: DatabaseSync, since: number): Slices<readonly Comparison[]> {
  const rows = db
    .prepare(
      'SELECT * FROM comparisons WHERE day >= ? ORDER BY day DESC, provider, account, key, name LIMIT ?',
    )
    .all(since, mostRows)
  yield
  return rows.map((row) => ({
    provider: String(row['provider']),
    account: String(row['account']),
    ...(row['key'] === '' ? {} : { key: String(row['key']) }),
    metric: row['metric'] === 'requests' ? 'requests' : 'nano-usd',
    name: String(row['name']),
    day: Number(row['day']),
    service: Number(row['service']),
    ours: Number(row['ours']),
    at: Number(row['at']),
    complete: row['complete'] === 1,
  }))
}

/** The last decision of a request. */
export function* readDecision(db: DatabaseSync, call: string): Slices<Decision | undefined> {
  const slice = db.prepare(
    'SELECT at, trail FROM decisions WHERE id > ? AND id <= ? AND call = ? ORDER BY id DESC LIMIT 1',
  )
  // Each by itself: SQLite goes through the whole table for both in one (https://www.sqlite.org/optoverview.html#minmax).
  const span = db
    .prepare('SELECT (SELECT min(id) FROM decisions) AS first, (SELECT max(id) FROM decisions) AS last')
    .get()
  const first = Number(span?.['first'] ?? 0)
  for (let last = Number(span?.['last'] ?? -1); last >= first; last -= sliceRows) {
    const row = slice.get(last - sliceRows, last, call)
    if (row !== undefined) return { call, at: Number(row['at']), trail: String(row['trail']) }
    yield
  }
  return undefined
}
