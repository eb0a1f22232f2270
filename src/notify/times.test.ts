import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isQuiet, isZone, shownLength, shownTime } from './times.ts'

const noon = Date.UTC(2026, 10, 23, 12)
const minuteMs = 60_000

test('quiet hours over midnight, by the clock of their zone', () => {
  const berlin = { from: 22 * 60, until: 7 * 60, zone: 'Europe/Berlin' }
  const at = (hour: number, minute = 0) => isQuiet(berlin, Date.UTC(2026, 10, 23, hour, minute))
  // Berlin is an hour ahead in November.
  assert.deepEqual(
    [at(20, 59), at(21), at(23), at(5, 59), at(6), at(12)],
    [false, true, true, true, false, false],
  )
  const summer = Date.UTC(2026, 6, 1, 20)
  assert.equal(isQuiet(berlin, summer), true, 'two hours ahead in July')
  assert.equal(isQuiet({ from: 12 * 60, until: 13 * 60, zone: 'UTC' }, noon), true)
})

test('property: a day is quiet for as many minutes as the hours say', () => {
  const minute = fc.integer({ min: 0, max: 1439 })
  fc.assert(
    fc.property(minute, minute, (from, until) => {
      fc.pre(from !== until)
      let quiet = 0
      for (let step = 0; step < 1440; step += 1)
        if (isQuiet({ from, until, zone: 'UTC' }, noon + step * minuteMs)) quiet++
      assert.equal(quiet, (until - from + 1440) % 1440)
    }),
    { numRuns: 20 },
  )
})

test('times are shown in UTC and as the people there read them', () => {
  assert.equal(shownTime(noon, 'UTC'), 'Mon 23 Nov 12:00 UTC')
  assert.equal(shownTime(noon, 'Europe/Berlin'), 'Mon 23 Nov 12:00 UTC (13:00 Europe/Berlin)')
  const midnight = Date.UTC(2026, 10, 24)
  assert.equal(
    shownTime(midnight, 'America/New_York'),
    'Tue 24 Nov 00:00 UTC (Mon 23 Nov 19:00 America/New_York)',
  )
})

test('lengths have two parts at the most', () => {
  assert.deepEqual(
    [0, 5, 60, 80, 1440, 1445, 1500, 3 * 1440 + 61].map((minutes) => shownLength(minutes * minuteMs)),
    ['1 min', '5 min', '1 h', '1 h 20 min', '1 d', '1 d', '1 d 1 h', '3 d 1 h'],
  )
})

test('zones are known by name', () => {
  assert.equal(isZone('Europe/Berlin'), true)
  assert.equal(isZone('Europe/Bärlin'), false)
})
