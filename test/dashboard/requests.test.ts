import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Step, WhyAttempt } from '../../dashboard/src/api/types.ts'
import {
  addressOf,
  filterNames,
  isoOfInput,
  localInput,
  questionOf,
  readFilter,
  wholeNumber,
} from '../../dashboard/src/pages/requests/filter.ts'
import { timelineOf } from '../../dashboard/src/pages/requests/timeline.ts'

const noon = Date.UTC(2026, 10, 23, 12)

function aCall(number: number, afterMs: number, times: Partial<WhyAttempt>): WhyAttempt {
  return {
    number,
    at: new Date(noon + afterMs).toISOString(),
    provider: 'one',
    model: 'a',
    account: 'b',
    key: 'K',
    lane: 'free',
    stream: true,
    state: 'done',
    ...times,
  }
}

test('calls stand on one scale: a wait before the first moves all, one between them is there already', () => {
  const fault: Step = {
    type: 'fault',
    attempt: 1,
    provider: 'one',
    model: 'a',
    lane: 'free',
    account: 'b',
    key: 'K',
    scope: 'key',
    kind: 'rate',
    why: 'slow down',
  }
  const attempts = [
    aCall(1, 0, { totalMs: 100, state: 'failed' }),
    aCall(2, 350, { firstTokenMs: 50, totalMs: 250 }),
  ]
  const steps: Step[] = [
    { type: 'wait', for: 'slot', ms: 40, provider: 'one' },
    fault,
    { type: 'wait', for: 'quota', ms: 250 },
  ]
  assert.deepEqual(timelineOf({ attempts, steps }), {
    totalMs: 640,
    spans: [
      { startMs: 40, firstMs: 100, restMs: 0 },
      { startMs: 390, firstMs: 50, restMs: 200 },
    ],
  })
  assert.deepEqual(timelineOf({ attempts: [], steps }), { totalMs: 0, spans: [] })
  const open = timelineOf({ attempts: [aCall(1, 0, { state: 'open' })], steps: [] })
  assert.deepEqual(open.spans, [{ startMs: 0, firstMs: 0, restMs: 0 }])
})

test('property: a search is found again at its address', () => {
  const value = fc.string({ minLength: 1 }).filter((text) => text.trim() === text)
  const filters = fc.record(Object.fromEntries(filterNames.map((name) => [name, value])), {
    requiredKeys: [],
    noNullPrototype: true,
  })
  fc.assert(
    fc.property(filters, (filter) => {
      const { searchParams } = new URL(addressOf(filter, { before: 7, id: 'x' }), 'http://localhost')
      assert.deepEqual(readFilter(Object.fromEntries(searchParams)), filter)
      assert.equal(wholeNumber(searchParams.get('before') ?? undefined), 7)
    }),
  )
})

test('what is left empty is not asked for', () => {
  const filter = readFilter({ client: ' ', key: 'K', id: 'x', other: 'y' })
  assert.deepEqual(filter, { key: 'K' })
  assert.equal(questionOf(filter, 100, undefined), 'attempts?limit=100&key=K')
  assert.equal(questionOf({}, 40, 12), 'attempts?limit=40&before=12')
  assert.equal(wholeNumber('-1'), undefined)
})

test('property: a time passes through an input of the browser to the minute', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40_000_000 }), (minute) => {
      const iso = new Date(minute * 60_000).toISOString()
      // An hour that a clock shows twice has one text for both.
      const again = isoOfInput(localInput(iso))
      assert.ok(again === iso || localInput(again) === localInput(iso))
    }),
  )
  assert.deepEqual([localInput('soon'), localInput(undefined), isoOfInput('')], ['', '', ''])
})
