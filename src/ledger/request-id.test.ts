import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { newRequestId, requestedAt } from './request-id.ts'

test('an id says when it was made, is unique, and is a UUID of version 7', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (now) => {
      const [id, other] = [newRequestId(now), newRequestId(now)]
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      assert.equal(requestedAt(id), now)
      assert.equal(requestedAt(id.toUpperCase()), now)
      assert.notEqual(id, other)
    }),
  )
  // A clock with fractions, as a test or a process may pass it.
  assert.equal(requestedAt(newRequestId(1_795_000_000_000.9)), 1_795_000_000_000)
})

test('ids of others say nothing about their time', () => {
  for (const id of ['', 'call-1', crypto.randomUUID(), `${newRequestId(0)}0`, 'x'.repeat(36)])
    assert.equal(requestedAt(id), undefined, id)
})
