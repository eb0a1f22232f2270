import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatEvent } from '../chat/types.ts'
import { dialects } from '../dialects/index.ts'
import { endsAnswer, readEnding } from './outcome.ts'

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

for (const dialect of Object.values(dialects).filter(({ kind }) => kind === 'chat')) {
  test(`${dialect.name}: a cut answer is not taken for a whole one, nor a whole one for a cut`, () => {
    const encoder = dialect.encoder({ usage: true, now: 0 })
    const words: ChatEvent = {
      type: 'text-delta',
      text: '[DONE] message_stop response.completed "done":true',
    }
    const begun = [start, words].map((event) => encoder.push(event)).join('')
    assert.equal(endsAnswer(dialect, Buffer.from(begun)), false)
    const end = encoder.push({ type: 'finish', reason: 'stop' }) + encoder.end()
    assert.equal(endsAnswer(dialect, Buffer.from(end)), true)
    assert.equal(endsAnswer(dialect, Buffer.from(begun + end)), true)
    assert.equal(
      endsAnswer(
        dialect,
        Buffer.from(dialect.errorFrame({ status: 502, code: 'upstream_failed', message: 'x' })),
      ),
      false,
    )
    assert.equal(endsAnswer(dialect, new Uint8Array()), false)
  })
}
