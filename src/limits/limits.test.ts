import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LimitCounter } from './counter.ts'
import { Rest, restOf } from './rest.ts'
import { windowEnd, windowStart } from './window.ts'

const minute = { name: 'minute', metric: 'requests', window: 'minute', max: 3, lane: 'free' } as const
const noon = Date.UTC(2026, 10, 23, 12)

test('windows are whole UTC minutes and days', () => {
  const at = Date.UTC(2026, 10, 23, 23, 59, 59, 999)
  assert.equal(windowEnd('minute', at), Date.UTC(2026, 10, 24))
  assert.equal(windowEnd('day', at), Date.UTC(2026, 10, 24))
  assert.equal(windowStart('day', at), Date.UTC(2026, 10, 23))
})

test('property: every instant lies in its own window, and windows meet without gap', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4e12 }),
      fc.constantFrom('minute' as const, 'day' as const),
      (at, window) => {
        assert.ok(windowStart(window, at) <= at && at < windowEnd(window, at))
        assert.equal(windowStart(window, windowEnd(window, at)), windowEnd(window, at))
      },
    ),
  )
})

test('a counter refuses call N+1 and takes calls again in the next window', () => {
  const counter = new LimitCounter(minute)
  for (let call = 0; call < 3; call++) {
    assert.ok(counter.hasRoom(noon, 1))
    counter.take(noon, 1)
  }
  assert.equal(counter.hasRoom(noon + 59_999, 1), false)
  assert.equal(counter.resetsAt(noon), noon + 60_000)
  assert.ok(counter.hasRoom(noon + 60_000, 1))
})

test('a call that leaves in the last second of a window counts in the next one too', () => {
  const counter = new LimitCounter(minute)
  counter.take(noon + 59_500, 1)
  counter.take(noon + 10_000, 1)
  assert.equal(counter.used(noon + 60_000), 1)
  assert.equal(counter.used(noon + 120_000), 0)
})

test('a call of which nothing was sent gives its place back, unless its window is over', () => {
  const counter = new LimitCounter(minute)
  counter.take(noon, 1)
  counter.adjust(noon, noon + 1, -1)
  assert.equal(counter.used(noon), 0)
  counter.take(noon, 1)
  counter.take(noon + 60_000, 1)
  counter.adjust(noon, noon + 60_001, -1)
  assert.equal(counter.used(noon + 60_001), 1)
})

test('a clock that is set back does not open a new window', () => {
  const counter = new LimitCounter(minute)
  for (let call = 0; call < 3; call++) counter.take(noon, 1)
  assert.equal(counter.hasRoom(noon - 3_600_000, 1), false)
})

test('a window of a clock that was far ahead ends with it; what was used stays counted until the true window ends', () => {
  const counter = new LimitCounter(minute)
  counter.take(noon + 86_400_000, 3)
  assert.equal(counter.hasRoom(noon, 1), false)
  assert.equal(counter.resetsAt(noon), noon + 60_000)
  assert.ok(counter.hasRoom(noon + 60_000, 1))
})

test('a call of the last second is put right in the window it was carried into too', () => {
  const counter = new LimitCounter({ ...minute, metric: 'tokens', max: 1000 })
  counter.take(noon + 59_500, 900)
  counter.take(noon + 10_000, 50)
  assert.equal(counter.used(noon + 60_000), 900)
  counter.adjust(noon + 10_000, noon + 60_001, 10)
  assert.equal(counter.used(noon + 60_001), 900, 'the one before the last second is past')
  counter.adjust(noon + 59_500, noon + 60_001, -800)
  assert.equal(counter.used(noon + 60_001), 100)
  assert.equal(counter.used(noon + 120_000), 0)
})

test('two counters that become one carry the calls of the last second of both', () => {
  const [one, other] = [new LimitCounter(minute), new LimitCounter(minute)]
  one.take(noon + 59_500, 1)
  other.take(noon + 59_600, 1)
  one.merge(other, noon + 59_700)
  assert.deepEqual([one.used(noon + 59_700), one.used(noon + 60_000)], [2, 2])
})

test('what the service counted as use by others was by the other key', () => {
  for (const [heard, total] of [
    [10, 10],
    [20, 20],
    [undefined, 9],
  ] as const) {
    const [one, other] = [new LimitCounter(minute), new LimitCounter(minute)]
    one.take(noon, 5)
    if (heard !== undefined) one.hear({ used: heard }, noon)
    other.take(noon, 4)
    one.merge(other, noon)
    assert.equal(one.used(noon), total)
  }
})

test('of too many models one that no longer rests is forgotten first', () => {
  const models = new Map<string, Rest>()
  const facts = { kind: 'busy', why: 'busy', at: noon }
  for (let count = 0; count < 1000; count++)
    restOf(models, `${count}`, noon).set(count === 500 ? noon : noon + 1000, facts)
  restOf(models, 'new', noon)
  assert.deepEqual(
    [models.size, models.has('500'), models.has('0'), models.has('new')],
    [1000, false, true, true],
  )
  models.get('new')?.set(noon + 1000, facts)
  restOf(models, 'newer', noon)
  assert.deepEqual([models.size, models.has('0')], [1000, false], 'else the oldest')
})

test('what the service says about use and ceiling is taken over; the larger count wins', () => {
  const counter = new LimitCounter({ ...minute, window: 'day' })
  counter.take(noon, 1)
  counter.hear({ used: 40, max: 50 }, noon)
  counter.hear({ used: 10 }, noon)
  assert.deepEqual([counter.used(noon), counter.max], [40, 50])
})

test('property: the later end of a rest wins, whatever the order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 1 }), (ends) => {
      const rest = new Rest()
      for (const until of ends) rest.set(until, { kind: 'quota', why: 'spent', at: 0 })
      assert.equal(rest.until, Math.max(...ends))
    }),
  )
})

test('short rests double with each repetition up to their ceiling, and start small after a success', () => {
  const rest = new Rest()
  const lengths: number[] = []
  let now = 0
  for (let step = 0; step < 5; step++) {
    const until = rest.grow({ baseMs: 1000, maxMs: 6000, startedAt: now, now, random: () => 0.5 })
    lengths.push(until - now)
    rest.set(until, { kind: 'busy', why: 'busy', at: now })
    now = until
  }
  assert.deepEqual(lengths, [1000, 2000, 4000, 6000, 6000])
  rest.proved()
  assert.equal(rest.grow({ baseMs: 1000, maxMs: 6000, startedAt: now, now, random: () => 0.5 }) - now, 1000)
})

test('failures of calls that were in flight together are one step', () => {
  const rest = new Rest()
  const ends = Array.from({ length: 20 }, (_, index) => {
    const until = rest.grow({
      baseMs: 1000,
      maxMs: 60_000,
      startedAt: 0,
      now: 100 + index,
      random: () => 0.5,
    })
    rest.set(until, { kind: 'busy', why: 'busy', at: 100 + index })
    return until
  })
  assert.ok(Math.max(...ends) < 2200, `${Math.max(...ends)}`)
})
