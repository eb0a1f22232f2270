import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { forecastOf, type Sample } from './forecast.ts'

const noon = Date.UTC(2026, 10, 23, 12)
const midnight = Date.UTC(2026, 10, 24)
const minuteMs = 60_000

function steady(perMinute: number, minutes: number, from = 0): Sample[] {
  return Array.from({ length: minutes + 1 }, (_, index) => ({
    at: noon - (minutes - index) * minuteMs,
    used: from + index * perMinute,
  }))
}

test('ten a minute with 600 left is spent in an hour', () => {
  const forecast = forecastOf(steady(10, 60), { left: 600, resetsAt: midnight }, noon)
  assert.deepEqual(forecast, { perHour: 600, spentAt: noon + 60 * minuteMs })
})

test('what lasts until the window ends has no end of its own', () => {
  assert.deepEqual(forecastOf(steady(1, 60), { left: 1000, resetsAt: midnight }, noon), { perHour: 60 })
  assert.deepEqual(forecastOf(steady(0, 60), { left: 1, resetsAt: midnight }, noon), { perHour: 0 })
})

test('nothing is foretold from a few minutes, or from nothing', () => {
  assert.equal(forecastOf(steady(10, 14), { left: 600, resetsAt: midnight }, noon), undefined)
  assert.equal(forecastOf([], { left: 600, resetsAt: midnight }, noon), undefined)
})

test('a window that began meanwhile keeps the pace, and what lies further back than two hours is past', () => {
  const before = steady(10, 60, 900).map(({ at, used }) => ({ at: at - 60 * minuteMs, used }))
  const samples = [...before, ...steady(10, 60)]
  assert.equal(forecastOf(samples, { left: 600, resetsAt: midnight }, noon)?.perHour, 600)
  const old = [{ at: noon - 5 * 60 * minuteMs, used: 0 }, ...steady(1, 30, 5000)]
  assert.equal(forecastOf(old, { left: 600, resetsAt: midnight }, noon)?.perHour, 60)
})

test('the end is never past, never after the reset, and sooner with less left', () => {
  const growth = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 15, maxLength: 200 })
  fc.assert(
    fc.property(
      growth,
      fc.integer({ min: 1, max: 2000 }),
      fc.integer({ min: 0, max: 500 }),
      (grown, left, less) => {
        let used = 0
        const samples = [0, ...grown].map((by, index) => ({
          at: noon - (grown.length - index) * minuteMs,
          used: (used += by),
        }))
        const end = (of: number) => forecastOf(samples, { left: of, resetsAt: midnight }, noon)?.spentAt
        const late = end(left)
        const soon = end(Math.max(0, left - less))
        if (late === undefined) return
        assert.ok(late >= noon && late < midnight)
        assert.ok(soon !== undefined && soon <= late)
      },
    ),
  )
})
