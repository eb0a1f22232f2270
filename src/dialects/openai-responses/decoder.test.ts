import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { foldEvents, type ChatResult } from '../../chat/fold.ts'
import type { ChatEvent, Json, JsonObject, Usage } from '../../chat/types.ts'
import { createFramer, type Frame } from '../../wire/frames.ts'
import { createDecoder } from './decoder.ts'
import { readResult } from './result.ts'

function decode(...events: readonly Json[]): ChatEvent[] {
  const decoder = createDecoder()
  return events.flatMap((event) => decoder.push({ data: JSON.stringify(event) }))
}

const result = (...events: readonly Json[]): ChatResult => foldEvents(decode(...events))

const created = {
  type: 'response.created',
  response: { id: 'resp_1', model: 'm', created_at: 5, status: 'in_progress', error: null, output: [] },
}
const completed = (...output: readonly JsonObject[]): JsonObject => ({
  type: 'response.completed',
  response: {
    ...created.response,
    status: 'completed',
    output,
    usage: { input_tokens: 3, output_tokens: 2 },
  },
})
const message = (text: string, id = 'msg_1'): JsonObject => ({
  type: 'message',
  id,
  role: 'assistant',
  content: [{ type: 'output_text', text }],
})
const call = (id: string, args: string, more: JsonObject = {}): JsonObject => ({
  type: 'function_call',
  id: `fc_${id}`,
  call_id: id,
  name: 'f',
  arguments: args,
  ...more,
})
const delta = (text: string, more: JsonObject = {}): JsonObject => ({
  type: 'response.output_text.delta',
  item_id: 'msg_1',
  output_index: 0,
  content_index: 0,
  delta: text,
  ...more,
})
const added = (item: JsonObject, output_index: number): JsonObject => {
  return { type: 'response.output_item.added', output_index, item }
}
const done = (item: JsonObject, output_index: number): JsonObject => {
  return { type: 'response.output_item.done', output_index, item }
}

test('a whole stream tells everything once and in order', () => {
  const events = decode(
    created,
    { ...created, type: 'response.in_progress' },
    added(message(''), 0),
    delta('a'),
    delta('b'),
    done(message('ab'), 0),
    completed(message('ab')),
  )
  assert.deepEqual(events, [
    { type: 'message-start', id: 'resp_1', model: 'm', created: 5 },
    { type: 'text-delta', text: 'a' },
    { type: 'text-delta', text: 'b' },
    { type: 'finish', reason: 'stop' },
    { type: 'usage', usage: { input: 3, output: 2 } },
    { type: 'message-end' },
  ])
})

test('what only a later event tells is not lost: in `done`, in the last event, or its rest', () => {
  const calls = [{ id: 'a', name: 'f', args: '{"x":1}' }]
  const streams: readonly (readonly JsonObject[])[] = [
    [completed(message('ab'), call('a', '{"x":1}'))],
    [done(message('ab'), 0), done(call('a', '{"x":1}'), 1), completed()],
    [
      delta('a'),
      done(message('ab'), 0),
      added(call('a', ''), 1),
      completed(message('ab'), call('a', '{"x":1}')),
    ],
    [delta('a'), completed(message('ab', 'msg_other'), call('a', '{"x":1}'))],
    // Arguments before their call has a name.
    [
      delta('ab'),
      added({ ...call('a', ''), name: '' }, 1),
      { type: 'response.function_call_arguments.delta', item_id: 'fc_a', output_index: 1, delta: '{"x"' },
      done(call('a', '{"x":1}'), 1),
      completed(message('ab'), call('a', '{"x":1}')),
    ],
  ]
  for (const stream of streams) {
    const { text, toolCalls, finish } = result(created, ...stream)
    assert.deepEqual([text, toolCalls, finish], ['ab', calls, 'tool-calls'], JSON.stringify(stream))
  }
})

test('a last event alone gives the end and what it cost; after the middle of a stream it repeats nothing', () => {
  const alone = decode(completed(message('ab')))
  assert.deepEqual(alone.slice(-3), [
    { type: 'finish', reason: 'stop' },
    { type: 'usage', usage: { input: 3, output: 2 } },
    { type: 'message-end' },
  ])
  assert.equal(result(delta('b'), done(message('ab'), 0), completed(message('ab'))).text, 'b')
  const bare = decode({ type: 'response.incomplete' })
  assert.deepEqual(bare, [{ type: 'finish', reason: 'length' }, { type: 'message-end' }])
})

test('deltas find their item by id or by index, also where a service gives one of them twice', () => {
  const args = (text: string, more: JsonObject): JsonObject => {
    return { type: 'response.function_call_arguments.delta', delta: text, ...more }
  }
  const two = [call('a', '{"x":1}'), call('b', '{}')] as const
  const places: readonly (readonly [JsonObject, JsonObject])[] = [
    [{ item_id: 'fc_a' }, { item_id: 'fc_b' }],
    [{ output_index: 0 }, { output_index: 1 }],
    [
      { item_id: 'x', output_index: 0 },
      { item_id: 'x', output_index: 1 },
    ],
  ]
  for (const [first, second] of places) {
    const { toolCalls } = result(
      created,
      added(call('a', ''), 0),
      added(call('b', ''), 1),
      args('{"x"', first),
      args('{', second),
      args(':1}', first),
      args('}', second),
      completed(...two),
    )
    assert.deepEqual(toolCalls, [
      { id: 'a', name: 'f', args: '{"x":1}' },
      { id: 'b', name: 'f', args: '{}' },
    ])
  }
})

test('of thoughts and their summary the one that came first is read, part after part', () => {
  const thought = (of: string, text: string, part = 0): JsonObject => {
    return {
      type: `response.reasoning_${of}.delta`,
      item_id: 'rs_1',
      output_index: 0,
      summary_index: part,
      delta: text,
    }
  }
  const item = {
    type: 'reasoning',
    id: 'rs_1',
    summary: [
      { type: 'summary_text', text: 'short' },
      { type: 'summary_text', text: 'er' },
    ],
    content: [{ type: 'reasoning_text', text: 'long' }],
    encrypted_content: 'gAAA',
  }
  const streamed = (...deltas: readonly JsonObject[]): ChatResult =>
    result(created, ...deltas, done(item, 0), completed(item))
  for (const [deltas, text] of [
    [[thought('text', 'lo'), thought('summary_text', 'short')], 'long'],
    [
      [thought('summary_text', 'short'), thought('text', 'long'), thought('summary_text', 'er', 1)],
      'short\n\ner',
    ],
    [[thought('summary_text', 'short')], 'short\n\ner'],
    [[], 'long'],
  ] as const) {
    const { reasoning, sealed } = streamed(...deltas)
    assert.deepEqual([reasoning, sealed], [text, 'gAAA'])
  }
  const seals = decode(created, done(item, 0), completed(item)).filter((event) => 'sealed' in event)
  assert.equal(seals.length, 1)
})

test('calls of namespaces have flat names, custom ones JSON arguments, and a call without an id gets one', () => {
  const custom = { type: 'custom_tool_call', id: 'ctc_1', call_id: 'c', name: 'run', input: 'a "b"' }
  const { toolCalls } = result(
    created,
    added(call('a', '', { namespace: 'n' }), 0),
    done(call('a', '{}', { namespace: 'n' }), 0),
    added({ ...custom, input: '' }, 1),
    { type: 'response.custom_tool_call_input.delta', item_id: 'ctc_1', output_index: 1, delta: 'a "b"' },
    done(custom, 1),
    completed(call('a', '{}', { namespace: 'n' }), custom, {
      type: 'function_call',
      name: 'g',
      arguments: '{}',
    }),
  )
  assert.deepEqual(toolCalls.slice(0, 2), [
    { id: 'a', name: 'n__f', args: '{}' },
    { id: 'c', name: 'run', args: '{"input":"a \\"b\\""}' },
  ])
  assert.match(toolCalls[2]?.id ?? '', /^call_[0-9a-f]{8}$/)
})

test('how an answer ended', () => {
  const ended = (response: JsonObject, type = 'response.completed'): string | undefined =>
    result({ type, response }).finish
  assert.equal(ended({ status: 'completed' }), 'stop')
  assert.equal(ended({ status: 'completed', output: [call('a', '{}')] }), 'tool-calls')
  assert.equal(ended({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }), 'length')
  assert.equal(ended({ incomplete_details: { reason: 'content_filter' } }, 'response.incomplete'), 'filtered')
  assert.equal(ended({ incomplete_details: null }, 'response.incomplete'), 'length')
})

test('a failure in any form is one error with its JSON, and nothing comes after it', () => {
  const failures: readonly (readonly [JsonObject, string, string | undefined])[] = [
    [{ type: 'error', code: 'x', message: 'flat', param: null, sequence_number: 3 }, 'flat', 'x'],
    [{ type: 'error', error: { type: 'y', code: 'x', message: 'nested' } }, 'nested', 'x'],
    [{ type: 'response.error', code: 'x', message: 'of a gateway' }, 'of a gateway', 'x'],
    [
      { type: 'response.failed', response: { status: 'failed', error: { code: 'x', message: 'm' } } },
      'm',
      'x',
    ],
    [
      { type: 'response.completed', response: { status: 'failed', error: { code: 'x', message: 'm' } } },
      'm',
      'x',
    ],
    [{ error: { code: 429, message: 'bare' } }, 'bare', '429'],
    [
      { type: 'response.failed', response: { status: 'failed', error: null } },
      'the upstream reported an error without words',
      undefined,
    ],
  ]
  for (const [failure, words, code] of failures) {
    const [first, ...rest] = decode(failure, failure, completed())
    assert.deepEqual(rest, [])
    const coded = code === undefined ? {} : { code }
    assert.deepEqual(first, { type: 'error', message: words, ...coded, raw: JSON.stringify(failure) })
  }
  const [event] = createDecoder().push({ event: 'error', data: '{"message":"proxy"}' })
  assert.ok(event?.type === 'error' && event.message === 'proxy')
})

test('habits of gateways harm nothing', () => {
  const decoder = createDecoder()
  for (const data of ['[DONE]', ' ', '{"type":"keepalive"}', '{"type":"__proto__"}', '{}']) {
    assert.deepEqual(decoder.push({ data }), [])
  }
  assert.deepEqual(decode(completed(), completed()).filter((event) => event.type === 'message-end').length, 1)
})

const counted = (usage: JsonObject): Usage | undefined =>
  result({ type: 'response.completed', response: { usage } }).usage

test('usage that cannot be true counts as absent', () => {
  assert.deepEqual(
    counted({
      input_tokens: 10,
      output_tokens: 5,
      input_tokens_details: { cached_tokens: 4, cache_write_tokens: 3 },
      output_tokens_details: { reasoning_tokens: 2 },
      cost: 0.00014,
    }),
    { input: 10, output: 5, cached: 4, cacheWrite: 3, reasoning: 2, nanoUsd: 140_000 },
  )
  assert.equal(counted({ input_tokens: -1, output_tokens: '5', cost: -1 }), undefined)
  assert.deepEqual(
    counted({ input_tokens: 1, input_tokens_details: { cached_tokens: 2 }, cost: 1e12, output_tokens: 1.5 }),
    { input: 1, output: 0 },
  )
})

test('a whole answer without output is an error, one that failed too', () => {
  assert.deepEqual(readResult({ object: 'response' }), [
    { type: 'error', message: "the upstream's answer has no output" },
  ])
  const failed = {
    object: 'response',
    status: 'failed',
    error: { code: 'server_error', message: 'm' },
    output: [],
  }
  assert.deepEqual(readResult(failed), [
    { type: 'error', message: 'm', code: 'server_error', raw: JSON.stringify(failed) },
  ])
})

const names = ['text', 'reasoning', 'thinking', 'tools', 'incomplete'].map((name) => `${name}.sse`)

test('each frame alone, read by a fresh decoder, gives no error, and an end only where the end is', () => {
  for (const name of names) {
    const bytes = readFileSync(new URL(`./fixtures/${name}`, import.meta.url))
    const frames = createFramer('sse').feed(bytes)
    for (const [at, frame] of frames.entries()) {
      const events = createDecoder().push(frame)
      assert.ok(!events.some((event) => event.type === 'error'), name)
      assert.equal(events.at(-1)?.type === 'message-end', at === frames.length - 1, name)
    }
    // Without the frames that only repeat, the answer is the same.
    const whole = told(frames)
    for (const repeated of [
      /output_text\.done|part\.done/,
      /\.delta"/,
      /output_item\.done/,
      /output_item\.added/,
    ]) {
      const fewer = frames.filter((frame) => !repeated.test(frame.data.slice(0, 60)))
      assert.deepEqual(told(fewer), whole, `${name} without ${repeated}`)
    }
  }
})

function told(frames: readonly Frame[]): unknown {
  const decoder = createDecoder()
  const { toolCalls, ...rest } = foldEvents(frames.flatMap((frame) => decoder.push(frame)))
  return { ...rest, toolCalls: toolCalls.map(({ name, args }) => ({ name, args })) }
}
