import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import { dimensionOfRow, dimensions, type View, views } from './rollup-views.ts'
import { sumNames, valuesOfRows } from './sums.ts'
import { type Bounds, dayMs, floor, hourMs } from './time-range.ts'

/** Attempts added up in one go, unless a test wants fewer: about 40 ms on a slow core, in which no row is written. */
const usualRows = 2000

/** Rows by all their names whose series are remembered. */
const mostKnown = 100_000

type Table = 'hours' | 'days'

/** Where the names of a row begin. */
const firstName = 1 + sumNames.length

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
  /** Numbers of series in all views, by all names of a row. */
  readonly #known: Map<string, readonly number[]> = new Map()
  /** And each by its view and own names. */
  readonly #ids: Map<string, number> = new Map()
  readonly #add: Readonly<Record<Table, StatementSync>>
  readonly #findSeries: StatementSync
  readonly #addSeries: StatementSync
  readonly #readSlice: StatementSync
  readonly #readIds: StatementSync
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
    // Not grouped by SQL: nearly every row of a slice is a group of its own, and sorting them costs more than it saves.
    const read = (from: string): StatementSync => {
      const names = dimensions.map((dimension) => dimensionOfRow[dimension]).join(', ')
      const statement = db.prepare(`SELECT at / ${hourMs}, ${valuesOfRows}, ${names} FROM attempts ${from}`)
      statement.setReturnArrays(true)
      return statement
    }
    this.#readSlice = read(`INDEXED BY attempts_at WHERE at >= ? AND at < ? AND state <> 'open'`)
    this.#readIds = read('WHERE id IN (SELECT value FROM json_each(?))')
    this.#nth = db.prepare('SELECT at FROM attempts WHERE at >= ? ORDER BY at LIMIT 1 OFFSET ?')
  }

  get bounds(): Bounds {
    return this.#bounds
  }

  /** Adds attempts that have just ended and began before `bounds.rolled`; inside the transaction that ends them. */
  add(ids: readonly number[]): void {
    this.#write(this.#readIds.all(JSON.stringify(ids)))
  }

  /** Whether a slice is due. As many again stay with their rows, so that most have ended when they are added up. */
  get due(): boolean {
    return this.#nth.get(this.#bounds.rolled, 2 * this.#sliceRows) !== undefined
  }

  /** Adds up the oldest slice of those that are not yet, up to `limit` (epoch milliseconds). */
  advance(limit: number = Number.MAX_SAFE_INTEGER): void {
    const { rolled } = this.#bounds
    const at = (offset: number): number => Number(this.#nth.get(rolled, offset)?.['at'] ?? limit)
    // Many may have begun at one moment.
    const until = Math.min(limit, Math.max(at(this.#sliceRows), at(0) + 1))
    this.move({ rolled: until }, () => this.#write(this.#readSlice.all(rolled, until)))
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
      this.forget()
      throw error
    }
    this.#bounds = { ...this.#bounds, ...bounds }
  }

  #write(rows: unknown): void {
    const sums = { hours: new BucketSums(), days: new BucketSums() }
    // With `setReturnArrays` rows are arrays, which the type of `all` does not know.
    for (const row of rows as SQLOutputValue[][]) {
      const series = this.#seriesOf(row)
      const hour = Number(row[0]) * hourMs
      const day = floor(hour, dayMs)
      for (const [index, view] of views.entries()) {
        const id = series[index] ?? 0
        if (view.hourly) sums.hours.add(view, hour, id, row)
        sums.days.add(view, day, id, row)
      }
    }
    for (const table of ['hours', 'days'] as const) {
      for (const values of sums[table].rows()) this.#add[table].run(...values)
    }
  }

  /** The number of its series in each view. */
  #seriesOf(row: readonly SQLOutputValue[]): readonly number[] {
    const names = row.slice(firstName).map(String)
    const text = JSON.stringify(names)
    const known = this.#known.get(text)
    if (known !== undefined) return known
    const found = views.map((view) => this.#findOrAdd(view, names))
    if (this.#known.size >= mostKnown) this.forget()
    this.#known.set(text, found)
    return found
  }

  #findOrAdd(view: View, names: readonly string[]): number {
    const own = dimensions.map((dimension, index) =>
      view.by.includes(dimension) ? (names[index] ?? '') : '',
    )
    const text = JSON.stringify([view.id, ...own])
    const known = this.#ids.get(text)
    if (known !== undefined) return known
    const row = this.#findSeries.get(view.id, ...own) ?? this.#addSeries.get(view.id, ...own)
    const id = Number(row?.['id'])
    this.#ids.set(text, id)
    return id
  }

  /** After a transaction that failed: the numbers of new series went with it. */
  forget(): void {
    this.#known.clear()
    this.#ids.clear()
  }
}

/** Sums on their way to one table. */
class BucketSums {
  readonly #buckets: Map<number, Map<number, number[]>> = new Map()

  /** `row`: with the values to be added from its second column on. A series belongs to one view. */
  add(view: View, bucket: number, series: number, row: readonly SQLOutputValue[]): void {
    let all = this.#buckets.get(bucket)
    if (all === undefined) this.#buckets.set(bucket, (all = new Map<number, number[]>()))
    let sums = all.get(series)
    if (sums === undefined) all.set(series, (sums = [view.id, bucket, series, ...sumNames.map(() => 0)]))
    for (let index = 0; index < sumNames.length; index += 1)
      sums[index + 3] = (sums[index + 3] ?? 0) + Number(row[index + 1])
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
