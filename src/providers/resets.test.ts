import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { RestUntil } from './provider.ts'
import { resetTime } from './resets.ts'

const cases: readonly (readonly [RestUntil, string, string])[] = [
  ['next-minute', '2026-11-23T10:00:59.999Z', '2026-11-23T10:01:00.000Z'],
  ['next-minute', '2026-11-23T10:01:00.000Z', '2026-11-23T10:02:00.000Z'],
  ['next-day', '2026-12-31T23:59:59.999Z', '2027-01-01T00:00:00.000Z'],
  ['next-day', '2026-11-23T00:00:00.000Z', '2026-11-24T00:00:00.000Z'],
  // The documented sample of a session end; 2026-10-01T07:00Z is a multiple of 18000 s.
  ['next-5h', '2026-10-01T02:00:00.000Z', '2026-10-01T07:00:00.000Z'],
  ['next-5h', '2026-10-01T06:59:59.999Z', '2026-10-01T07:00:00.000Z'],
  ['next-monday', '2026-10-01T07:00:00.000Z', '2026-10-05T00:00:00.000Z'],
  ['next-monday', '2026-10-05T00:00:00.000Z', '2026-10-12T00:00:00.000Z'],
  ['next-monday', '2026-10-04T23:59:59.999Z', '2026-10-05T00:00:00.000Z'],
  ['next-month', '2028-02-29T12:00:00.000Z', '2028-03-01T00:00:00.000Z'],
  ['next-month', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
  ['hour', '2026-11-23T10:30:00.000Z', '2026-11-23T11:30:00.000Z'],
]

describe('resetTime', () => {
  for (const [rests, now, end] of cases) {
    it(`${rests} after ${now} is ${end}`, () => {
      assert.equal(new Date(resetTime(rests, Date.parse(now)) ?? Number.NaN).toISOString(), end)
    })
  }

  it('has no end for a release by hand, and none for a short rest', () => {
    assert.equal(resetTime('released', 0), Number.POSITIVE_INFINITY)
    assert.equal(resetTime('short', 0), undefined)
    assert.equal(resetTime(undefined, 0), undefined)
  })

  it('is always later than now and not farther away than its window', () => {
    const longestMs = {
      'next-minute': 60_000,
      'next-day': 86_400_000,
      'next-5h': 18_000_000,
      'next-monday': 604_800_000,
      'next-month': 31 * 86_400_000,
    } as const
    const windows = Object.keys(longestMs) as (keyof typeof longestMs)[]
    fc.assert(
      fc.property(
        fc.constantFrom(...windows),
        fc.integer({ min: 0, max: 4_102_444_800_000 }),
        (rests, now) => {
          const end = resetTime(rests, now) ?? 0
          assert.ok(end > now && end - now <= longestMs[rests])
        },
      ),
    )
  })
})
