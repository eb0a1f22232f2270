import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import type { KeyTotal, UsageGroup, UsageQuery, UsageRow, WindowCount } from '../ledger/ledger.ts'
import { GroupSums, toKeyTotal, toUsageRow, toWindowCount } from './group-sums.ts'
import { type Dimension, dimensionOfRow, viewFor } from './rollup-views.ts'
import { readBounds } from './rollups.ts'
import type { Slices } from './sqlite-reads.ts'
import { sumsOfBuckets, sumsOfRows } from './sums.ts'
import { dayMs, hourMs, type Piece, piecesOf } from './time-range.ts'

/** Rows looked at in one go, unless a test wants fewer: about 10 ms. */
const usualRows = 10_000

/** The most rows one answer has: they are put in order in one go, and while that lasts no row is written. */
const mostGroups = 50_000

/** Times to add up; without `until` all that began since. */
interface Span {
  readonly since: number
  readonly until?: number | undefined
}

/** Use per key, secret, lane and client. */
export function* readCounts(
  db: DatabaseSync,
  { since, until = Number.MAX_SAFE_INTEGER }: Span,
  sliceRows: number = usualRows,
): Slices<readonly WindowCount[]> {
  const by: readonly Dimension[] = ['provider', 'key', 'fingerprint', 'lane', 'client']
  const groups = yield* sumRange(db, { since, until, by, sliceRows })
  return groups.list().map((sum) => toWindowCount(sum))
}

/** Sums per provider and key. */
export function* readTotals(
  db: DatabaseSync,
  { since, until = Number.MAX_SAFE_INTEGER }: Span,
  sliceRows: number = usualRows,
): Slices<readonly KeyTotal[]> {
  const groups = yield* sumRange(db, { since, until, by: ['provider', 'key'], sliceRows })
  return groups.list().map((sum) => toKeyTotal(sum))
}

/** Sums by whatever was asked for, of one range of time. */
export function* readUsage(
  db: DatabaseSync,
  query: UsageQuery,
  sliceRows: number = usualRows,
): Slices<readonly UsageRow[]> {
  const groups = yield* sumRange(db, { ...query, sliceRows, mostGroups })
  return groups.list().map((sum) => toUsageRow(sum))
}

interface SumQuery {
  readonly since: number
  readonly until: number
  readonly by: readonly (Dimension | UsageGroup)[]
  readonly sliceRows: number
  /** Left out: whoever asks needs them all. */
  readonly mostGroups?: number
}

/**
 * Adds up one range of time, a slice at a time. Rows may end and be added up between two slices; each is counted once all
 * the same. An attempt is read either with its bucket, which is one slice together with its open attempts, or as a
 * row; and the newest bucket, which may still grow, is read at the moment at which the bounds are.
 */
function* sumRange(db: DatabaseSync, query: SumQuery): Slices<GroupSums> {
  const { since, until, by } = query
  const view = viewFor(by.filter((name) => name !== 'day' && name !== 'hour'))
  const bounds = readBounds(db)
  const groups = new GroupSums(query.mostGroups)
  const rows = new RowSums(db, query)
  const pieces = piecesOf({ since, until }, bounds, { hourly: view.hourly, byHour: by.includes('hour') })
  for (const piece of pieces) {
    if (piece.from === 'rows') yield* rows.slices(piece, groups)
    else {
      const buckets = new BucketSums(db, query, { table: piece.from, view: view.id })
      for (let end = piece.until; end > piece.since;) {
        const start = buckets.startOf(piece.since, end)
        buckets.read(start, end, bounds.rolled, groups)
        end = start
        yield
      }
    }
  }
  return groups
}

/** Sums of `hours` or `days`. */
class BucketSums {
  readonly #sum: StatementSync
  readonly #sumOpen: StatementSync
  readonly #nth: StatementSync
  readonly #unitMs: number
  readonly #names: GroupNames

  constructor(
    db: DatabaseSync,
    { by, sliceRows }: SumQuery,
    { table, view }: { readonly table: 'hours' | 'days'; readonly view: number },
  ) {
    this.#names = new GroupNames(by)
    this.#unitMs = table === 'hours' ? hourMs : dayMs
    const columns = by.map((name) => (isTime(name) ? beginning(name, 'bucket') : name))
    this.#sum = db.prepare(
      `SELECT ${[...columns, sumsOfBuckets].join(', ')} FROM ${table} JOIN series ON series.id = ${table}.series
       WHERE ${table}.view = ${view} AND bucket >= ? AND bucket < ? ${grouped(by)}`,
    )
    const bucketOf = `at / ${this.#unitMs} * ${this.#unitMs}`
    this.#sumOpen = db.prepare(
      `SELECT ${columnsOfRows(by, bucketOf)} FROM attempts INDEXED BY attempts_open
       WHERE state = 'open' AND at >= ? AND at < ? ${grouped(by)}`,
    )
    for (const statement of [this.#sum, this.#sumOpen]) statement.setReturnArrays(true)
    this.#nth = db.prepare(
      `SELECT bucket FROM ${table} WHERE view = ${view} AND bucket >= ? AND bucket < ?
       ORDER BY bucket DESC, series DESC LIMIT 1 OFFSET ${sliceRows}`,
    )
  }

  /** Where the newest slice of whole buckets before `end` begins. */
  startOf(since: number, end: number): number {
    const bucket = this.#nth.get(since, end)?.['bucket']
    if (bucket === undefined) return since
    const next = Number(bucket) + this.#unitMs
    return next < end ? next : Number(bucket)
  }

  /** With the attempts of these buckets that are still open, which are in no sum. */
  read(start: number, end: number, rolled: number, into: GroupSums): void {
    addAll(this.#sum.all(start, end), this.#names, into)
    addAll(this.#sumOpen.all(start, Math.min(end, rolled)), this.#names, into)
  }
}

/** Sums of attempts themselves. */
class RowSums {
  readonly #sliceRows: number
  readonly #sum: StatementSync
  readonly #nth: StatementSync
  readonly #names: GroupNames

  constructor(db: DatabaseSync, { by, sliceRows }: SumQuery) {
    this.#names = new GroupNames(by)
    this.#sliceRows = sliceRows
    this.#sum = db.prepare(
      `SELECT ${columnsOfRows(by, 'at')} FROM attempts INDEXED BY attempts_at
       WHERE (at, id) > (?, ?) AND (at, id) <= (?, ?) ${grouped(by)}`,
    )
    this.#sum.setReturnArrays(true)
    this.#nth = db.prepare(
      'SELECT at, id FROM attempts WHERE (at, id) > (?, ?) ORDER BY at, id LIMIT 1 OFFSET ?',
    )
  }

  *slices({ since, until }: Piece, into: GroupSums): Slices<void> {
    // Ids are positive, so (since, 0) stands before every attempt of that moment.
    let from: readonly [number, number] = [since, 0]
    for (;;) {
      const found = this.#nth.get(...from, this.#sliceRows - 1)
      const next = found !== undefined && Number(found['at']) < until ? found : undefined
      const to: readonly [number, number] =
        next === undefined ? [until, 0] : [Number(next['at']), Number(next['id'])]
      addAll(this.#sum.all(...from, ...to), this.#names, into)
      if (next === undefined) return
      from = to
      yield
    }
  }
}

/** With `setReturnArrays` rows are arrays, which the type of `all` does not know. */
function addAll(rows: unknown, names: GroupNames, into: GroupSums): void {
  for (const row of rows as SQLOutputValue[][]) into.add(names.of(row), row.slice(names.count).map(Number))
}

/** The names in front of the sums of a row. */
class GroupNames {
  readonly #isTime: readonly boolean[]
  /** SQLite would name the same day for row after row. */
  readonly #times: Map<SQLOutputValue, string> = new Map()

  constructor(by: SumQuery['by']) {
    this.#isTime = by.map(isTime)
  }

  get count(): number {
    return this.#isTime.length
  }

  of(row: readonly SQLOutputValue[]): readonly string[] {
    return this.#isTime.map((time, index) => (time ? this.#timeOf(row[index] ?? 0) : String(row[index])))
  }

  /** As the memory store writes it. */
  #timeOf(epochMs: SQLOutputValue): string {
    const known = this.#times.get(epochMs)
    if (known !== undefined) return known
    const made = `${new Date(Number(epochMs)).toISOString().slice(0, 19)}Z`
    this.#times.set(epochMs, made)
    return made
  }
}

function columnsOfRows(by: SumQuery['by'], at: string): string {
  const names = by.map((name) => (isTime(name) ? beginning(name, at) : dimensionOfRow[name]))
  return [...names, sumsOfRows].join(', ')
}

/** Without a group there is one row of nothing where there is nothing. */
function grouped(by: SumQuery['by']): string {
  return by.length === 0 ? 'HAVING count(*) > 0' : `GROUP BY ${by.map((_, index) => index + 1).join(', ')}`
}

function isTime(name: Dimension | UsageGroup): name is 'day' | 'hour' {
  return name === 'day' || name === 'hour'
}

/** Of the day or hour that holds a time, in epoch milliseconds. */
function beginning(group: 'day' | 'hour', column: string): string {
  const unitMs = group === 'day' ? dayMs : hourMs
  return `${column} / ${unitMs} * ${unitMs}`
}
