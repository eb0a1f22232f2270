import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatEvent } from '../chat/types.ts'
import { readEnding } from './outcome.ts'

const start: ChatEvent = { type: 'message-start', id: 'x', model: 'vendor/model' }
const text: ChatEvent = { type: 'text-delta', text: 'hi' }
const usage = (input: number, output: number): ChatEvent => ({ type: 'usage', usage: { input, output } })

test('a usage with content behind it counts no answer, only what came before it', () => {
  assert.deepEqual(readEnding([start, usage(25, 1), text]), {
    served: 'vendor/model',
    begun: { input: 25, output: 1 },
    marked: false,
  })
  const counted = readEnding([start, usage(25, 1), text, usage(0, 9)])
  assert.deepEqual([counted.usage, counted.begun], [{ input: 25, output: 9 }, undefined])
})

test('a start without a name does not unsay the one before it', () => {
  const ending = readEnding([start, text, { type: 'message-start', id: '', model: '' }])
  assert.equal(ending.served, 'vendor/model')
})
