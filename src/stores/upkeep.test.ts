import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as turn } from 'node:timers/promises'
import { test } from 'node:test'
import { createMovableClock } from '../clock.ts'
import { defaultRetention, type Retention, retentionOf } from '../ledger/retention.ts'
import { aHold, anAttempt, aResult, openedAt } from './contract-rows.ts'
import { temporaryFolder } from './fixtures/temporary-folder.ts'
import { Rollups } from './rollups.ts'
import { migrate } from './schema.ts'
import { openSqliteStore } from './sqlite.ts'
import { finish, readHolds } from './sqlite-reads.ts'
import { readCounts, readUsage } from './sqlite-sums.ts'
import { createWriter, holdRow, openRow, settleRow } from './sqlite-writes.ts'
import { dayMs, floor, hourMs } from './time-range.ts'
import { Upkeep } from './upkeep.ts'

test('calls that are too old are removed between others; their sums and the newest id stay', async (t) => {
  const path = join(temporaryFolder(t), 'ledger.db')
  const clock = createMovableClock({ start: openedAt })
  const today = floor(openedAt, dayMs)
  {
    await using store = await openSqliteStore({ path, now: openedAt, clock })
    for (let id = 1; id <= 3000; id += 1) store.open(anAttempt(id))
    for (let id = 1; id < 3000; id += 1) void store.settle(aResult(id))
    await store.settle(aResult(3000))
    store.compare({
      provider: 'one',
      account: 'a',
      metric: 'requests',
      name: 'requests',
      day: today,
      service: 1,
      ours: 1,
      at: openedAt,
      complete: true,
    })
    clock.advance(500 * dayMs)
    store.open(anAttempt(3001, { at: clock.now() }))
    await store.settle(aResult(3001))

    const end = performance.now() + 10_000
    const left = async (): Promise<number> =>
      (await store.attempts({ limit: 9 })).attempts.length + (await store.comparisons(0)).length
    while ((await left()) > 1) {
      assert.ok(performance.now() < end, 'not removed in time')
      await turn(1)
    }
    const range = { since: today, until: today + dayMs }
    const [sum] = await store.usage({ ...range, by: [] })
    assert.deepEqual([sum?.attempts, sum?.input], [3000, 30_000])
    // Only the day is known any more.
    const hours = await store.usage({ ...range, since: openedAt, by: ['hour'] })
    assert.deepEqual(
      hours.map(({ names, attempts }) => [...names, attempts]),
      [['2026-11-23T00:00:00Z', 3000]],
    )
  }
  await using store = await openSqliteStore({ path, now: clock.now() + 200 * dayMs })
  assert.equal(store.opening.nextId, 3002)
})

/** A ledger in memory, looked after by `keepUp` as its thread does it by and by. */
function openBooks(keep: Retention): {
  readonly db: DatabaseSync
  readonly write: ReturnType<typeof createWriter>
  keepUp(now: number): void
} {
  const db = new DatabaseSync(':memory:')
  migrate(db)
  const rollups = new Rollups(db)
  const upkeep = new Upkeep(db, rollups, keep)
  const keepUp = (now: number): void => {
    while (upkeep.step(now, { removing: true }));
  }
  return { db, write: createWriter(db, rollups), keepUp }
}

test('on the last day of a month its first day still counts, however little is kept', () => {
  const { db, write, keepUp } = openBooks(retentionOf({ attempts: 1, hours: 1, days: 1 }))
  using _ = db
  const times = [Date.UTC(2026, 9, 1), Date.UTC(2026, 9, 31, 23, 59)]
  for (const [index, at] of times.entries()) {
    const id = index + 1
    write([openRow(anAttempt(id, { at, lane: 'paid' })), settleRow(aResult(id, { nanoUsd: 5 }))])
    keepUp(at)
  }
  assert.equal(db.prepare('SELECT count(*) AS count FROM attempts').get()?.['count'], 1)
  const [count] = finish(readCounts(db, { since: Date.UTC(2026, 9, 1) }))
  assert.deepEqual([count?.count, count?.mostNanoUsd], [2, 10])
})

test('holds that have ended do not pile up until the next start', () => {
  const { db, write, keepUp } = openBooks(defaultRetention)
  using _ = db
  const holds = Array.from({ length: 501 }, (__, index) => aHold(`model-${index}`, openedAt + 1 + index))
  write([...holds, aHold('by hand', Infinity)].map(holdRow))
  keepUp(openedAt + 500)
  assert.deepEqual(
    readHolds(db, 0).map(({ name }) => name),
    ['by hand', 'model-500'],
  )
})

test('after a clock that was years ahead, ranges are told to the millisecond again from the next day on', () => {
  const { db, write, keepUp } = openBooks(defaultRetention)
  using _ = db
  const tomorrow = floor(openedAt, dayMs) + dayMs
  const ahead = openedAt + 50 * 365 * dayMs
  const times = [openedAt, ahead, openedAt + 1, tomorrow + 1, tomorrow + hourMs, tomorrow + hourMs + 1]
  for (const [index, at] of times.entries()) {
    const id = index + 1
    write([openRow(anAttempt(id, { at })), settleRow(aResult(id))])
    keepUp(at)
  }
  const asked = (since: number, until: number): (number | undefined)[] => {
    const [usage] = finish(readUsage(db, { since, until, by: [] }))
    const [counts] = finish(readCounts(db, { since, until }))
    return [usage?.attempts, counts?.count]
  }
  assert.deepEqual(asked(tomorrow + 2, tomorrow + hourMs + 1), [1, 1])
  assert.deepEqual(asked(tomorrow, tomorrow + dayMs), [3, 3])
  assert.deepEqual(asked(tomorrow - dayMs, tomorrow), [2, 2])
  assert.deepEqual(asked(0, ahead + 1), [6, 6])
})
