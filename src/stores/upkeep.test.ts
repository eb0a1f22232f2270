import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as turn } from 'node:timers/promises'
import { test } from 'node:test'
import { createMovableClock } from '../clock.ts'
import { anAttempt, aResult, openedAt } from './contract-rows.ts'
import { temporaryFolder } from './fixtures/temporary-folder.ts'
import { openSqliteStore } from './sqlite.ts'
import { dayMs, floor } from './time-range.ts'

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
