import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { defaultRetention } from '../ledger/retention.ts'
import { anAttempt, aResult, openedAt } from './contract-rows.ts'
import { Rollups } from './rollups.ts'
import { migrate } from './schema.ts'
import { finish, readComparisons, readDecision } from './sqlite-reads.ts'
import { readAttempts } from './sqlite-search.ts'
import { readCounts, readTotals, readUsage } from './sqlite-sums.ts'
import { createWriter, decideRow, openRow, reconcile, settleRow } from './sqlite-writes.ts'
import { dayMs } from './time-range.ts'
import { Upkeep } from './upkeep.ts'

test('nothing that runs between rows goes through a large table from end to end', () => {
  using db = new DatabaseSync(':memory:')
  migrate(db)
  const statements = new Set<string>()
  const prepare = db.prepare.bind(db)
  db.prepare = (sql) => {
    statements.add(sql)
    return prepare(sql)
  }
  const rollups = new Rollups(db, 1)
  const write = createWriter(db, rollups)
  for (const id of [1, 2, 3, 4])
    write([openRow(anAttempt(id)), settleRow(aResult(id)), decideRow({ call: 'one', at: 0, trail: '{}' })])
  const upkeep = new Upkeep(db, rollups, { ...defaultRetention, daysMs: 500 * dayMs })
  const range = { since: openedAt - dayMs - 1, until: openedAt + dayMs }
  const ask = (): void => {
    finish(readUsage(db, { ...range, by: ['hour'] }))
    finish(readUsage(db, { ...range, by: ['day', 'key', 'client', 'model'] }))
    finish(readCounts(db, range))
    finish(readTotals(db, range))
    finish(readComparisons(db, 0))
    finish(readDecision(db, 'one'))
    finish(readAttempts(db, { limit: 1 }))
    finish(readAttempts(db, { ...range, limit: 1, model: 'small' }))
  }
  ask()
  while (upkeep.step(openedAt + 1000 * dayMs, { removing: true })) ask()
  reconcile(db, openedAt, rollups)

  const scanned = [...statements].filter((sql) =>
    prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .some(({ detail }) =>
        /^SCAN (attempts|decisions|hours|days)\b(?! USING INDEX attempts_open)/.test(String(detail)),
      ),
  )
  assert.ok(statements.size > 20)
  assert.deepEqual(scanned, [])
})
