import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFold, foldEvents, isContent } from './fold.ts'
import type { ChatEvent } from './types.ts'

const events: readonly ChatEvent[] = [
  { type: 'message-start', id: 'x', model: 'm', created: 5 },
  { type: 'reasoning-delta', text: 'Let me' },
  { type: 'reasoning-delta', text: ' think', signature: 's' },
  { type: 'text-delta', text: 'a' },
  { type: 'text-delta', text: 'b' },
  { type: 'tool-start', index: 1, id: 'two', name: 'g' },
  { type: 'tool-start', index: 0, id: 'one', name: 'f' },
  { type: 'tool-delta', index: 1, json: '{}' },
  { type: 'tool-delta', index: 0, json: '{"a"' },
  { type: 'tool-delta', index: 0, json: ':1}' },
  { type: 'finish', reason: 'tool-calls' },
  { type: 'usage', usage: { input: 1, output: 2 } },
  { type: 'message-end' },
]

test('an answer is put together from its events', () => {
  assert.deepEqual(foldEvents(events), {
    id: 'x',
    model: 'm',
    created: 5,
    text: 'ab',
    reasoning: 'Let me think',
    signature: 's',
    toolCalls: [
      { id: 'two', name: 'g', args: '{}' },
      { id: 'one', name: 'f', args: '{"a":1}' },
    ],
    finish: 'tool-calls',
    usage: { input: 1, output: 2 },
    ended: true,
  })
})

test('the result so far may be asked for at any time and does not change afterwards', () => {
  const fold = createFold()
  for (const event of events.slice(0, 9)) fold.push(event)
  const before = fold.result()
  assert.equal(before.ended, false)
  assert.equal(before.toolCalls[1]?.args, '{"a"')
  for (const event of events.slice(9)) fold.push(event)
  assert.equal(before.toolCalls[1]?.args, '{"a"')
  assert.deepEqual(fold.result(), foldEvents(events))
})

test('the first error is kept', () => {
  const result = foldEvents([
    { type: 'text-delta', text: 'half' },
    { type: 'error', message: 'one', code: '429', raw: '{}' },
    { type: 'error', message: 'two' },
  ])
  assert.deepEqual(result.error, { message: 'one', code: '429', raw: '{}' })
  assert.equal(result.text, 'half')
})

test('only what a client would notice is content', () => {
  const seen = events.filter(isContent).map((event) => event.type)
  assert.deepEqual([...new Set(seen)], ['reasoning-delta', 'text-delta', 'tool-start'])
  assert.equal(isContent({ type: 'text-delta', text: '' }), false)
  assert.equal(isContent({ type: 'reasoning-delta', text: '', signature: 's' }), false)
  assert.equal(isContent({ type: 'error', message: 'x' }), false)
})
