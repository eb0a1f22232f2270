import type { DatabaseSync } from 'node:sqlite'
import type { Attempt, AttemptResult } from '../ledger/attempt.ts'
import type { Comparison, Decision, Hold, Opening, Owner } from '../ledger/ledger.ts'
import { Rollups } from './rollups.ts'
import { isRowFault } from './sqlite-errors.ts'
import { readHolds, readOwners } from './sqlite-reads.ts'

/**
 * One row on its way to the disk: its values in the order of its statement below. Their names stay here: copied to the
 * thread with every row, they were 5 % of what a row costs.
 */
export interface Write {
  readonly kind: keyof typeof statements
  readonly values: readonly (string | number | null)[]
}

/** A row that can never be written, by its place in the list, and why. */
export interface RefusedRow {
  readonly index: number
  readonly why: string
}

/**
 * Writes rows in one transaction, with the sums they belong to, and returns those that were refused. Throws when nothing
 * could be written; the same rows may then be given again, since writing a row twice changes nothing.
 */
export function createWriter(
  db: DatabaseSync,
  rollups: Rollups = new Rollups(db),
): (rows: readonly Write[]) => readonly RefusedRow[] {
  // Those whose time is added up already.
  let late: number[] = []
  const writeRow = createRowWriter(db, (id, at) => {
    if (at < rollups.bounds.rolled) late.push(id)
  })
  return (rows) => {
    const refused: RefusedRow[] = []
    late = []
    // IMMEDIATE: the lock is taken before the first row, not upgraded half-way.
    db.exec('BEGIN IMMEDIATE')
    try {
      for (const [index, row] of rows.entries()) {
        const why = writeRow(row)
        if (why !== undefined) refused.push({ index, why })
      }
      if (late.length > 0) rollups.add(late)
      db.exec('COMMIT')
    } catch (error) {
      // A full disk may have rolled it back already.
      if (db.isTransaction) db.exec('ROLLBACK')
      rollups.forget()
      throw error
    }
    return refused
  }
}

/** What a process finds when it opens the ledger: attempts still open died with the last one. */
export function reconcile(db: DatabaseSync, now: number, rollups: Rollups = new Rollups(db)): Opening {
  db.exec('BEGIN IMMEDIATE')
  const open = db.prepare(`SELECT id, at FROM attempts INDEXED BY attempts_open WHERE state = 'open'`).all()
  db.exec(`UPDATE attempts SET state = 'interrupted' WHERE state = 'open'`)
  const late = open.filter((row) => Number(row['at']) < rollups.bounds.rolled).map((row) => Number(row['id']))
  if (late.length > 0) rollups.add(late)
  db.prepare('DELETE FROM holds WHERE until <= ?').run(now)
  db.exec('COMMIT')
  const last = Number(db.prepare('SELECT coalesce(max(id), 0) AS last FROM attempts').get()?.['last'])
  return { nextId: last + 1, holds: readHolds(db, now), owners: readOwners(db), reconciled: open.length }
}

/** Some hundred bytes each. */
const mostDecisions = 100_000
const forgetEvery = 1000

const statements = {
  // Not INSERT OR IGNORE, which would also pass over a row with a missing value.
  open: `INSERT INTO attempts (id, call, number, at, client, asked, provider, model, key, fingerprint, account, lane, stream,
       most_nano_usd, chosen, obstacles)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  settle: `UPDATE attempts SET state = ?, served = ?, input = ?, output = ?, cached = ?, cache_write = ?, reasoning = ?,
       upstream_nano_usd = ?, usage_source = ?, nano_usd = ?, price_source = ?, finish = ?, fault = ?, status = ?, first_token_ms = ?, total_ms = ?
     WHERE id = ? AND state = 'open' RETURNING at`,
  hold: `INSERT INTO holds (name, until, kind, why, set_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET until = excluded.until, kind = excluded.kind, why = excluded.why, set_at = excluded.set_at
     WHERE excluded.until IS NULL OR excluded.until >= holds.until`,
  release: 'DELETE FROM holds WHERE name = ?',
  identify: `INSERT INTO owners (provider, fingerprint, account) VALUES (?, ?, ?)
     ON CONFLICT (provider, fingerprint) DO UPDATE SET account = excluded.account`,
  // A figure of a day that was over is not replaced by one that was read while it ran.
  compare: `INSERT INTO comparisons (day, provider, account, key, name, metric, service, ours, at, complete)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (day, provider, account, key, name) DO UPDATE SET service = excluded.service, ours = excluded.ours,
       at = excluded.at, complete = excluded.complete
     WHERE excluded.complete >= comparisons.complete AND excluded.at >= comparisons.at`,
  decide: 'INSERT INTO decisions (call, at, trail) VALUES (?, ?, ?)',
} as const

export function openRow(a: Attempt): Write {
  const values = [
    a.id,
    a.call,
    a.number,
    whole(a.at),
    a.client,
    a.asked,
    a.provider,
    a.model,
    a.key,
    a.fingerprint,
    a.account,
    a.lane,
    a.stream ? 1 : 0,
    whole(a.mostNanoUsd),
    a.chosen ?? null,
    whole(a.obstacles),
  ]
  return { kind: 'open', values }
}

export function settleRow(r: AttemptResult): Write {
  const values = [
    r.state,
    r.served ?? null,
    whole(r.usage?.input),
    whole(r.usage?.output),
    whole(r.usage?.cached),
    whole(r.usage?.cacheWrite),
    whole(r.usage?.reasoning),
    whole(r.usage?.nanoUsd),
    r.usageSource ?? null,
    whole(r.nanoUsd),
    r.priceSource ?? null,
    r.finish ?? null,
    r.fault ?? null,
    whole(r.status),
    whole(r.firstTokenMs),
    whole(r.totalMs),
    r.id,
  ]
  return { kind: 'settle', values }
}

export function holdRow({ name, until, kind, why, setAt }: Hold): Write {
  return { kind: 'hold', values: [name, until === Infinity ? null : whole(until), kind, why, whole(setAt)] }
}

export function releaseRow(name: string): Write {
  return { kind: 'release', values: [name] }
}

export function identifyRow({ provider, fingerprint, account }: Owner): Write {
  return { kind: 'identify', values: [provider, fingerprint, account] }
}

export function compareRow(c: Comparison): Write {
  const values = [
    c.day,
    c.provider,
    c.account,
    c.key ?? '',
    c.name,
    c.metric,
    whole(c.service),
    whole(c.ours),
    whole(c.at),
    c.complete ? 1 : 0,
  ]
  return { kind: 'compare', values }
}

export function decideRow({ call, at, trail }: Decision): Write {
  return { kind: 'decide', values: [call, whole(at), trail] }
}

/** `ended` is told of every attempt that has its result now, and when it began. */
function createRowWriter(
  db: DatabaseSync,
  ended: (id: number, at: number) => void,
): (row: Write) => string | undefined {
  const prepared = {
    open: db.prepare(statements.open),
    hold: db.prepare(statements.hold),
    release: db.prepare(statements.release),
    identify: db.prepare(statements.identify),
    compare: db.prepare(statements.compare),
    decide: db.prepare(statements.decide),
  }
  const settle = db.prepare(statements.settle)
  const forget = db.prepare('DELETE FROM decisions WHERE id <= ?')
  const find = db.prepare('SELECT 1 FROM attempts WHERE id = ?')
  return ({ kind, values }) => {
    try {
      if (kind === 'settle') {
        const id = Number(values.at(-1))
        const row = settle.get(...values)
        if (row !== undefined) {
          ended(id, Number(row['at']))
          return undefined
        }
        // Nothing changed: settled before, or its opening was lost, and then this row is lost too and must not pass for kept.
        return find.get(id) === undefined ? `attempt ${id} was never opened` : undefined
      }
      const { lastInsertRowid } = prepared[kind].run(...values)
      if (kind === 'decide' && Number(lastInsertRowid) % forgetEvery === 0)
        forget.run(Number(lastInsertRowid) - mostDecisions)
      return undefined
    } catch (error) {
      if (!isRowFault(error)) throw error
      return error instanceof Error ? error.message : String(error)
    }
  }
}

/** Durations come from a clock with fractions; the tables hold whole numbers only. */
function whole(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value)
}
