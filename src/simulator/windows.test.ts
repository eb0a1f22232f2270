import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  billingMonth,
  dayWindow,
  hourWindow,
  minuteWindow,
  monthWindow,
  sessionWindow,
  weekWindow,
  WindowCount,
} from './windows.ts'

const at = (text: string): number => Date.parse(text)
const shown = ({ from, until }: { from: number; until: number }): string[] => [
  new Date(from).toISOString(),
  new Date(until).toISOString(),
]

test('minutes and days are those of the UTC clock', () => {
  const now = at('2026-11-23T10:30:15.250Z')
  assert.deepEqual(shown(minuteWindow(now)), ['2026-11-23T10:30:00.000Z', '2026-11-23T10:31:00.000Z'])
  assert.deepEqual(shown(dayWindow(now)), ['2026-11-23T00:00:00.000Z', '2026-11-24T00:00:00.000Z'])
})

test('the reset of a captured daily 429 is a UTC midnight', () => {
  assert.equal(dayWindow(1_790_726_400_000 - 1).until, 1_790_726_400_000)
  assert.equal(dayWindow(1_790_726_400_000).from, 1_790_726_400_000)
})

test('sessions turn on the 18000-second grid, weeks on Monday', () => {
  // The sample answer of https://docs.ollama.com/api/balance.md.
  assert.equal(sessionWindow(at('2026-10-01T05:00:00Z')).until, at('2026-10-01T07:00:00Z'))
  assert.equal(weekWindow(at('2026-10-01T05:00:00Z')).until, at('2026-10-05T00:00:00Z'))
  assert.equal(weekWindow(at('2026-11-23T00:00:00Z')).from, at('2026-11-23T00:00:00Z'))
  assert.equal(weekWindow(at('2026-11-22T23:59:59.999Z')).until, at('2026-11-23T00:00:00Z'))
})

test('billing months keep their day and hour, and shorten in short months', () => {
  const month = billingMonth(at('2026-01-31T09:30:00Z'))
  assert.deepEqual(shown(month(at('2026-02-10T00:00:00Z'))), [
    '2026-01-31T09:30:00.000Z',
    '2026-02-28T09:30:00.000Z',
  ])
  assert.deepEqual(shown(month(at('2026-02-28T09:30:00Z'))), [
    '2026-02-28T09:30:00.000Z',
    '2026-03-31T09:30:00.000Z',
  ])
  assert.deepEqual(shown(monthWindow(at('2026-12-31T23:59:59Z'))), [
    '2026-12-01T00:00:00.000Z',
    '2027-01-01T00:00:00.000Z',
  ])
})

test('every moment lies in its window, and windows touch', () => {
  const kinds = [
    minuteWindow,
    hourWindow,
    dayWindow,
    sessionWindow,
    weekWindow,
    monthWindow,
    billingMonth(at('2026-03-31T17:05:09Z')),
  ]
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (now) => {
      for (const windowAt of kinds) {
        const window = windowAt(now)
        assert.ok(window.from <= now && now < window.until)
        assert.equal(windowAt(window.until).from, window.until)
        assert.equal(windowAt(window.until - 1).until, window.until)
      }
    }),
  )
})

test('a count falls back to zero when its window turns', () => {
  const now = at('2026-11-23T10:30:15Z')
  const count = new WindowCount(minuteWindow, now, 3)
  assert.equal(count.add(now), 4)
  assert.equal(count.count(now + 44_999), 4)
  assert.equal(count.count(now + 45_000), 0)
  assert.equal(count.add(now + 45_000, 2), 2)
})
