import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeyBudget } from './key-budget.ts'

const noon = Date.UTC(2026, 10, 23, 12)
const midnight = Date.UTC(2026, 10, 24)
const dollar = 1e9

test('a cap is spent by what was told and by what was spent since, until its window ends', () => {
  const budget = new KeyBudget()
  assert.equal(budget.spent(noon), undefined)
  budget.hear({ cap: { max: 5 * dollar, left: dollar, window: 'day' } }, noon)
  budget.spend(dollar / 2, noon, noon)
  assert.equal(budget.spent(noon), undefined)
  budget.spend(dollar, noon, noon + 1)
  assert.equal(budget.spent(noon + 1)?.resetsAt, midnight)
  assert.equal(budget.spent(midnight), undefined)
})

test('a cap without a window stays spent until the service says otherwise', () => {
  const budget = new KeyBudget()
  budget.hear({ cap: { max: dollar, left: 0 } }, noon)
  assert.equal(budget.spent(midnight + 30 * 86_400_000)?.max, dollar)
  budget.hear({}, midnight)
  assert.equal(budget.spent(midnight), undefined)
})

test('what the service counted today stands beside our own count, earlier processes included', () => {
  const budget = new KeyBudget()
  budget.restore(3, noon)
  budget.spend(4, noon, noon + 1)
  budget.hear({ spentToday: 9 }, noon + 2)
  assert.deepEqual(budget.told(noon + 3), { service: 9, ours: 7, at: noon + 2 })
  assert.equal(budget.told(midnight), undefined)
  // A call of yesterday that ends today is yesterday's.
  budget.spend(5, noon, midnight + 1)
  budget.hear({ spentToday: 0 }, midnight + 2)
  assert.deepEqual(budget.told(midnight + 2), { service: 0, ours: 0, at: midnight + 2 })
})
