import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createTail } from './tail.ts'

test('property: the tail is the end of what went by, never shorter than asked, and bounded', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 })),
      fc.integer({ min: 1, max: 64 }),
      (chunks, minBytes) => {
        const tail = createTail(minBytes)
        for (const chunk of chunks) tail.push(chunk)
        const all = Buffer.concat(chunks)
        const kept = tail.bytes()
        assert.ok(all.subarray(all.length - kept.length).equals(kept))
        assert.ok(kept.length >= Math.min(minBytes, all.length))
        assert.ok(kept.length < minBytes + 40)
        assert.equal(tail.cut, chunks.length > 0 && kept.length < all.length)
      },
    ),
  )
})

test('a long stream of single bytes costs no more memory than its tail', () => {
  const tail = createTail(4)
  for (let count = 0; count < 10_000; count++) tail.push(Uint8Array.of(count % 256))
  assert.deepEqual([...tail.bytes()], [12, 13, 14, 15])
})
