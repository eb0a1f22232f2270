import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../chat/types.ts'
import { violations } from './violations.ts'

test('the innermost violation comes first, and a schema that cannot be read says nothing', () => {
  const schema = { type: 'object', properties: { a: { type: 'number' } }, required: ['b'] }
  assert.match(violations(schema, { a: 'x', b: 1 })[0] ?? '', /^#\/a /)
  assert.deepEqual(violations(schema, { a: 1, b: 1 }), [])
  for (const unread of [null, 'text', { $ref: '#/nowhere' }, { $ref: '#' }, { pattern: '(' }])
    assert.deepEqual(violations(unread, 'value'), [])
})

test('a schema made to take for ever does not stop the process', () => {
  const slowPattern = { pattern: '^(a+)+$' }
  const $defs: Record<string, JsonObject> = { 0: { type: 'object' } }
  for (let level = 1; level <= 60; level++) {
    const below = { $ref: `#/$defs/${level - 1}` }
    $defs[level] = { allOf: [below, below] }
  }
  const begun = performance.now()
  assert.deepEqual(violations(slowPattern, `${'a'.repeat(60)}!`), [])
  assert.deepEqual(violations({ $defs, $ref: '#/$defs/60' }, {}), [])
  assert.ok(performance.now() - begun < 1000)
  // The time of one does not count for the next.
  assert.equal(violations({ type: 'string' }, 1).length, 1)
})
