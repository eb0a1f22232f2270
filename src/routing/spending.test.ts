import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createMovableClock } from '../clock.ts'
import type { Ceiling } from './policy.ts'
import { type Held, Spending } from './spending.ts'

const noon = Date.UTC(2026, 10, 23, 12)
const dollar = 1_000_000_000
const call = { client: 'bot', lane: 'paid', nanoUsd: dollar / 4 }

function held(result: ReturnType<Spending['hold']>): Held {
  assert.ok('settle' in result, JSON.stringify(result))
  return result
}

test('money is held before the call, and what was not used comes back', () => {
  const clock = createMovableClock({ start: noon })
  const spending = new Spending([{ window: 'day', nanoUsd: dollar }], clock)
  const holds = Array.from({ length: 4 }, () => held(spending.hold(call)))
  const refused = spending.hold(call)
  assert.ok('exhausted' in refused && refused.freeAt === Date.UTC(2026, 10, 24))
  assert.match(refused.reason, /per day.*\$1.00 of \$1.00 are spent or held.*may cost \$0.25/)
  holds[0]?.settle({ nanoUsd: dollar / 100, certain: true })
  assert.ok('exhausted' in spending.hold(call))
  holds[1]?.settle({ nanoUsd: 0, certain: true })
  held(spending.hold(call))
})

test('of a call that was cut the whole of what was held stays, as it may have been billed', () => {
  const spending = new Spending([{ window: 'day', nanoUsd: dollar }], createMovableClock({ start: noon }))
  held(spending.hold(call)).settle({ nanoUsd: 1, certain: false })
  assert.equal(spending.list()[0]?.usd, call.nanoUsd / 1e9)
})

test('where a ceiling applies, a call that may cost more than its tokens is refused', () => {
  const spending = new Spending([{ window: 'day', nanoUsd: dollar }], createMovableClock({ start: noon }))
  const refused = spending.hold({ ...call, extra: 'plugins' })
  assert.ok('exhausted' in refused)
  assert.match(refused.reason, /nobody can say beforehand what plugins will cost/)
  held(new Spending([], createMovableClock({ start: noon })).hold({ ...call, extra: 'plugins' }))
})

test('a new day and a new month begin at zero', () => {
  const clock = createMovableClock({ start: noon })
  const spending = new Spending([{ window: 'month', nanoUsd: dollar / 4 }], clock)
  held(spending.hold(call))
  clock.set(Date.UTC(2026, 10, 30, 12))
  assert.ok('exhausted' in spending.hold(call))
  clock.set(Date.UTC(2026, 11, 1))
  held(spending.hold(call))
})

test('ceilings of a client or a lane watch nobody else, and free calls are watched by none', () => {
  const clock = createMovableClock({ start: noon })
  const spending = new Spending(
    [
      { client: 'bot', window: 'day', nanoUsd: 0 },
      { lane: 'included', window: 'day', nanoUsd: 0 },
    ],
    clock,
  )
  assert.ok('exhausted' in spending.hold(call))
  held(spending.hold({ ...call, client: 'desk' }))
  assert.ok('exhausted' in spending.hold({ ...call, client: 'desk', lane: 'included' }))
  held(spending.hold({ ...call, lane: 'free' }))
})

test('where a ceiling applies, a call without a known price is refused', () => {
  const spending = new Spending([{ window: 'day', nanoUsd: dollar }], createMovableClock({ start: noon }))
  const refused = spending.hold({ ...call, nanoUsd: undefined })
  assert.ok('exhausted' in refused && /no price is known/.test(refused.reason))
  held(new Spending([], createMovableClock({ start: noon })).hold({ ...call, nanoUsd: undefined }))
})

test('a call dearer than the whole ceiling has no time to come back at', () => {
  const refused = new Spending([{ window: 'day', nanoUsd: 1 }], createMovableClock({ start: noon })).hold(
    call,
  )
  assert.ok('exhausted' in refused && refused.freeAt === undefined)
})

test('what earlier processes spent counts', () => {
  const spending = new Spending(
    [{ client: 'bot', window: 'day', nanoUsd: dollar }],
    createMovableClock({ start: noon }),
  )
  spending.restore('day', [
    { client: 'bot', lane: 'paid', mostNanoUsd: dollar },
    { client: 'desk', lane: 'paid', mostNanoUsd: dollar },
  ])
  assert.ok('exhausted' in spending.hold(call))
  held(spending.hold({ ...call, client: 'desk' }))
})

test('a ceiling that is set later begins with what is spent and held, of its client and lane alone', () => {
  const spending = new Spending([], createMovableClock({ start: noon }))
  held(spending.hold(call)).settle({ nanoUsd: call.nanoUsd, certain: true })
  const flying = held(spending.hold(call))
  held(spending.hold({ ...call, client: 'desk' }))
  spending.restore('month', [{ client: 'bot', lane: 'paid', mostNanoUsd: dollar }])
  spending.replace([
    { client: 'bot', window: 'day', nanoUsd: dollar },
    { client: 'bot', window: 'month', nanoUsd: 2 * dollar },
    { client: 'bot', lane: 'included', window: 'day', nanoUsd: dollar },
  ])
  const figures = (): unknown => spending.list().map(({ usd, heldUsd }) => [usd, heldUsd])
  assert.deepEqual(figures(), [
    [0.5, 0.25],
    [1.5, 0.25],
    [0, 0],
  ])
  flying.settle({ nanoUsd: dollar / 8, certain: true })
  assert.deepEqual(figures(), [
    [0.375, 0],
    [1.375, 0],
    [0, 0],
  ])
})

test('another amount leaves what is counted and held; refusals of the old one are over, and were refused all the same', () => {
  const spending = new Spending(
    [{ window: 'day', nanoUsd: call.nanoUsd }],
    createMovableClock({ start: noon }),
  )
  const flying = held(spending.hold(call))
  assert.ok('exhausted' in spending.hold(call))
  spending.replace([{ window: 'day', nanoUsd: 2 * call.nanoUsd }])
  held(spending.hold(call))
  assert.ok('exhausted' in spending.hold(call))
  spending.replace([{ window: 'day', nanoUsd: 3 * call.nanoUsd }])
  flying.settle({ nanoUsd: 0, certain: true })
  const [ceiling] = spending.list()
  assert.deepEqual(
    [ceiling?.usd, ceiling?.heldUsd, ceiling?.refused, ceiling?.refusedEver],
    [0.25, 0.25, 0, 2],
  )
})

test('a call in flight whose ceiling is taken away settles, and counts when the ceiling is back', () => {
  const ceiling: Ceiling = { client: 'bot', window: 'day', nanoUsd: dollar }
  const spending = new Spending([ceiling], createMovableClock({ start: noon }))
  const flying = held(spending.hold(call))
  spending.replace([])
  assert.deepEqual(spending.list(), [])
  flying.settle({ nanoUsd: 0, certain: false })
  spending.replace([ceiling])
  assert.deepEqual([spending.list()[0]?.usd, spending.list()[0]?.heldUsd], [0.25, 0])
})

interface Step {
  readonly does: 'hold' | 'settle' | 'change'
  readonly pick: number
  readonly cost: number
}

/** `given`: what the ceiling is really set to where it should be `max`. */
function neverOvershoots(given: (max: number) => number): void {
  const step: fc.Arbitrary<Step> = fc.record({
    does: fc.constantFrom('hold', 'settle', 'hold', 'settle', 'change'),
    pick: fc.nat(),
    cost: fc.integer({ min: 0, max: 400 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      let max: number | undefined = 1000
      const ceilings = (): Ceiling[] =>
        max === undefined ? [] : [{ client: 'c', window: 'day', nanoUsd: given(max) }]
      const spending = new Spending(ceilings(), createMovableClock({ start: noon }))
      const out: { readonly held: Held; readonly most: number; readonly watched: boolean }[] = []
      let spent = 0
      for (const { does, pick, cost } of steps) {
        if (does === 'change') {
          max = [undefined, 0, 500, 1000, 2000][pick % 5]
          spending.replace(ceilings())
        } else if (does === 'hold') {
          const result = spending.hold({ client: 'c', lane: 'paid', nanoUsd: cost })
          if (!('settle' in result)) continue
          out.push({ held: result, most: cost, watched: max !== undefined })
          // Only a call that is let through can overshoot: a budget may be lowered below what is spent already.
          const worst = spent + out.reduce((sum, { most }) => sum + most, 0)
          assert.ok(worst <= (max ?? Infinity), 'overshot')
        } else {
          const [ended] = out.splice(pick % Math.max(1, out.length), 1)
          const certain = ended?.watched === false || pick % 3 !== 0
          const actual = certain ? Math.min(cost, ended?.most ?? 0) : (ended?.most ?? 0)
          ended?.held.settle({ nanoUsd: certain ? actual : 0, certain })
          spent += actual
        }
      }
    }),
    { numRuns: 500 },
  )
}

test('property: whatever the order of parallel calls and changes of the budget, it is never overshot', () =>
  neverOvershoots((max) => max))

test('negative control: the property finds a ceiling that gives more than it says', () => {
  assert.throws(
    () => neverOvershoots((max) => max * 1.1),
    (error: Error) => /overshot/.test(String(error.cause)),
  )
})
