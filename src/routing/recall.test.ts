import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMovableClock } from '../clock.ts'
import { anAttempt } from '../stores/contract-rows.ts'
import { openMemoryStore } from '../stores/memory.ts'
import { recall } from './recall.ts'
import { Spending } from './spending.ts'

test('a start counts what was spent while a clock ran a little ahead, not what one did that was years ahead', async () => {
  const now = Date.UTC(2026, 10, 23, 23, 59, 30)
  const clock = createMovableClock({ start: now })
  const store = openMemoryStore()
  const times = [now - 86_400_000, now - 1000, now + 40_000, Date.UTC(2076, 0, 1)]
  for (const [index, at] of times.entries()) {
    store.open(anAttempt(index + 1, { lane: 'paid', at }))
    await store.settle({ id: index + 1, state: 'done', totalMs: 1, nanoUsd: 10 ** (index + 9) })
  }
  const spending = new Spending([{ window: 'day', nanoUsd: 1e15 }], clock)
  await recall([], spending, store, now)
  assert.equal(spending.list()[0]?.usd, 110)
})
