import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { newRequestId } from '../ledger/request-id.ts'
import type { AttemptFilter, AttemptPage } from '../ledger/search.ts'
import { anAttempt, openedAt } from './contract-rows.ts'
import { migrate } from './schema.ts'
import { readAttempts } from './sqlite-search.ts'
import { createWriter, openRow } from './sqlite-writes.ts'

const dayMs = 86_400_000

/** What is found, and how many slices of the ledger were looked at. */
function search(db: DatabaseSync, filter: AttemptFilter): { page: AttemptPage; slices: number } {
  const read = readAttempts(db, filter)
  for (let slices = 1; ; slices += 1) {
    const { done, value } = read.next()
    if (done === true) return { page: value, slices }
  }
}

test('an old request is found where its id says, without going through what came later', () => {
  using db = new DatabaseSync(':memory:')
  migrate(db)
  const write = createWriter(db)
  // A thousand a day for a hundred days, two attempts of one request among them.
  const at = openedAt + 10 * dayMs
  const call = newRequestId(at)
  const elsewhere = newRequestId(openedAt + 90 * dayMs)
  const rows = Array.from({ length: 100_000 }, (_, index) =>
    openRow(anAttempt(index + 1, { call: `call-${index}`, at: openedAt + index * (dayMs / 1000) })),
  )
  rows[10_000] = openRow(anAttempt(10_001, { call, at: at + 5 }))
  rows[10_003] = openRow(anAttempt(10_004, { call, at: at + 1000, number: 2 }))
  rows[20_000] = openRow(anAttempt(20_001, { call: elsewhere, at: openedAt + 20 * dayMs }))
  assert.deepEqual(write(rows), [])

  const found = search(db, { limit: 100, call })
  assert.deepEqual(
    found.page.attempts.map(({ id }) => id),
    [10_004, 10_001],
  )
  assert.ok(found.slices <= 3, `${found.slices} slices`)
  // Control: an id that tells no time is found too, but behind all that is newer.
  const random = search(db, { limit: 100, call: 'call-10001' })
  assert.deepEqual(
    random.page.attempts.map(({ id }) => id),
    [10_002],
  )
  assert.ok(random.slices >= 9, `${random.slices} slices`)
  // An id that tells a wrong time, and one that nobody has.
  assert.equal(search(db, { limit: 100, call: elsewhere }).page.attempts[0]?.id, 20_001)
  assert.deepEqual(search(db, { limit: 100, call: newRequestId(at) }).page, { attempts: [] })
  // Other conditions hold as well.
  assert.deepEqual(search(db, { limit: 100, call, until: at }).page, { attempts: [] })
  assert.deepEqual(search(db, { limit: 1, call }).page.attempts.length, 1)
})
