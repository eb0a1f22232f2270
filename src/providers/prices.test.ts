import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chargeFor, dearestOf, minuteOfDay, readPrice } from './prices.ts'

const monday = Date.parse('2026-11-23T00:00:00Z')
const hour = 3_600_000
const million = { input: 1_000_000, output: 1_000_000 }

test('cached and written input have prices of their own, else that of other input', () => {
  const price = { input: 100, output: 300, cached: 10, cacheWrite: 125 }
  const usage = { input: 1000, output: 10, cached: 600, cacheWrite: 300 }
  assert.equal(chargeFor(price, usage, monday), 100 * 100 + 600 * 10 + 300 * 125 + 10 * 300)
  assert.equal(chargeFor({ input: 100, output: 300 }, usage, monday), 1000 * 100 + 10 * 300)
})

test('a price of the call itself comes on top', () => {
  assert.equal(chargeFor({ input: 100, output: 300, request: 5000 }, { input: 10, output: 1 }, monday), 6300)
})

test('the dearest that a call may meet: by its length, and at any hour', () => {
  const price = {
    input: 100,
    output: 300,
    cached: 10,
    cacheWrite: 125,
    dearer: [
      { fromInput: 1000, input: 400 },
      { fromInput: 0, output: 600, request: 7 },
    ],
  }
  assert.deepEqual(dearestOf(price, 999), { input: 125, output: 600, request: 7 })
  assert.deepEqual(dearestOf(price, 1000), { input: 400, output: 600, request: 7 })
  assert.deepEqual(dearestOf({ input: 1, output: 2 }, 10), { input: 1, output: 2, request: 0 })
})

test('a peak multiplies on its days and hours only, by UTC', () => {
  const price = readPrice({
    inputUsdPerMillion: 0.22,
    outputUsdPerMillion: 0.66,
    peak: { factor: 2, days: ['mon', 'fri'], from: '12:00', until: '18:30' },
  })
  const base = chargeFor(price, million, monday) ?? 0
  assert.equal(base, 880_000_000)
  const factorAt = (ms: number): number => (chargeFor(price, million, monday + ms) ?? 0) / base
  assert.deepEqual(
    [12 * hour - 1, 12 * hour, 18.5 * hour - 1, 18.5 * hour, 36 * hour, (4 * 24 + 13) * hour].map(factorAt),
    [1, 2, 2, 1, 1, 2],
  )
})

test('a peak without days is of every day, and may last until midnight', () => {
  const price = readPrice({
    inputUsdPerMillion: 1,
    outputUsdPerMillion: 1,
    peak: { factor: 3, from: '00:00', until: '24:00' },
  })
  assert.equal(chargeFor(price, million, monday + 5 * 24 * hour), 6_000_000_000)
})

test('counts that are none have no cost', () => {
  for (const bad of [Number.NaN, -1, Infinity])
    assert.equal(chargeFor({ input: 1, output: 1 }, { input: bad, output: 1 }, monday), undefined)
})

test('a time of day is HH:MM up to 24:00', () => {
  assert.deepEqual(['00:00', '12:30', '24:00', '24:01', '7:00', '12:60', 'noon'].map(minuteOfDay), [
    0,
    750,
    1440,
    Number.NaN,
    Number.NaN,
    Number.NaN,
    Number.NaN,
  ])
})
