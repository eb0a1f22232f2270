import type { DatabaseSync } from 'node:sqlite'
import type { Retention } from '../ledger/retention.ts'
import { views } from './rollup-views.ts'
import type { Rollups } from './rollups.ts'
import { dayMs, floor } from './time-range.ts'

/** Rows removed in one go: a few milliseconds, in which no row is written. */
const sliceRows = 1000

/** What a ledger needs done between its rows, in small steps: attempts are added up, and what is too old is removed. */
export class Upkeep {
  readonly #db: DatabaseSync
  readonly #rollups: Rollups
  readonly #keep: Retention

  constructor(db: DatabaseSync, rollups: Rollups, keep: Retention) {
    this.#db = db
    this.#rollups = rollups
    this.#keep = keep
  }

  /**
   * One step, of some milliseconds; false: nothing is left to do. With `removing: false`, rows stay for now: somebody may be
   * reading them.
   */
  step(now: number, { removing }: { readonly removing: boolean }): boolean {
    if (this.#rollups.due) {
      this.#rollups.advance()
      return true
    }
    return removing && this.#remove(now)
  }

  #remove(now: number): boolean {
    return (
      this.#followClock(now) ||
      this.#removeAttempts(floor(now - this.#keep.attemptsMs, dayMs)) ||
      this.#removeHours(floor(now - this.#keep.hoursMs, dayMs)) ||
      this.#removeSums('days', floor(now - this.#keep.daysMs, dayMs)) ||
      this.#run('DELETE FROM comparisons WHERE day < ?', now - this.#keep.comparisonsMs) ||
      // A service without a list is asked for any model that a client makes up, and each may leave a hold.
      this.#run('DELETE FROM holds WHERE until <= ?', now)
    )
  }

  /**
   * After a clock that was years ahead: what comes from the next day on is kept again. Not where calls of the time between
   * have been removed, which only sums know.
   */
  #followClock(now: number): boolean {
    const from = floor(now, dayMs) + dayMs
    const { rows, hours } = this.#rollups.bounds
    if (rows <= from) return false
    const between = this.#db.prepare(
      'SELECT 1 FROM days WHERE view = ? AND bucket >= ? AND bucket < ? LIMIT 1',
    )
    if (between.get(views[0]?.id ?? 0, from, rows) !== undefined) return false
    this.#rollups.move({ rows: from, hours: Math.min(hours, from) })
    return true
  }

  #removeAttempts(until: number): boolean {
    // The newest one stays: ids go on from it.
    const old = `SELECT id FROM attempts INDEXED BY attempts_at
      WHERE at < ? AND state <> 'open' AND id <> (SELECT max(id) FROM attempts) ORDER BY at LIMIT`
    const { bounds } = this.#rollups
    if (!Number.isFinite(until) || this.#db.prepare(`${old} 1`).get(until) === undefined) return false
    // Nothing is removed that is not in the sums, or that a question may still look for.
    if (bounds.rolled < until) this.#rollups.advance(until)
    else if (bounds.rows < until) this.#rollups.move({ rows: until })
    else this.#run(`DELETE FROM attempts WHERE id IN (${old} ${sliceRows})`, until)
    return true
  }

  #removeHours(until: number): boolean {
    if (until > this.#rollups.bounds.hours && Number.isFinite(until)) {
      const oldest = this.#db.prepare('SELECT min(bucket) AS bucket FROM hours WHERE view = ?')
      const { bucket } = oldest.get(views[0]?.id ?? 0) ?? {}
      if (bucket === null || bucket === undefined || Number(bucket) >= until) return false
      this.#rollups.move({ hours: until })
    }
    return this.#removeSums('hours', this.#rollups.bounds.hours)
  }

  #removeSums(table: 'hours' | 'days', until: number): boolean {
    return views.some(({ id }) =>
      this.#run(
        `DELETE FROM ${table} WHERE view = ${id} AND bucket < ?1 AND bucket <= (
           SELECT max(bucket) FROM (SELECT bucket FROM ${table} WHERE view = ${id} AND bucket < ?1
             ORDER BY bucket LIMIT ${sliceRows}))`,
        until,
      ),
    )
  }

  /** Whether anything was removed. */
  #run(sql: string, until: number): boolean {
    if (!Number.isFinite(until)) return false
    return Number(this.#db.prepare(sql).run(until).changes) > 0
  }
}
