import type { DatabaseSync } from 'node:sqlite'
import type { KnownAttempt } from '../ledger/attempt.ts'
import { requestedAt } from '../ledger/request-id.ts'
import type { AttemptFilter, AttemptPage } from '../ledger/search.ts'
import { readAttemptRow } from './attempt-row.ts'
import type { Slices } from './sqlite-reads.ts'

/** Rows looked at in one go: about 10 ms. */
const sliceRows = 10_000

/** Rows that one answer looks at. */
const mostLookedAt = 50_000

/** The most attempts one answer holds. */
export const mostRows = 10_000

/** A condition for each member of the filter that is given. */
const conditions: Readonly<Record<string, string>> = {
  since: 'at >= :since',
  until: 'at < :until',
  call: 'call = :call',
  client: 'client = :client',
  provider: 'provider = :provider',
  key: 'key = :key',
  model: '(asked = :model OR model = :model OR served = :model)',
  lane: 'lane = :lane',
  states: 'state IN (SELECT value FROM json_each(:states))',
  fault: 'fault = :fault',
  text: `(${['call', 'asked', 'model', 'served', 'key', 'client', 'fault']
    .map((column) => `${column} LIKE :text ESCAPE '\\'`)
    .join(' OR ')})`,
}

/**
 * Goes down from the newest, as far as one answer may look. There is no index on any of this: upkeep of one over random
 * ids would cost more than the rows, and a recent request is found at once. An old one is looked for at the time that
 * its id tells, before all others.
 */
export function* readAttempts(db: DatabaseSync, filter: AttemptFilter): Slices<AttemptPage> {
  const limit = Math.min(Math.floor(filter.limit), mostRows)
  if (!(limit > 0)) return { attempts: [] }
  const at = filter.call === undefined ? undefined : requestedAt(filter.call)
  if (at !== undefined) {
    const since = Math.max(at - mostClockStepMs, filter.since ?? 0)
    const until = Math.min(at + mostRequestMs, filter.until ?? Infinity)
    const page = yield* look(db, filter, spanOf(db, { ...filter, since, until }), limit)
    // Without its first attempt: its clock was set, or somebody else made the id.
    if (page.next !== undefined || page.attempts.at(-1)?.number === 1) return page
  }
  return yield* look(db, filter, spanOf(db, filter), limit)
}

/** How far a clock may have been set back between a request's arrival and its first attempt. */
const mostClockStepMs = 60_000

/** Longer than a request can wait and take. */
const mostRequestMs = 86_400_000

function* look(
  db: DatabaseSync,
  filter: AttemptFilter,
  { first, last }: Span,
  limit: number,
): Slices<AttemptPage> {
  const values = {
    ...filter,
    states: JSON.stringify(filter.states),
    text: `%${filter.text?.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`,
  }
  const given = Object.keys(conditions).filter((name) => filter[name as keyof AttemptFilter] !== undefined)
  const slice = db.prepare(
    `SELECT * FROM attempts WHERE id > :above AND id <= :top ${given.map((name) => `AND ${conditions[name]}`).join(' ')}
     ORDER BY id DESC LIMIT :count`,
  )
  slice.setAllowUnknownNamedParameters(true)
  const found: KnownAttempt[] = []
  for (let top = last; top >= first; top -= sliceRows) {
    // Whoever looks for one request wants it, however long it takes.
    if (filter.call === undefined && last - top >= mostLookedAt) return { attempts: found, next: top + 1 }
    const rows = slice.all({ ...bindable(values), above: top - sliceRows, top, count: limit - found.length })
    found.push(...rows.map((row) => readAttemptRow(row)))
    const oldest = found.at(-1)
    if (oldest !== undefined && found.length === limit)
      return { attempts: found, ...(oldest.id > first ? { next: oldest.id } : {}) }
    // A request has no attempt before its first.
    if (filter.call !== undefined && oldest?.number === 1) break
    yield
  }
  return { attempts: found }
}

/** Attempts that stand this far from their place by time are found all the same: clocks are set back now and then. */
const mostAstray = 10_000

/** Ids between which attempts are looked for, both included. */
interface Span {
  readonly first: number
  readonly last: number
}

/** Where the attempts of a range of time are, so that a range of last month is not reached row by row. */
function spanOf(db: DatabaseSync, filter: AttemptFilter): Span {
  const { since, until, before } = filter
  const read = (sql: string, ...values: number[]): number | undefined => {
    const id = db.prepare(sql).get(...values)?.['id']
    return id === null || id === undefined ? undefined : Number(id)
  }
  const first =
    since === undefined
      ? read('SELECT min(id) AS id FROM attempts')
      : read(
          'SELECT min(id) AS id FROM (SELECT id FROM attempts WHERE at >= ? ORDER BY at LIMIT ?)',
          since,
          mostAstray,
        )
  const last =
    until === undefined
      ? read('SELECT max(id) AS id FROM attempts')
      : read(
          'SELECT max(id) AS id FROM (SELECT id FROM attempts WHERE at < ? ORDER BY at DESC LIMIT ?)',
          until,
          mostAstray,
        )
  return { first: first ?? 0, last: Math.min(last ?? -1, (before ?? Infinity) - 1) }
}

function bindable(values: object): Record<string, string | number> {
  const entries = Object.entries(values).filter(([, value]) => ['string', 'number'].includes(typeof value))
  return Object.fromEntries(entries) as Record<string, string | number>
}
