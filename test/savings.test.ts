import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arrivalsOf, dayMs, hourMs, reachableOf } from '../scripts/savings/arrivals.ts'
import { reachedOf, savedOf } from '../scripts/savings/figures.ts'
import { firstDay, play, type Result } from '../scripts/savings/play.ts'
import { type Scenario, scenarios } from '../scripts/savings/scenarios.ts'

const playTwoDays = (name: string, change: Partial<Scenario> = {}): Promise<Result> => {
  const scenario = scenarios.find((each) => each.name === name)
  assert.ok(scenario !== undefined, name)
  return play({ ...scenario, ...change }, { days: 2, seed: 1 })
}

for (const name of ['50-light-1-night', '1000-medium-1-burst']) {
  test(`${name}: the free quota is used up, and no call is wasted or refused`, async () => {
    const result = await playTwoDays(name)
    const { failed, wasted, refused, quota, reachable, freeCalls, requests } = result
    assert.deepEqual({ failed, wasted, refused }, { failed: 0, wasted: 0, refused: 0 })
    assert.equal(reachable, quota)
    assert.ok(reachedOf(result) >= 0.99, `${freeCalls} of ${reachable}`)
    assert.ok(Math.abs(savedOf(result) - freeCalls / requests) < 1e-6, 'calls of one size save alike')
  })
}

test('what another program takes of an account costs one refusal a day, and the books see it', async () => {
  const { wasted, refused, reachable, freeCalls } = await playTwoDays('50-medium-1-burst-shared', {
    requestsPerDay: 300,
  })
  assert.deepEqual(
    { wasted, refused, reachable, freeCalls },
    { wasted: 0, refused: 2, reachable: 80, freeCalls: 80 },
  )
})

test('every shape keeps to its hours and to the number of requests', () => {
  const day = firstDay + dayMs
  const hoursOf = (shape: 'burst' | 'spread' | 'night'): Set<number> => {
    const arrivals = arrivalsOf(day, { shape, requestsPerDay: 480, parallel: 1 }, [0.999, 0.001])
    assert.equal(arrivals.length, 480)
    return new Set(arrivals.map(({ at }) => Math.floor((at - day) / hourMs)))
  }
  assert.deepEqual(hoursOf('burst'), new Set([9]))
  assert.deepEqual(hoursOf('spread'), new Set(Array.from({ length: 24 }, (_, hour) => hour)))
  assert.deepEqual(hoursOf('night'), new Set([0, 1, 2, 3, 4, 5, 22, 23]))
})

test('reachable is bounded by the minutes and by the day', () => {
  const arrivals = arrivalsOf(firstDay, { shape: 'burst', requestsPerDay: 3000, parallel: 8 }, [0, 0])
  assert.equal(reachableOf(arrivals, { minute: 20, day: 50 }), 50)
  assert.equal(reachableOf(arrivals, { minute: 1, day: 5000 }), 60)
  assert.equal(reachableOf(arrivals, { minute: 5000, day: 5000 }), 3000)
})
