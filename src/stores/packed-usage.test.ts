import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { packUsage, unpackUsage } from './packed-usage.ts'

const sum = fc.double({ noNaN: true, noDefaultInfinity: true })

function rowOf(width: number) {
  const members = {
    names: fc.array(fc.string(), { minLength: width, maxLength: width }),
    attempts: sum,
    requests: sum,
    failed: sum,
    input: sum,
    output: sum,
    freeAttempts: sum,
    freeInput: sum,
    freeOutput: sum,
    nanoUsd: sum,
    unpriced: sum,
  }
  return fc.record(members, { noNullPrototype: true })
}

test('rows come out of the packing as they went in, whatever their names and sums', () => {
  const rows = fc.integer({ min: 0, max: 3 }).chain((width) => fc.array(rowOf(width), { maxLength: 9 }))
  fc.assert(
    fc.property(rows, (given) => {
      assert.deepEqual(unpackUsage(structuredClone(packUsage(given))), given)
    }),
  )
})
