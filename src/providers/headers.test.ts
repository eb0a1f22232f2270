import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { readEpoch, readReset, readRetryAfterMs } from './headers.ts'

const now = Date.parse('2026-11-23T10:00:00Z')
const day = 86_400_000
const httpDate = (at: number) => new Date(at).toUTCString()

describe('readRetryAfterMs', () => {
  const table: readonly (readonly [string, number | undefined])[] = [
    ['0', 0],
    ['30', 30_000],
    ['1.5', 1500],
    ['0.0004', 1],
    ['  12  ', 12_000],
    ['315360000', 315_360_000_000],
    ['-1', undefined],
    ['', undefined],
    ['soon', undefined],
    ['NaN', undefined],
    ['Infinity', undefined],
    ['1e400', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['99999999999999999999', undefined],
    [httpDate(now + 90_000), 90_000],
    ['Monday, 23-Nov-26 10:00:10 GMT', 10_000],
    ['Mon Nov 23 10:00:10 2026', 10_000],
    ['2026-11-23T10:00:10Z', 10_000],
    ['2026-11-23T10:00:10', 10_000],
    [httpDate(now - 1000), undefined],
    ['Mon, 99 Foo 2026 10:00:10 GMT', undefined],
  ]
  for (const [value, expected] of table) {
    it(`reads ${JSON.stringify(value)} as ${expected}`, () => {
      assert.equal(readRetryAfterMs({ 'retry-after': value }, now), expected)
    })
  }

  it('measures a date against the date of the answer, whatever our clock says', () => {
    for (const skew of [-day, -3_600_000, -1000, 0, 1000, 3_600_000, day]) {
      const headers = { date: httpDate(now), 'retry-after': httpDate(now + 60_000) }
      assert.equal(readRetryAfterMs(headers, now + skew), 60_000)
    }
    const headers = { date: 'garbage', 'retry-after': httpDate(now + 60_000) }
    assert.equal(readRetryAfterMs(headers, now + 10_000), 50_000)
  })

  it('prefers retry-after-ms, and ignores it when it is unreal', () => {
    assert.equal(readRetryAfterMs({ 'retry-after-ms': '250', 'retry-after': '9' }, now), 250)
    assert.equal(readRetryAfterMs({ 'retry-after-ms': '-250', 'retry-after': '9' }, now), 9000)
    assert.equal(readRetryAfterMs({}, now), undefined)
  })

  it('takes the first of several and is not slowed down by megabytes of digits', () => {
    assert.equal(readRetryAfterMs({ 'retry-after': ['3', '900'] }, now), 3000)
    const started = performance.now()
    assert.equal(readRetryAfterMs({ 'retry-after': '9'.repeat(5_000_000) }, now), undefined)
    assert.ok(performance.now() - started < 50)
  })

  it('never yields anything but a finite wait of at least zero', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String), fc.integer().map(String)), (value) => {
        const waitMs = readRetryAfterMs({ 'retry-after': value }, now)
        assert.ok(waitMs === undefined || (Number.isFinite(waitMs) && waitMs >= 0))
      }),
    )
  })
})

describe('readEpoch', () => {
  const table: readonly (readonly [unknown, number | undefined])[] = [
    ['1790553600000', 1_790_553_600_000],
    [1_790_553_600_000, 1_790_553_600_000],
    ['1790553600', 1_790_553_600_000],
    [1_790_553_600.5, 1_790_553_600_500],
    ['2026-09-28T00:00:00Z', 1_790_553_600_000],
    ['2026-09-28T02:00:00+02:00', 1_790_553_600_000],
    ['Mon, 28 Sep 2026 00:00:00 GMT', 1_790_553_600_000],
    ['60', undefined],
    [-1, undefined],
    ['-1', undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    ['9'.repeat(40), undefined],
    [1e308, undefined],
    [null, undefined],
    [{}, undefined],
    ['tomorrow', undefined],
  ]
  for (const [value, expected] of table) {
    it(`reads ${JSON.stringify(value)} as ${expected}`, () => assert.equal(readEpoch(value), expected))
  }
})

describe('readReset', () => {
  it('reads a point in time or a distance', () => {
    assert.equal(readReset('1790553600', now), 1_790_553_600_000)
    assert.equal(readReset('45', now), now + 45_000)
    assert.equal(readReset('-45', now), undefined)
    assert.equal(readReset(undefined, now), undefined)
  })
})
