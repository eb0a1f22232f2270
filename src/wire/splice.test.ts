import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Json } from '../chat/types.ts'
import { scanMembers, splice } from './splice.ts'

function spliced(text: string, patch: Record<string, Json | undefined>): string {
  const bytes = Buffer.from(text)
  return Buffer.concat(splice(bytes, scanMembers(bytes), patch)).toString()
}

test('a member is replaced and every other byte stays as it was sent', () => {
  const sent = '{ "model" : "auto" ,\n "messages":[{"role":"user","content":"{\\"model\\":1}"}], "x": 1e2 }'
  assert.equal(
    spliced(sent, { model: 'openrouter/free' }),
    '{ "model" : "openrouter/free" ,\n "messages":[{"role":"user","content":"{\\"model\\":1}"}], "x": 1e2 }',
  )
})

test('a missing member is put first, also into an empty object', () => {
  assert.equal(spliced('{"a":1}', { model: 'm' }), '{"model":"m","a":1}')
  assert.equal(spliced('{}', { model: 'm' }), '{"model":"m"}')
})

test('an unchanged object is handed on as the same bytes', () => {
  const bytes = Buffer.from('{"a":1}')
  assert.equal(splice(bytes, scanMembers(bytes), { b: undefined })[0], bytes)
})

test('a name that stands twice is found, also when written with escapes', () => {
  assert.equal(scanMembers(Buffer.from('{"model":"a","mod\\u0065l":"b"}')).duplicate, 'model')
  assert.equal(scanMembers(Buffer.from('{"model":"a","Model":"b"}')).duplicate, undefined)
})

test('nesting depth counts arrays and objects, not brackets in strings', () => {
  assert.equal(scanMembers(Buffer.from('{"a":[[{"b":"[[[["}]]}')).depth, 4)
})

test('property: splicing equals setting the member on the parsed object', () => {
  const key = fc.oneof(fc.constantFrom('model', 'stream', 'a"b', 'ü'), fc.string())
  fc.assert(
    fc.property(
      fc.dictionary(key, fc.jsonValue()),
      fc.jsonValue(),
      fc.constantFrom(0, 2),
      (object, value, indent) => {
        const text = JSON.stringify(object, null, indent)
        const source = JSON.parse(text) as Record<string, Json>
        const result = JSON.parse(spliced(text, { model: value as Json })) as Record<string, Json>
        assert.deepEqual(result, { ...source, model: JSON.parse(JSON.stringify(value)) as Json })
      },
    ),
    { numRuns: 500 },
  )
})
