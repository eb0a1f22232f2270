import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dollars } from './price.ts'

test('an amount is written for people, however small or large', () => {
  const table: readonly (readonly [number, string])[] = [
    [0, '$0.00'],
    [1, '$0.000000001'],
    [700, '$0.0000007'],
    [500_000_000, '$0.50'],
    [1_234_567, '$0.001234567'],
    [12_345_678_900, '$12.34568'],
    [2e9, '$2.00'],
    [999_999_999_999, '$1000.00'],
    [1_234_567_891e9, '$1234567891.00'],
    [-700, '-$0.0000007'],
  ]
  for (const [nanoUsd, text] of table) assert.equal(dollars(nanoUsd), text)
})

test('property: no exponent, two decimals or more, and at most a millionth of it is lost', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (nanoUsd) => {
      const text = dollars(nanoUsd)
      assert.match(text, /^\$\d+\.\d{2,9}$/)
      assert.ok(Math.abs(Number(text.slice(1)) * 1e9 - nanoUsd) <= Math.max(0.5, nanoUsd * 1e-6), text)
    }),
  )
})
