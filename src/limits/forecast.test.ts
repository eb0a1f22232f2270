import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { emptyAt, paceOf } from './forecast.ts'

const hour = 3_600_000
const noon = Date.UTC(2026, 10, 23, 12)
const midnight = noon + 12 * hour

test('what is left is gone when the pace says so, or outlasts its window', () => {
  const pace = { amount: 10, overMs: hour }
  const table: readonly (readonly [number, number | undefined])[] = [
    [0, noon],
    [-3, noon],
    [10, noon + hour],
    [25, noon + 2.5 * hour],
    [119, noon + 11.9 * hour],
    [120, undefined],
    [500, undefined],
  ]
  for (const [left, expected] of table)
    assert.equal(emptyAt(pace, { left, now: noon, resetsAt: midnight }), expected, String(left))
  assert.equal(emptyAt({ amount: 0, overMs: hour }, { left: 1, now: noon, resetsAt: midnight }), undefined)
})

test('the pace is that of the hours since the first use, and of half an hour at least', () => {
  const since = noon - 3 * hour
  const pace = (...hours: [number, number][]) =>
    paceOf(
      hours.map(([ago, amount]) => ({ start: noon - ago * hour, amount })),
      { since, now: noon + hour / 4 },
    )
  assert.deepEqual(pace(), { amount: 0, overMs: hour / 2 })
  assert.deepEqual(pace([0, 6]), { amount: 6, overMs: hour / 2 })
  assert.deepEqual(pace([1, 4], [0, 6]), { amount: 10, overMs: 1.25 * hour })
  assert.deepEqual(pace([2, 0], [1, 4]), { amount: 4, overMs: 1.25 * hour })
  assert.deepEqual(pace([9, 4]), { amount: 4, overMs: 3.25 * hour })
})

test('property: the end is never before now nor after the reset, and more left never ends sooner', () => {
  const amount = fc.integer({ min: 0, max: 1_000_000 })
  fc.assert(
    fc.property(
      amount,
      amount,
      amount,
      fc.integer({ min: 1, max: 24 * hour }),
      (used, left, more, overMs) => {
        const facts = { now: noon, resetsAt: midnight }
        const pace = { amount: used, overMs }
        const end = emptyAt(pace, { ...facts, left })
        if (end !== undefined) assert.ok(end >= noon && end < midnight)
        const later = emptyAt(pace, { ...facts, left: left + more })
        assert.ok((later ?? Infinity) >= (end ?? Infinity))
      },
    ),
  )
})
