import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import { dimensionOfRow, dimensions, type View, views } from './rollup-views.ts'
import { sumNames, sumsOfRows } from './sums.ts'
import { type Bounds, dayMs, floor, hourMs } from './time-range.ts'

/** Attempts added up in one go, unless a test wants fewer: some milliseconds, in which no row is written. */
const usualRows = 2000

/** Series whose number is remembered. */
const mostKnown = 100_000

type Table = 'hours' | 'days'

/**
 * The sums of hours and days. They hold every ended attempt that began before `bounds.rolled`, and no other. Attempts are
 * added up some thousand at a time, a while after they began, when most have ended: one statement then stands for many
 * rows, and a busy ledger writes no more per answer than it did without sums. Those that end later are added with their
 * own row, in the same transaction.
 */
export class Rollups {
  readonly #db: DatabaseSync
  readonly #sliceRows: number
  #bounds: Bounds
  readonly #known: Map<string, readonly number[]> = new Map()
  readonly #add: Readonly<Record<Table, StatementSync>>
  readonly #findSeries: StatementSync
  readonly #addSeries: StatementSync
  readonly #sumSlice: StatementSync
  readonly #sumIds: StatementSync
  readonly #nth: StatementSync

  constructor(db: DatabaseSync, sliceRows: number = usualRows) {
    this.#db = db
    this.#sliceRows = sliceRows
    this.#bounds = readBounds(db)
    this.#add = { hours: db.prepare(addTo('hours')), days: db.prepare(addTo('days')) }
    this.#findSeries = db.prepare(
      `SELECT id FROM series WHERE view = ? AND ${dimensions.map((name) => `${name} = ?`).join(' AND ')}`,
    )
    this.#addSeries = db.prepare(
      `INSERT INTO series (view, ${dimensions.join(', ')}) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    )
    const sum = (from: string): StatementSync => {
      const names = dimensions.map((dimension) => dimensionOfRow[dimension]).join(', ')
      const statement = db.prepare(
        `SELECT ${names}, at / ${hourMs}, ${sumsOfRows} FROM attempts ${from}
         GROUP BY ${names}, at / ${hourMs}`,
      )
      statement.setReturnArrays(true)
      return statement
    }
    this.#sumSlice = sum(`INDEXED BY attempts_at WHERE at >= ? AND at < ? AND state <> 'open'`)
    this.#sumIds = sum('WHERE id IN (SELECT value FROM json_each(?))')
    this.#nth = db.prepare('SELECT at FROM attempts WHERE at >= ? ORDER BY at LIMIT 1 OFFSET ?')
  }

  get bounds(): Bounds {
    return this.#bounds
  }

  /** Adds attempts that have just ended and began before `bounds.rolled`; inside the transaction that ends them. */
  add(ids: readonly number[]): void {
    try {
      this.#write(this.#sumIds.all(JSON.stringify(ids)))
    } catch (error) {
      this.#known.clear()
      throw error
    }
  }

  /** Whether a slice is due. Half as many again stay with their rows, so that most have ended when they are added up. */
  get due(): boolean {
    return this.#nth.get(this.#bounds.rolled, 2 * this.#sliceRows) !== undefined
  }

  /** Adds up the oldest slice of those that are not yet, up to `limit` (epoch milliseconds). */
  advance(limit: number = Number.MAX_SAFE_INTEGER): void {
    const { rolled } = this.#bounds
    const at = (offset: number): number => Number(this.#nth.get(rolled, offset)?.['at'] ?? limit)
    // Many may have begun at one moment.
    const until = Math.min(limit, Math.max(at(this.#sliceRows), at(0) + 1))
    this.move({ rolled: until }, () => this.#write(this.#sumSlice.all(rolled, until)))
  }

  /** Changes bounds, and what goes with it, in one transaction. */
  move(bounds: Partial<Bounds>, change: () => void = () => {}): void {
    const set = this.#db.prepare('UPDATE bounds SET at = ? WHERE name = ?')
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      change()
      for (const [name, at] of Object.entries(bounds)) set.run(at, name)
      this.#db.exec('COMMIT')
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      // The numbers of new series went with it.
      this.#known.clear()
      throw error
    }
    this.#bounds = { ...this.#bounds, ...bounds }
  }

  #write(rows: unknown): void {
    const sums = { hours: new BucketSums(), days: new BucketSums() }
    // With `setReturnArrays` rows are arrays, which the type of `all` does not know.
    for (const row of rows as SQLOutputValue[][]) {
      const series = this.#seriesOf(row.slice(0, dimensions.length).map(String))
      const hour = Number(row[dimensions.length]) * hourMs
      const values = row.slice(dimensions.length + 1).map(Number)
      for (const [index, view] of views.entries()) {
        const id = series[index] ?? 0
        if (view.hourly) sums.hours.add(view, hour, id, values)
        sums.days.add(view, floor(hour, dayMs), id, values)
      }
    }
    for (const table of ['hours', 'days'] as const) {
      for (const values of sums[table].rows()) this.#add[table].run(...values)
    }
  }

  /** The number of its series in each view. */
  #seriesOf(names: readonly string[]): readonly number[] {
    const name = JSON.stringify(names)
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const found = views.map((view) => {
      const own = dimensions.map((dimension, index) =>
        view.by.includes(dimension) ? (names[index] ?? '') : '',
      )
      const row = this.#findSeries.get(view.id, ...own) ?? this.#addSeries.get(view.id, ...own)
      return Number(row?.['id'])
    })
    if (this.#known.size >= mostKnown) this.#known.clear()
    this.#known.set(name, found)
    return found
  }
}

/** Sums on their way to one table. */
class BucketSums {
  readonly #buckets: Map<number, Map<number, number[]>> = new Map()

  /** A series belongs to one view. */
  add(view: View, bucket: number, series: number, values: readonly number[]): void {
    const all = this.#buckets.get(bucket) ?? new Map<number, number[]>()
    this.#buckets.set(bucket, all)
    const row = all.get(series)
    if (row === undefined) all.set(series, [view.id, bucket, series, ...values])
    else for (const [index, value] of values.entries()) row[index + 3] = (row[index + 3] ?? 0) + value
  }

  /** In the order of the table. */
  rows(): readonly (readonly number[])[] {
    const rows = [...this.#buckets.values()].flatMap((all) => [...all.values()])
    return rows.sort(
      (a, b) => (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0) || (a[2] ?? 0) - (b[2] ?? 0),
    )
  }
}

/** As they stand in the file. */
export function readBounds(db: DatabaseSync): Bounds {
  const rows = db.prepare('SELECT name, at FROM bounds').all()
  const at = (name: string): number => Number(rows.find((row) => row['name'] === name)?.['at'] ?? 0)
  return { rolled: at('rolled'), rows: at('rows'), hours: at('hours') }
}

function addTo(table: Table): string {
  const columns = ['view', 'bucket', 'series', ...sumNames]
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
    ON CONFLICT (view, bucket, series) DO UPDATE SET
      ${sumNames.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`
}
