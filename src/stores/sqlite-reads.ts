import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type {
  Comparison,
  Decision,
  Hold,
  KeyTotal,
  Owner,
  UsageGroup,
  UsageQuery,
  UsageRow,
  WindowCount,
} from '../ledger/ledger.ts'
import { type AttemptRow, readAttemptRow } from './attempt-row.ts'
import { GroupSums, toKeyTotal, toUsageRow, toWindowCount } from './group-sums.ts'

/**
 * A read that stops now and then, so that a long one (a month of attempts for a status page) does not make finished
 * answers wait for their rows. Whoever runs it resumes it until it is done.
 */
export type Slices<T> = Generator<undefined, T>

/** Attempts looked at in one go: about 10 ms. */
const sliceRows = 10_000

/** The most attempts one question returns. */
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

// What a spending ceiling counts of a call. Certain are a cost by the service's own count of tokens, and a refusal; of a
// call that was cut, left or killed the whole of what was held for it may have been billed.
const mostCost = `CASE
  WHEN most_nano_usd IS NULL OR usage_source = 'provider' OR (usage_source IS NULL AND nano_usd IS NOT NULL)
  THEN coalesce(nano_usd, 0) ELSE max(coalesce(nano_usd, 0), most_nano_usd) END`

/** Use per key, secret, lane and client. */
export function* readCounts(
  db: DatabaseSync,
  since: number,
  beforeId: number = Number.MAX_SAFE_INTEGER,
): Slices<readonly WindowCount[]> {
  const groups = yield* sumSlices(
    db,
    since,
    5,
    `SELECT provider, key, fingerprint, lane, client, count(*), sum(coalesce(input, 0) + coalesce(output, 0)),
       sum(coalesce(nano_usd, 0)), sum(${mostCost}) FROM attempts
     WHERE (at, id) > (?, ?) AND (at, id) <= (?, ?) AND id < ${Math.floor(beforeId)}
     GROUP BY provider, key, fingerprint, lane, client`,
  )
  return groups.list().map((sum) => toWindowCount(sum))
}

/** Sums per provider and key. */
export function* readTotals(db: DatabaseSync, since: number): Slices<readonly KeyTotal[]> {
  const groups = yield* sumSlices(
    db,
    since,
    2,
    `SELECT provider, key, count(*), sum(state = 'failed'), sum(coalesce(input, 0)), sum(coalesce(output, 0)),
       sum(coalesce(nano_usd, 0)), sum(nano_usd IS NULL AND state <> 'open')
     FROM attempts WHERE (at, id) > (?, ?) AND (at, id) <= (?, ?) GROUP BY provider, key`,
  )
  return groups.list().map((sum) => toKeyTotal(sum))
}

// Names of days and hours as the memory store writes them. The model is the one that answered, where that is known.
const groupColumns: Readonly<Record<UsageGroup, string>> = {
  day: `strftime('%Y-%m-%dT00:00:00Z', at / 1000, 'unixepoch')`,
  hour: `strftime('%Y-%m-%dT%H:00:00Z', at / 1000, 'unixepoch')`,
  model: 'coalesce(served, model)',
  key: 'key',
  client: 'client',
  provider: 'provider',
}

/** Sums by whatever was asked for, of one range of time. */
export function* readUsage(db: DatabaseSync, { since, until, by }: UsageQuery): Slices<readonly UsageRow[]> {
  const columns = by.map((group) => groupColumns[group])
  const sums = `count(*), sum(number = 1), sum(state = 'failed'), sum(coalesce(input, 0)), sum(coalesce(output, 0)),
    sum(lane = 'free'), sum(iif(lane = 'free', coalesce(input, 0), 0)),
    sum(iif(lane = 'free', coalesce(output, 0), 0)), sum(coalesce(nano_usd, 0)), sum(nano_usd IS NULL AND state <> 'open')`
  const groups = yield* sumSlices(
    db,
    since,
    by.length,
    `SELECT ${[...columns, sums].join(', ')} FROM attempts
     WHERE (at, id) > (?, ?) AND (at, id) <= (?, ?) ${by.length === 0 ? 'HAVING count(*) > 0' : `GROUP BY ${columns.join(', ')}`}`,
    until,
  )
  return groups.list().map((sum) => toUsageRow(sum))
}

/** The newest attempts first; with `call`, only those of that request. */
export function* readAttempts(
  db: DatabaseSync,
  filter: { readonly limit: number; readonly call?: string },
): Slices<readonly AttemptRow[]> {
  const limit = Math.min(Math.floor(filter.limit), mostRows)
  const span = db
    .prepare('SELECT coalesce(min(id), 0) AS first, coalesce(max(id), -1) AS last FROM attempts')
    .get()
  const first = Number(span?.['first'])
  const slice = db.prepare(
    `SELECT * FROM attempts WHERE id > ?1 AND id <= ?2 AND (?3 IS NULL OR call = ?3) ORDER BY id DESC LIMIT ?4`,
  )
  const found: AttemptRow[] = []
  // There is no index on `call`: going down by id finds a recent request at once.
  for (let last = Number(span?.['last']); last >= first && found.length < limit; last -= sliceRows) {
    const rows = slice.all(last - sliceRows, last, filter.call ?? null, limit - found.length)
    found.push(...rows.map((row) => readAttemptRow(row)))
    yield
  }
  return found
}

/** The last decision of a request. */
export function* readDecision(db: DatabaseSync, call: string): Slices<Decision | undefined> {
  const slice = db.prepare(
    'SELECT at, trail FROM decisions WHERE id > ? AND id <= ? AND call = ? ORDER BY id DESC LIMIT 1',
  )
  const span = db
    .prepare('SELECT coalesce(min(id), 0) AS first, coalesce(max(id), -1) AS last FROM decisions')
    .get()
  const first = Number(span?.['first'])
  for (let last = Number(span?.['last']); last >= first; last -= sliceRows) {
    const row = slice.get(last - sliceRows, last, call)
    if (row !== undefined) return { call, at: Number(row['at']), trail: String(row['trail']) }
    yield
  }
  return undefined
}

/** Adds up a grouped query over the time index, a slice at a time; the first `names` columns name the group. */
function* sumSlices(
  db: DatabaseSync,
  since: number,
  names: number,
  sql: string,
  until = Number.MAX_SAFE_INTEGER,
): Slices<GroupSums> {
  const groups = new GroupSums()
  const slice = db.prepare(sql)
  slice.setReturnArrays(true)
  const end = db.prepare(
    'SELECT at, id FROM attempts WHERE (at, id) > (?, ?) ORDER BY at, id LIMIT 1 OFFSET ?',
  )
  // Ids are positive, so (since, 0) stands before every attempt of that moment.
  let from: readonly [number, number] = [since, 0]
  for (;;) {
    const found = end.get(...from, sliceRows - 1)
    const next = found !== undefined && Number(found['at']) < until ? found : undefined
    const to: readonly [number, number] =
      next === undefined ? [until, 0] : [Number(next['at']), Number(next['id'])]
    // With `setReturnArrays` rows are arrays, which the type of `all` does not know.
    for (const row of slice.all(...from, ...to) as unknown as SQLOutputValue[][]) {
      groups.add(row.slice(0, names).map(String), row.slice(names).map(Number))
    }
    if (next === undefined) return groups
    from = to
    yield
  }
}
