import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { foldEvents } from '../../chat/fold.ts'
import type { ChatEvent, FinishReason, Json, JsonObject } from '../../chat/types.ts'
import { errorCodes } from '../../errors.ts'
import type { AnswerContext } from '../dialect.ts'
import { anthropic } from './index.ts'

const now = 1_790_000_000_000
const context: AnswerContext = { usage: false, now, inputTokens: 12 }
const omitted: AnswerContext = { ...context, request: { thinking: { type: 'adaptive', display: 'omitted' } } }

function encode(events: readonly ChatEvent[], to = context): { pushed: readonly string[]; all: string } {
  const encoder = anthropic.encoder(to)
  const pushed = events.map((event) => encoder.push(event))
  return { pushed, all: pushed.join('') + encoder.end() }
}

/** The data of every event; each is named by its line. */
function bodies(text: string): JsonObject[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [name, data = '', ...rest] = frame.split('\n')
      const body = JSON.parse(data.replace('data: ', '')) as JsonObject
      assert.deepEqual([name, rest], [`event: ${body.type}`, []])
      return body
    })
}

/** Without the first event and the last two, which every stream has. */
const middle = (events: readonly ChatEvent[], to = context): JsonObject[] =>
  bodies(encode(events, to).all).slice(1, -2)
const start = (index: number, content_block: JsonObject): JsonObject => ({
  type: 'content_block_start',
  index,
  content_block,
})
const delta = (index: number, change: JsonObject): JsonObject => ({
  type: 'content_block_delta',
  index,
  delta: change,
})
const stop = (index: number): JsonObject => ({ type: 'content_block_stop', index })
const openText = { type: 'text', text: '' }
const openThinking = { type: 'thinking', thinking: '', signature: '' }
const text = (words: string): ChatEvent => ({ type: 'text-delta', text: words })
const thought = (words: string, signature?: string): ChatEvent => ({
  type: 'reasoning-delta',
  text: words,
  ...(signature === undefined ? {} : { signature }),
})
const call = (index: number): ChatEvent => ({ type: 'tool-start', index, id: `call_${index}`, name: 'f' })
const args = (index: number, json: string): ChatEvent => ({ type: 'tool-delta', index, json })
const openCall = (index: number): JsonObject => ({
  type: 'tool_use',
  id: `call_${index}`,
  name: 'f',
  input: {},
})
const part = (partial_json: string): JsonObject => ({ type: 'input_json_delta', partial_json })

test('the order of a stream: start, blocks one after the other, delta with usage, stop', () => {
  const usage = { input: 10, output: 5, cached: 4, cacheWrite: 1, reasoning: 2, nanoUsd: 140_000 }
  const { all } = encode([
    { type: 'message-start', id: 'gen-1', model: 'm' },
    thought('hm'),
    thought('', 'c2ln'),
    text('a'),
    text('b'),
    call(0),
    args(0, '{"x"'),
    args(0, ':1}'),
    { type: 'finish', reason: 'stop' },
    { type: 'usage', usage },
    { type: 'message-end' },
  ])
  const [first = {}, ...rest] = bodies(all)
  const { id, ...message } = first.message as JsonObject
  assert.match(String(id), /^msg_[0-9a-f]{24}$/)
  assert.deepEqual(message, {
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: {
      input_tokens: 12,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 0,
    },
  })
  assert.deepEqual(rest, [
    start(0, openThinking),
    delta(0, { type: 'thinking_delta', thinking: 'hm' }),
    delta(0, { type: 'signature_delta', signature: 'c2ln' }),
    stop(0),
    start(1, openText),
    delta(1, { type: 'text_delta', text: 'a' }),
    delta(1, { type: 'text_delta', text: 'b' }),
    stop(1),
    start(2, openCall(0)),
    delta(2, part('{"x"')),
    delta(2, part(':1}')),
    stop(2),
    {
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: {
        input_tokens: 5,
        cache_creation_input_tokens: 1,
        cache_read_input_tokens: 4,
        output_tokens: 5,
        output_tokens_details: { thinking_tokens: 2 },
        cost: 0.00014,
      },
    },
    { type: 'message_stop' },
  ])
  assert.ok(all.endsWith(anthropic.endMark?.owed ?? 'no mark'))
})

test('text and thinking leave as they come', () => {
  const { pushed } = encode([thought('hm'), thought(' so'), text('a'), text('b')])
  for (const [index, words] of [' so', 'b'].entries())
    assert.equal(bodies(pushed[index * 2 + 1] ?? '').length, 1, words)
})

test('fragments of several calls sent by turns come out one call after the other', () => {
  const byTurns = [
    call(0),
    args(0, '{"x"'),
    call(1),
    args(1, '{"y"'),
    args(0, ':1}'),
    args(1, ':2}'),
    text('later'),
  ]
  assert.deepEqual(middle(byTurns), [
    start(0, openCall(0)),
    delta(0, part('{"x"')),
    delta(0, part(':1}')),
    stop(0),
    start(1, openCall(1)),
    delta(1, part('{"y":2}')),
    stop(1),
    start(2, openText),
    delta(2, { type: 'text_delta', text: 'later' }),
    stop(2),
  ])
})

test('a call that is whole makes room for the next one at once', () => {
  const { pushed } = encode([call(0), args(0, '{}'), call(1), args(1, '{"y":2}')])
  assert.deepEqual(bodies(pushed[2] ?? ''), [stop(0), start(1, openCall(1))])
  assert.deepEqual(bodies(pushed[3] ?? ''), [delta(1, part('{"y":2}'))])
})

test('a signature ends its block: more thinking is another one', () => {
  const events = [thought('a', 's1'), thought('b'), thought('', 's2'), thought('', 's2'), thought('', 's3')]
  assert.deepEqual(middle(events), [
    start(0, openThinking),
    delta(0, { type: 'thinking_delta', thinking: 'a' }),
    delta(0, { type: 'signature_delta', signature: 's1' }),
    stop(0),
    start(1, openThinking),
    delta(1, { type: 'thinking_delta', thinking: 'b' }),
    delta(1, { type: 'signature_delta', signature: 's2' }),
    stop(1),
    start(2, openThinking),
    delta(2, { type: 'signature_delta', signature: 's3' }),
    stop(2),
  ])
})

const sealed: ChatEvent = { type: 'reasoning-delta', text: '', sealed: 'eA==' }

test('sealed reasoning is redacted thinking', () => {
  assert.deepEqual(middle([sealed]), [start(0, { type: 'redacted_thinking', data: 'eA==' }), stop(0)])
})

test('a client that wants no thinking shown gets signatures only, and counts no block for what has none', () => {
  const events = [thought('unsigned'), text('a'), thought('signed'), thought('', 's'), sealed, text('b')]
  const expected = [
    start(0, openText),
    delta(0, { type: 'text_delta', text: 'a' }),
    stop(0),
    start(1, openThinking),
    delta(1, { type: 'signature_delta', signature: 's' }),
    stop(1),
    start(2, { type: 'redacted_thinking', data: 'eA==' }),
    stop(2),
    start(3, openText),
    delta(3, { type: 'text_delta', text: 'b' }),
    stop(3),
  ]
  assert.deepEqual(middle(events, omitted), expected)
  const disabled = { ...context, request: { thinking: { type: 'disabled' } } }
  assert.deepEqual(middle(events, disabled), expected)
  assert.deepEqual(anthropic.writeResult(events, omitted).content, [
    { type: 'text', text: 'a' },
    { type: 'thinking', thinking: '', signature: 's' },
    { type: 'redacted_thinking', data: 'eA==' },
    { type: 'text', text: 'b' },
  ])
  // Negative control: a client that did not ask for it to be left out.
  const shown = { ...context, request: { thinking: { type: 'adaptive', display: 'summarized' } } }
  assert.equal(middle(events, shown).length, expected.length + 4)
})

test('an answer without anything is still a whole stream', () => {
  const [begun = {}, counted, ended, ...rest] = bodies(encode([]).all)
  assert.equal((begun.message as JsonObject).model, 'unknown')
  // The estimate of the start stands when nobody counted.
  assert.deepEqual(counted, {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: 0 },
  })
  assert.deepEqual([ended, rest], [{ type: 'message_stop' }, []])
})

test('an id of this wire is kept, another one is replaced', () => {
  const idOf = (id: string): Json =>
    anthropic.writeResult([{ type: 'message-start', id, model: 'm' }], context).id ?? null
  assert.equal(idOf('msg_01AB'), 'msg_01AB')
  assert.match(String(idOf('gen-1')), /^msg_/)
})

test('stop reasons', () => {
  const words: readonly (readonly [FinishReason | undefined, string])[] = [
    ['stop', 'end_turn'],
    ['length', 'max_tokens'],
    ['tool-calls', 'tool_use'],
    ['filtered', 'refusal'],
    [undefined, 'end_turn'],
  ]
  for (const [reason, word] of words) {
    const events: ChatEvent[] = reason === undefined ? [] : [{ type: 'finish', reason }]
    assert.equal(anthropic.writeResult(events, context).stop_reason, word)
  }
  const stopped: ChatEvent = { type: 'finish', reason: 'stop', stopped: 'END' }
  const { stop_reason, stop_sequence } = anthropic.writeResult([stopped], context)
  assert.deepEqual([stop_reason, stop_sequence], ['stop_sequence', 'END'])
  const called = anthropic.writeResult([call(0), { type: 'finish', reason: 'stop' }], context)
  assert.deepEqual([called.stop_reason, called.stop_sequence], ['tool_use', null])
})

test('a whole answer has its blocks in order, and arguments as an object', () => {
  const events = [
    thought('a', 's1'),
    text('b'),
    call(0),
    call(1),
    args(0, '{"x":1}'),
    args(1, '{"cut'),
    thought('c'),
  ]
  assert.deepEqual(anthropic.writeResult(events, context).content, [
    { type: 'thinking', thinking: 'a', signature: 's1' },
    { type: 'text', text: 'b' },
    { type: 'tool_use', id: 'call_0', name: 'f', input: { x: 1 } },
    { type: 'tool_use', id: 'call_1', name: 'f', input: { _raw: '{"cut' } },
    { type: 'thinking', thinking: 'c', signature: '' },
  ])
})

test('whatever the order of events, blocks are whole, one at a time, and nothing is lost', () => {
  const word = fc.constantFrom('a', 'b', ' c')
  const event = fc.oneof(
    word.map(text),
    fc
      .tuple(word, fc.constantFrom(undefined, 's1', 's2'))
      .map(([words, signature]) => thought(words, signature)),
    fc.nat(2).map(call),
    fc.tuple(fc.nat(2), fc.constantFrom('{', '"x":1', '}', '{}')).map(([index, json]) => args(index, json)),
  )
  const calledOnce = (events: readonly ChatEvent[]): ChatEvent[] => {
    const seen = new Set<number>()
    return events.filter((one) => {
      if (one.type === 'tool-delta') return seen.has(one.index)
      return one.type !== 'tool-start' || (!seen.has(one.index) && seen.add(one.index).size > 0)
    })
  }
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), fc.boolean(), (random, hides) => {
      const events = calledOnce(random)
      const frames = middle(events, hides ? omitted : context)
      let open = -1
      let begun = 0
      for (const one of frames) {
        if (one.type === 'content_block_start') {
          assert.deepEqual([one.index, open], [begun++, -1])
          open = Number(one.index)
        } else assert.equal(one.index, open)
        if (one.type === 'content_block_stop') open = -1
      }
      assert.equal(open, -1)
      const decoder = anthropic.decoder()
      const after = foldEvents(frames.flatMap((one) => [...decoder.push({ data: JSON.stringify(one) })]))
      const before = foldEvents(events)
      assert.equal(after.text, before.text)
      assert.equal(after.reasoning, hides ? '' : before.reasoning)
      for (const [at, { id, args: sent }] of after.toolCalls.entries()) {
        const told = before.toolCalls[at]?.args ?? 'no call'
        assert.equal(id, before.toolCalls[at]?.id)
        // What comes behind a whole object cannot belong to it.
        assert.ok(sent === (told || '{}') || (told.startsWith(sent) && JSON.parse(sent) !== null))
      }
      assert.equal(after.toolCalls.length, before.toolCalls.length)
    }),
  )
})

const typeOf = (status: number): Json =>
  (anthropic.writeError({ status, code: 'x', message: 'm' }).error as JsonObject).type ?? null

test('errors have the type that belongs to their status', () => {
  const types: readonly (readonly [number, string])[] = [
    [400, 'invalid_request_error'],
    [401, 'authentication_error'],
    [402, 'billing_error'],
    [403, 'permission_error'],
    [404, 'not_found_error'],
    [405, 'invalid_request_error'],
    [413, 'request_too_large'],
    [429, 'rate_limit_error'],
    [500, 'api_error'],
    [502, 'api_error'],
    [503, 'api_error'],
    [504, 'timeout_error'],
    [529, 'overloaded_error'],
  ]
  for (const [status, type] of types) assert.equal(typeOf(status), type, String(status))
  for (const status of Object.values(errorCodes)) assert.match(String(typeOf(status)), /_error$|_large$/)
})

test('facts for programs stand under details, and only where there are some', () => {
  const error = { status: 429, code: 'quota_exhausted', message: 'm' }
  assert.deepEqual(anthropic.writeError(error), {
    type: 'error',
    error: { type: 'rate_limit_error', message: 'm' },
  })
  assert.equal(
    anthropic.errorFrame({ ...error, param: 'model', details: { retry_after: 7, resets_at: 1, pools: [] } }),
    'event: error\ndata: {"type":"error","error":{"type":"rate_limit_error","message":"m","details":{"retry_after":7,"resets_at":1,"pools":[],"param":"model"}}}\n\n',
  )
})
