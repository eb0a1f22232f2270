import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Json } from '../chat/types.ts'
import { asBase64, asNumbers, isVector, vectorEvents } from './vectors.ts'

const float = fc.float({ noNaN: true, noDefaultInfinity: true })

test('numbers and base64 say the same, to the last bit of a 32-bit float', () => {
  fc.assert(
    fc.property(fc.array(float, { minLength: 1 }), (numbers) => {
      const base64 = asBase64(numbers)
      assert.ok(isVector(base64))
      assert.deepEqual(asNumbers(base64), numbers)
      assert.equal(asBase64(base64), base64)
      assert.deepEqual(asNumbers(numbers), numbers)
    }),
  )
})

test('the base64 is that of little-endian floats', () => {
  assert.equal(asBase64([1, -2]), Buffer.from('0000803f000000c0', 'hex').toString('base64'))
})

test('what is no vector is told from one', () => {
  const none: readonly (Json | undefined)[] = [
    undefined,
    null,
    5,
    '',
    'AAA=',
    [],
    ['1'],
    [[1]],
    {},
    { float: [1] },
  ]
  for (const value of none) assert.equal(isVector(value), false, JSON.stringify(value))
  for (const value of [[0], [1, 2.5], 'AACAPw==']) assert.equal(isVector(value), true)
})

test('one vector that cannot be read spoils the answer: texts and vectors would no longer match', () => {
  const read = (vectors: readonly (Json | undefined)[]): string =>
    vectorEvents({ model: 'm', vectors, usage: undefined })
      .map(({ type }) => type)
      .join(' ')
  assert.equal(read([[1], [2]]), 'message-start vectors message-end')
  for (const vectors of [[], [[1], null], [undefined]]) assert.equal(read(vectors), 'error')
})
