import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readFailure, readPart } from '../../dashboard/src/pages/playground/answer-part.ts'
import { EventStream } from '../../dashboard/src/pages/playground/event-stream.ts'
import { ShownText } from '../../dashboard/src/pages/playground/shown-text.ts'
import { questionOf, type Turn } from '../../dashboard/src/pages/playground/turn.ts'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import { QuotaExhaustedError } from '../../src/errors.ts'
import { wireErrorOf } from '../../src/gateway/respond.ts'

/** `text` cut at random places, empty pieces too. */
function cut(text: string, places: readonly number[]): string[] {
  const ends = [...places.map((place) => place % (text.length + 1)), text.length].toSorted((x, y) => x - y)
  return ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end))
}

const lineEnd = fc.constantFrom('\n', '\r\n', '\r')
const noise = fc.constantFrom('', ': keep-alive', 'event: x', 'id: 1', 'database: no data', 'data2:x')

test('server-sent events come out the same wherever they are cut, and whatever ends their lines', () => {
  const value = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, ''))
  const event = fc.record({ lines: fc.array(value, { minLength: 1, maxLength: 3 }), noise, end: lineEnd })
  fc.assert(
    fc.property(fc.array(event), fc.array(fc.nat()), (events, places) => {
      const text = events
        .map(({ lines, noise: other, end }) =>
          [...(other === '' ? [] : [other]), ...lines.map((each) => `data: ${each}`), '', ''].join(end),
        )
        .join('')
      const stream = new EventStream()
      // What follows a carriage return decides whether the line has ended.
      const found = [...cut(text, places), ': end\n'].flatMap((piece) => stream.feed(piece))
      assert.deepEqual(
        found,
        events.map(({ lines }) => lines.join('\n')),
      )
    }),
  )
})

test('an event that never ends is given up, in one line or in many', () => {
  const endless = new EventStream()
  assert.throws(() => {
    for (let round = 0; round < 200; round++) endless.feed('data: '.padEnd(100_000, 'x'))
  }, /too large/)
  const many = new EventStream()
  assert.throws(() => {
    for (let round = 0; round < 200; round++) many.feed(`${'data: '.padEnd(100_000, 'x')}\n`)
  }, /too large/)
})

test('text that is shown is the text that came, up to a million characters', () => {
  const paragraph = fc.oneof(
    fc.string(),
    fc.constant('\n\n'),
    fc.nat(9000).map((size) => 'x'.repeat(size)),
  )
  fc.assert(
    fc.property(fc.array(paragraph), (parts) => {
      const shown = new ShownText()
      for (const part of parts) shown.push(part)
      assert.equal(shown.pieces.join('\n'), parts.join(''))
      assert.equal(shown.dropped, 0)
    }),
  )
  const shown = new ShownText()
  for (let round = 0; round < 300; round++) shown.push(`${'y'.repeat(9_999)}\n`)
  assert.equal(shown.pieces.join('\n').length, 1_000_000)
  assert.equal(shown.dropped, 2_000_000)
  assert.ok(shown.pieces.length < 300)
})

test('whatever an event holds, reading it does not fail', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (data) => {
      const part = readPart(data)
      assert.ok(part === undefined || (typeof part.text === 'string' && typeof part.reasoning === 'string'))
      assert.notEqual(readFailure(data, 502).message, '')
    }),
  )
  assert.deepEqual(
    readPart('{"choices":[{"delta":{"content":"a","reasoning":"b","reasoning_content":"b"}}]}'),
    {
      text: 'a',
      reasoning: 'b',
    },
  )
})

test('a refusal keeps the words of the gateway, and when each pool has room again', () => {
  const freeAt = Date.UTC(2026, 10, 24)
  const error = new QuotaExhaustedError('no key can take it', [
    { provider: 'one', reason: 'day spent', freeAt },
    { provider: 'two', reason: 'no keys' },
  ])
  const wire = wireErrorOf(error, freeAt - 60_000)
  const expected = {
    message: 'no key can take it',
    code: 'rate_limit_exceeded',
    pools: [
      { provider: 'one', reason: 'day spent', returnsAt: '2026-11-24T00:00:00.000Z' },
      { provider: 'two', reason: 'no keys' },
    ],
  }
  assert.deepEqual(readFailure(JSON.stringify(openaiChat.writeError(wire)), 429), expected)
  const frame = openaiChat.errorFrame(wire)
  const [data = ''] = new EventStream().feed(frame)
  assert.deepEqual(readPart(data)?.failure, expected)
})

test('the next question goes with what was answered, and without what was not', () => {
  const turn = { number: 1, model: 'auto', reasoning: [], dropped: 0 } as const
  const turns: readonly Turn[] = [
    { ...turn, question: 'one', state: 'done', text: ['a', 'b'] },
    { ...turn, number: 2, question: 'two', state: 'failed', text: [] },
    { ...turn, number: 3, question: 'three', state: 'stopped', text: ['c'] },
  ]
  const options = { model: ' ', provider: '', system: 'short', temperature: '0.5', maxTokens: '' }
  assert.deepEqual(questionOf('four', turns, options), {
    model: 'auto',
    provider: '',
    temperature: 0.5,
    messages: [
      { role: 'system', content: 'short' },
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'a\nb' },
      { role: 'user', content: 'three' },
      { role: 'assistant', content: 'c' },
      { role: 'user', content: 'four' },
    ],
  })
})
