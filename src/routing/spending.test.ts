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

interface Step {
  readonly hold: boolean
  readonly pick: number
  readonly cost: number
}

function neverOvershoots(allowed: number, counted: number): void {
  const step: fc.Arbitrary<Step> = fc.record({
    hold: fc.boolean(),
    pick: fc.nat(),
    cost: fc.integer({ min: 0, max: 400 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const ceiling: Ceiling = { window: 'day', nanoUsd: counted }
      const spending = new Spending([ceiling], createMovableClock({ start: noon }))
      const out: { readonly held: Held; readonly most: number }[] = []
      let spent = 0
      for (const { hold, pick, cost } of steps) {
        if (hold) {
          const result = spending.hold({ client: 'c', lane: 'paid', nanoUsd: cost })
          if ('settle' in result) out.push({ held: result, most: cost })
        } else {
          const [ended] = out.splice(pick % Math.max(1, out.length), 1)
          const certain = pick % 3 !== 0
          const actual = certain ? Math.min(cost, ended?.most ?? 0) : (ended?.most ?? 0)
          ended?.held.settle({ nanoUsd: certain ? actual : 0, certain })
          spent += actual
        }
        const worst = spent + out.reduce((sum, { most }) => sum + most, 0)
        assert.ok(worst <= allowed, 'overshot')
      }
    }),
    { numRuns: 300 },
  )
}

test('property: whatever the order of parallel calls, the ceiling is never overshot', () =>
  neverOvershoots(1000, 1000))

test('negative control: the property finds a ceiling that gives more than it says', () => {
  assert.throws(
    () => neverOvershoots(1000, 1100),
    (error: Error) => /overshot/.test(String(error.cause)),
  )
})
