import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { base64Vector, vectorOf } from './vectors.ts'

const dot = (one: readonly number[], two: readonly number[]): number =>
  one.reduce((sum, value, index) => sum + value * two[index]!, 0)

test('a vector has length one, is the same each time, and survives base64', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 64 }), (text, dimensions) => {
      const vector = vectorOf(text, dimensions)
      assert.equal(vector.length, dimensions)
      assert.ok(Math.abs(dot(vector, vector) - 1) < 1e-5)
      assert.deepEqual(vectorOf(text, dimensions), vector)
      const bytes = Buffer.from(base64Vector(vector), 'base64')
      assert.deepEqual(
        vector.map((_, index) => bytes.readFloatLE(index * 4)),
        vector,
      )
    }),
  )
})

test('texts that share words are closer', () => {
  const near = dot(vectorOf('the red boat', 512), vectorOf('the blue boat', 512))
  const far = dot(vectorOf('the red boat', 512), vectorOf('seven quiet hens', 512))
  assert.ok(near > far + 0.2, `${near} and ${far}`)
})
