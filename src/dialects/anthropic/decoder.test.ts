import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { foldEvents, type ChatResult } from '../../chat/fold.ts'
import type { ChatEvent, FinishReason, Json, JsonObject, Usage } from '../../chat/types.ts'
import { createFramer, type Frame } from '../../wire/frames.ts'
import { createDecoder } from './decoder.ts'
import { readResult } from './result.ts'

function decode(...events: readonly Json[]): ChatEvent[] {
  const decoder = createDecoder()
  return events.flatMap((event) => decoder.push({ data: JSON.stringify(event) }))
}

const result = (...events: readonly Json[]): ChatResult => foldEvents(decode(...events))
const start = (usage: Json = null): JsonObject => ({
  type: 'message_start',
  message: { id: 'msg_1', model: 'm', usage },
})
const block = (index: number, content_block: JsonObject): JsonObject => ({
  type: 'content_block_start',
  index,
  content_block,
})
const delta = (index: number, change: JsonObject): JsonObject => ({
  type: 'content_block_delta',
  index,
  delta: change,
})
const json = (index: number, partial_json: string): JsonObject =>
  delta(index, { type: 'input_json_delta', partial_json })
const stop = (index: number): JsonObject => ({ type: 'content_block_stop', index })
const end = (
  stop_reason: string | null,
  usage: Json = null,
  stop_sequence: string | null = null,
): JsonObject => ({
  type: 'message_delta',
  delta: { stop_reason, stop_sequence },
  usage,
})
const call = (index: number, input: Json = {}): JsonObject =>
  block(index, { type: 'tool_use', id: `toolu_${index}`, name: 'f', input })

function framesOf(name: string): readonly Frame[] {
  const framer = createFramer('sse')
  return framer.feed(readFileSync(new URL(`./fixtures/${name}`, import.meta.url)))
}

function decodeAll(frames: readonly Frame[]): ChatEvent[] {
  const decoder = createDecoder()
  return frames.flatMap((frame) => [...decoder.push(frame)])
}

test('events are told by their data; the line that names them may be missing', () => {
  const named = createDecoder()
  const unnamed = createDecoder()
  for (const frame of framesOf('tools.sse'))
    assert.deepEqual(unnamed.push({ data: frame.data }), named.push(frame))
})

test('the end of a stream can be read without its beginning', () => {
  for (const name of ['text.sse', 'thinking.sse', 'tools.sse', 'interleaved.sse']) {
    const frames = framesOf(name)
    const whole = foldEvents(decodeAll(frames))
    for (let from = 0; from < frames.length - 2; from++) {
      const { finish, stopped, usage, ended } = foldEvents(decodeAll(frames.slice(from)))
      assert.deepEqual([finish, stopped, ended], [whole.finish, whole.stopped, true], `${name} from ${from}`)
      assert.equal(usage?.output, whole.usage?.output)
    }
  }
})

test('interleaved thinking keeps its order and every signature', () => {
  const events = decodeAll(framesOf('interleaved.sse'))
  const order = events.flatMap((event) => (event.type === 'usage' ? [] : [event.type]))
  assert.deepEqual(order, [
    'message-start',
    'reasoning-delta',
    'reasoning-delta',
    'text-delta',
    'reasoning-delta',
    'reasoning-delta',
    'tool-start',
    'tool-delta',
    'tool-delta',
    'finish',
    'message-end',
  ])
  const signatures = events.flatMap((event) =>
    event.type === 'reasoning-delta' && event.signature !== undefined ? [event.signature] : [],
  )
  assert.deepEqual(signatures, ['c2lnMQ==', 'c2lnMg=='])
})

test('redacted thinking is sealed reasoning, an empty signature is none', () => {
  const events = decodeAll(framesOf('redacted.sse')).filter((event) => event.type === 'reasoning-delta')
  assert.deepEqual(events, [
    { type: 'reasoning-delta', text: '', sealed: 'ZW5jcnlwdGVk' },
    { type: 'reasoning-delta', text: '', signature: 'c2lnMw==' },
  ])
  const unsigned = block(0, { type: 'thinking', thinking: 'a', signature: '' })
  assert.deepEqual(decode(unsigned, delta(0, { type: 'signature_delta', signature: '' })), [
    { type: 'reasoning-delta', text: 'a' },
  ])
})

const usageOf = (...events: readonly Json[]): Usage | undefined => result(...events).usage

test('input counts what was read from a cache and written to one', () => {
  const usage = {
    input_tokens: 10,
    cache_read_input_tokens: 30,
    cache_creation_input_tokens: 5,
    output_tokens: 1,
  }
  assert.deepEqual(usageOf(start(usage)), { input: 45, output: 1, cached: 30, cacheWrite: 5 })
  assert.deepEqual(usageOf(start({ input_tokens: 10, cache_creation_input_tokens: 0, output_tokens: 1 })), {
    input: 10,
    output: 1,
  })
})

test('an end that counts less than the start does not spoil it', () => {
  const begun = start({ input_tokens: 10, cache_read_input_tokens: 30, output_tokens: 1 })
  const whole = { input: 40, cached: 30, output: 7 }
  assert.deepEqual(usageOf(begun, end('end_turn', { output_tokens: 7 })), whole)
  assert.deepEqual(usageOf(begun, end('end_turn', { output_tokens: 7, input_tokens: null })), whole)
  // Alone, as the end of a relayed stream is read: the last event says all that was counted.
  const last = decode(begun, end('end_turn', { output_tokens: 7 })).findLast(
    (event) => event.type === 'usage',
  )
  assert.deepEqual(last?.usage, whole)
})

test('usage that is told only at the end, with its cost and the part that was thinking', () => {
  const told = {
    input_tokens: 10,
    output_tokens: 5,
    output_tokens_details: { thinking_tokens: 2 },
    cost: 0.00014,
  }
  assert.deepEqual(usageOf(start(), end('end_turn', told)), {
    input: 10,
    output: 5,
    reasoning: 2,
    nanoUsd: 140_000,
  })
})

test('usage that cannot be true counts as absent', () => {
  for (const bad of [-1, 1.5, '7', 1e12, null, {}]) {
    assert.equal(usageOf(start({ input_tokens: bad, output_tokens: bad, cost: -1 })), undefined, String(bad))
    assert.deepEqual(usageOf(start({ input_tokens: bad, output_tokens: 3 })), { input: 0, output: 3 })
  }
  for (const cost of [-0.1, '0.1', 1e9, null])
    assert.equal(usageOf(start({ input_tokens: 1, cost }))?.nanoUsd, undefined)
})

test('fragments of calls, calls in one piece, and calls without arguments', () => {
  const calls = (...events: readonly Json[]): Json => result(...events).toolCalls.map(({ args }) => args)
  assert.deepEqual(calls(call(0), json(0, '{"x"'), json(0, ':1}'), stop(0)), ['{"x":1}'])
  assert.deepEqual(calls(call(0, { x: 1 }), stop(0)), ['{"x":1}'])
  assert.deepEqual(calls(call(0, { x: 1 }), json(0, '{"x":2}'), stop(0)), ['{"x":2}'])
  assert.deepEqual(calls(call(0), json(0, ''), stop(0)), ['{}'])
  // Neither block is stopped; the end of the answer ends them.
  assert.deepEqual(calls(call(0, { x: 1 }), call(1), end('tool_use')), ['{"x":1}', '{}'])
  assert.deepEqual(calls(call(3), call(7), json(7, '{"y":1}'), json(3, '{"x":1}')), ['{"x":1}', '{"y":1}'])
})

test("a call without an id gets one; calls of the service itself are not the client's", () => {
  const [made] = result(block(0, { type: 'tool_use', name: 'f', input: {} })).toolCalls
  assert.match(made?.id ?? '', /^call_[0-9a-f]{8}$/)
  const served = block(0, { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} })
  assert.deepEqual(decode(served, json(0, '{"query":"x"}'), stop(0)), [])
})

test('stop reasons', () => {
  const words: readonly (readonly [string, FinishReason])[] = [
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['pause_turn', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool-calls'],
    ['refusal', 'filtered'],
    ['word_of_2099', 'stop'],
  ]
  for (const [word, reason] of words) assert.equal(result(end(word)).finish, reason, word)
  assert.equal(result(call(0), end('end_turn')).finish, 'tool-calls')
  assert.deepEqual(decode(end('stop_sequence', null, 'END'))[0], {
    type: 'finish',
    reason: 'stop',
    stopped: 'END',
  })
  assert.deepEqual(decode(end(null)), [])
  assert.equal(decode(end('end_turn'), end('end_turn')).length, 1)
})

test('errors in every form that services send, with the status their type stands for', () => {
  const forms: readonly (readonly [Json, string, string | undefined])[] = [
    [{ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'Overloaded', '529'],
    [
      { type: 'error', error: { type: 'rate_limit_error', message: 'slow' }, request_id: null },
      'slow',
      '429',
    ],
    [{ type: 'error', error: { type: 'new_error', message: 'x' } }, 'x', 'new_error'],
    [{ error: { code: 429, message: 'slow' } }, 'slow', '429'],
    [{ error: 'in words' }, 'in words', undefined],
    [{ type: 'error' }, 'the upstream reported an error without words', undefined],
  ]
  for (const [body, message, code] of forms) {
    const raw = JSON.stringify(body)
    const expected = { type: 'error', message, ...(code === undefined ? {} : { code }), raw }
    assert.deepEqual(decode(body), [expected])
    assert.deepEqual(readResult(body), [expected])
  }
  const bare = { event: 'error', data: '{"type":"api_error","message":"x"}' }
  assert.deepEqual(createDecoder().push(bare), [{ type: 'error', message: 'x', code: '500', raw: bare.data }])
  // Negative control: an absent error is none.
  assert.equal(result({ ...delta(0, { type: 'text_delta', text: 'a' }), error: null }).error, undefined)
})

test('pings, unknown events and foreign end marks are nothing', () => {
  assert.deepEqual(decode({ type: 'ping' }, { type: 'event_of_2099' }, {}, stop(5)), [])
  assert.deepEqual(createDecoder().push({ data: '[DONE]' }), [])
  assert.deepEqual(createDecoder().push({ data: ' ' }), [])
})

test('an answer without content is an error, one with an empty content is an answer', () => {
  assert.deepEqual(readResult({ id: 'msg_1' }), [
    { type: 'error', message: "the upstream's answer has no content" },
  ])
  const empty = foldEvents(readResult({ id: 'msg_1', model: 'm', content: [], stop_reason: 'end_turn' }))
  assert.deepEqual([empty.text, empty.finish, empty.ended], ['', 'stop', true])
})
