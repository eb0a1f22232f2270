import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foldEvents, type ChatResult } from '../../chat/fold.ts'
import type { ChatEvent, Json, JsonObject, Usage } from '../../chat/types.ts'
import { createDecoder } from './decoder.ts'
import { readResult } from './result.ts'

const data = (value: Json): { data: string } => ({ data: JSON.stringify(value) })
const chunk = (delta: JsonObject, finish: string | null = null): JsonObject => ({
  id: 'x',
  model: 'm',
  created: 5,
  choices: [{ index: 0, delta, finish_reason: finish }],
})

function decode(...chunks: readonly Json[]): ChatEvent[] {
  const decoder = createDecoder()
  return chunks.flatMap((one) => decoder.push(data(one)))
}

const result = (...chunks: readonly Json[]): ChatResult => foldEvents(decode(...chunks))
const calls = (...deltas: readonly (readonly JsonObject[])[]): ChatResult['toolCalls'] =>
  result(...deltas.map((tool_calls) => chunk({ tool_calls })), chunk({}, 'stop')).toolCalls
const fragment = (args: string, name?: string): JsonObject => ({
  function: name === undefined ? { arguments: args } : { name, arguments: args },
})

test('the start is told once, whatever repeats', () => {
  const events = decode(chunk({ role: 'assistant', content: '' }), chunk({ role: 'assistant', content: 'a' }))
  assert.deepEqual(events, [
    { type: 'message-start', id: 'x', model: 'm', created: 5 },
    { type: 'text-delta', text: 'a' },
  ])
})

test('reasoning under two names is read once', () => {
  assert.equal(result(chunk({ reasoning: 'a', reasoning_content: 'a' })).reasoning, 'a')
  assert.equal(result(chunk({ reasoning: '', reasoning_content: 'a' })).reasoning, 'a')
  assert.equal(
    result(chunk({ reasoning_details: [{ type: 'reasoning.summary', summary: 'a' }] })).reasoning,
    'a',
  )
  assert.deepEqual(decode(chunk({ reasoning: null, reasoning_details: [] })).slice(1), [])
})

test('fragments of tool calls find their call', () => {
  const two = [
    { id: 'a', name: 'f', args: '{"x":1}' },
    { id: 'b', name: 'g', args: '{}' },
  ]
  const plain = calls(
    [{ index: 0, id: 'a', ...fragment('', 'f') }],
    [{ index: 0, ...fragment('{"x"') }],
    [{ index: 0, ...fragment(':1}') }],
    [{ index: 1, id: 'b', ...fragment('{}', 'g') }],
  )
  assert.deepEqual(plain, two)
  const interleaved = calls(
    [{ index: 0, id: 'a', ...fragment('{"x"', 'f') }],
    [{ index: 1, id: 'b', ...fragment('{', 'g') }],
    [
      { index: 0, ...fragment(':1}') },
      { index: 1, ...fragment('}') },
    ],
  )
  assert.deepEqual(interleaved, two)
  const oneIndex = calls(
    [{ index: 0, id: 'a', ...fragment('{"x":1}', 'f') }],
    [{ index: 0, id: 'b', ...fragment('{', 'g') }],
    [{ index: 0, ...fragment('}') }],
  )
  assert.deepEqual(oneIndex, two)
  const noIndex = calls([
    { id: 'a', ...fragment('{"x":1}', 'f') },
    { id: 'b', ...fragment('{}', 'g') },
  ])
  assert.deepEqual(noIndex, two)
  const repeated = calls(
    [{ index: 0, id: 'a', ...fragment('{"x"', 'f') }],
    [{ index: 0, id: 'a', ...fragment(':1}', 'f') }],
    [{ index: 1, id: 'b', ...fragment('{}', 'g') }],
  )
  assert.deepEqual(repeated, two)
})

test('a call without an id gets one, and an id that comes late does not split it', () => {
  const [call, ...rest] = calls(
    [{ index: 0, ...fragment('{', 'f') }],
    [{ index: 0, id: 'late', ...fragment('}') }],
    [{ index: 0, id: 'late', ...fragment('') }],
  )
  assert.deepEqual(rest, [])
  assert.match(call?.id ?? '', /^call_[0-9a-f]{8}$/)
  assert.equal(call?.args, '{}')
})

test('a name that comes after the id is waited for; one that never comes is empty', () => {
  assert.deepEqual(calls([{ index: 0, id: 'a' }], [{ index: 0, ...fragment('{}', 'f') }]), [
    { id: 'a', name: 'f', args: '{}' },
  ])
  assert.deepEqual(calls([{ index: 0, id: 'a' }]), [{ id: 'a', name: '', args: '' }])
})

test('arguments sent as an object become text', () => {
  assert.equal(
    calls([{ index: 0, id: 'a', function: { name: 'f', arguments: { x: 1 } } }])[0]?.args,
    '{"x":1}',
  )
})

test('finish words', () => {
  const words: readonly (readonly [string, string])[] = [
    ['stop', 'stop'],
    ['length', 'length'],
    ['tool_calls', 'tool-calls'],
    ['function_call', 'tool-calls'],
    ['content_filter', 'filtered'],
    ['error', 'error'],
    ['eos', 'stop'],
  ]
  for (const [word, reason] of words) assert.equal(result(chunk({}, word)).finish, reason)
  const called = result(
    chunk({ tool_calls: [{ index: 0, id: 'a', ...fragment('{}', 'f') }] }),
    chunk({}, 'stop'),
  )
  assert.equal(called.finish, 'tool-calls')
  assert.equal(
    decode(chunk({}, 'stop'), chunk({}, 'stop')).filter((event) => event.type === 'finish').length,
    1,
  )
})

test('only the first of several choices is read', () => {
  const other = { index: 1, delta: { content: 'no' }, finish_reason: null }
  assert.equal(result(chunk({ content: 'yes' }), { id: 'x', choices: [other] }).text, 'yes')
})

const usageOf = (usage: Json): Usage | undefined => result({ id: 'x', choices: [], usage }).usage

test('usage that cannot be true counts as absent', () => {
  assert.deepEqual(usageOf({ prompt_tokens: 10, completion_tokens: 3, cost: 0.00014 }), {
    input: 10,
    output: 3,
    nanoUsd: 140_000,
  })
  const details = {
    prompt_tokens_details: { cached_tokens: 4 },
    completion_tokens_details: { reasoning_tokens: 2 },
  }
  assert.deepEqual(usageOf({ prompt_tokens: 10, completion_tokens: 3, ...details, cost: 0 }), {
    input: 10,
    output: 3,
    cached: 4,
    reasoning: 2,
    nanoUsd: 0,
  })
  assert.deepEqual(usageOf({ prompt_tokens: 1, completion_tokens: 1, ...details }), { input: 1, output: 1 })
  for (const bad of [-1, 1.5, '7', 1e12, null, {}]) {
    assert.equal(usageOf({ prompt_tokens: bad, completion_tokens: bad }), undefined, String(bad))
    assert.deepEqual(usageOf({ prompt_tokens: bad, completion_tokens: 3 }), { input: 0, output: 3 })
  }
  for (const cost of [-0.1, '0.1', 1e9, null]) {
    assert.equal(usageOf({ prompt_tokens: 1, completion_tokens: 1, cost })?.nanoUsd, undefined, String(cost))
  }
  // 1e999 parses to Infinity.
  const [infinite] = createDecoder().push({ data: '{"choices":[],"usage":{"cost":1e999}}' })
  assert.equal(infinite, undefined)
})

test('errors in every form that services send', () => {
  const forms: readonly (readonly [Json, string, string | undefined])[] = [
    [{ error: { code: 429, message: 'slow down' }, choices: [] }, 'slow down', '429'],
    [
      { ...chunk({ content: '' }, 'error'), error: { code: 'server_error', message: 'gone' } },
      'gone',
      'server_error',
    ],
    [{ error: 'in words' }, 'in words', undefined],
    [{ object: 'error', message: 'bare', code: 400 }, 'bare', '400'],
    [{ error: {} }, 'the upstream reported an error without words', undefined],
  ]
  for (const [body, message, code] of forms) {
    const raw = JSON.stringify(body)
    const expected = { type: 'error', message, ...(code === undefined ? {} : { code }), raw }
    assert.deepEqual(decode(body), [expected])
  }
  const named = createDecoder().push({ event: 'error', data: '{"message":"x"}' })
  assert.deepEqual(named, [{ type: 'error', message: 'x', raw: '{"message":"x"}' }])
  const inChoice = { id: 'x', choices: [{ index: 0, delta: {}, error: { code: 502, message: 'y' } }] }
  assert.deepEqual(decode(inChoice).at(-1), {
    type: 'error',
    message: 'y',
    code: '502',
    raw: JSON.stringify(inChoice),
  })
  // Negative control: an absent error is none.
  assert.equal(result({ ...chunk({ content: 'a' }), error: null }).error, undefined)
})

test('a whole answer that failed half way keeps its text and its error', () => {
  const choice = {
    message: { content: 'half' },
    finish_reason: 'error',
    error: { code: 502, message: 'gone' },
  }
  const answer = foldEvents(readResult({ id: 'x', choices: [choice] }))
  assert.equal(answer.text, 'half')
  assert.equal(answer.error?.code, '502')
  assert.equal(answer.ended, false)
})

test('an answer without choices is an error', () => {
  const [event] = readResult({ id: 'x' })
  assert.deepEqual(event, { type: 'error', message: "the upstream's answer has no choices" })
})

test('an empty data line is nothing, and the end mark the end', () => {
  const decoder = createDecoder()
  assert.deepEqual(decoder.push({ data: ' ' }), [])
  assert.deepEqual(decoder.push({ data: '[DONE]' }), [{ type: 'message-end' }])
})
