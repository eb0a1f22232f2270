import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foldEvents } from '../../chat/fold.ts'
import type { ChatEvent, Json, JsonObject } from '../../chat/types.ts'
import { ollama } from './index.ts'

function decode(...lines: readonly Json[]): ChatEvent[] {
  const decoder = ollama.decoder()
  return lines.flatMap((line) => decoder.push({ data: JSON.stringify(line) }))
}

function encode(events: readonly ChatEvent[]): { pushed: readonly string[]; last: string } {
  const encoder = ollama.encoder({ usage: true, now: Date.UTC(2026, 10, 23) })
  return { pushed: events.map((event) => encoder.push(event)), last: encoder.end() }
}

const parse = (line: string | undefined): JsonObject => JSON.parse(line ?? '') as JsonObject

test('an error line is an error, in words or as an object, with its status', () => {
  const rows: readonly (readonly [JsonObject, string, string | undefined])[] = [
    [{ error: 'gone' }, 'gone', undefined],
    [{ error: 'slow down', status: 429 }, 'slow down', '429'],
    [{ error: 'slow down', status_code: 503 }, 'slow down', '503'],
    [{ error: { message: 'object', code: 'x' } }, 'object', 'x'],
    // Even where the line looks like an end.
    [{ error: 'late', done: true, message: { content: 'x' } }, 'late', undefined],
  ]
  for (const [line, message, code] of rows) {
    const raw = JSON.stringify(line)
    assert.deepEqual(decode(line), [{ type: 'error', message, ...(code === undefined ? {} : { code }), raw }])
  }
  assert.equal(foldEvents(decode({ error: null, message: { content: 'a' } })).error, undefined)
})

test('calls without an id get one, unlike any other', () => {
  const line = {
    message: { tool_calls: [{ function: { name: 'f', arguments: {} } }, { function: { name: 'g' } }] },
  }
  const ids = [...decode(line), ...decode(line)].flatMap((event) =>
    event.type === 'tool-start' ? [event.id] : [],
  )
  assert.equal(new Set(ids).size, 4)
  for (const id of ids) assert.match(id, /^call_[0-9a-f]{8}$/)
})

const finishOf = (...lines: readonly JsonObject[]): string | undefined => foldEvents(decode(...lines)).finish

test('the last line tells how it ended; calls beat its word', () => {
  const call = { message: { tool_calls: [{ function: { name: 'f' } }] } }
  assert.equal(finishOf({ done: true, done_reason: 'stop' }), 'stop')
  assert.equal(finishOf({ done: true, done_reason: 'length' }), 'length')
  assert.equal(finishOf({ done: true }), 'stop')
  assert.equal(finishOf(call, { done: true, done_reason: 'stop' }), 'tool-calls')
  assert.equal(finishOf(call), undefined)
})

const usageOf = (line: JsonObject): unknown => foldEvents(decode({ done: true, ...line })).usage

test('missing and impossible counters are zero, and a cache count may be absent', () => {
  assert.deepEqual(usageOf({}), { input: 0, output: 0 })
  assert.deepEqual(usageOf({ prompt_eval_count: -1, eval_count: '7' }), { input: 0, output: 0 })
  assert.deepEqual(usageOf({ prompt_eval_count: 9, prompt_eval_cached_count: 0, eval_count: 2 }), {
    input: 9,
    cached: 0,
    output: 2,
  })
  assert.deepEqual(usageOf({ prompt_eval_count: 9, prompt_eval_cached_count: 10 }), { input: 9, output: 0 })
})

test('every push gives whole lines, and a call goes out whole', () => {
  const { pushed, last } = encode([
    { type: 'message-start', id: 'x', model: 'm' },
    { type: 'reasoning-delta', text: 'hm' },
    { type: 'text-delta', text: 'a\nb' },
    { type: 'tool-start', index: 0, id: 'call_a', name: 'f' },
    { type: 'tool-delta', index: 0, json: '{"x"' },
    { type: 'tool-start', index: 1, id: 'call_b', name: 'g' },
    { type: 'tool-delta', index: 0, json: ':1}' },
    { type: 'finish', reason: 'tool-calls' },
    { type: 'usage', usage: { input: 10, output: 5, cached: 4 } },
    { type: 'message-end' },
  ])
  const lines = pushed.join('')
  for (const text of pushed) assert.ok(text === '' || text.endsWith('\n'))
  const created_at = '2026-11-23T00:00:00.000Z'
  const line = (message: JsonObject): JsonObject => ({
    model: 'm',
    created_at,
    message: { role: 'assistant', ...message },
    done: false,
  })
  const call = (id: string, index: number, name: string, args: JsonObject): JsonObject =>
    line({ content: '', tool_calls: [{ id, function: { index, name, arguments: args } }] })
  assert.deepEqual(lines.trimEnd().split('\n').map(parse), [
    line({ content: '', thinking: 'hm' }),
    line({ content: 'a\nb' }),
    call('call_a', 0, 'f', { x: 1 }),
    call('call_b', 1, 'g', {}),
  ])
  const { total_duration, eval_duration, ...rest } = parse(last)
  assert.ok(Number.isInteger(total_duration) && Number.isInteger(eval_duration))
  assert.deepEqual(rest, {
    model: 'm',
    created_at,
    message: { role: 'assistant', content: '' },
    done: true,
    done_reason: 'stop',
    load_duration: 0,
    prompt_eval_count: 10,
    prompt_eval_cached_count: 4,
    prompt_eval_duration: 0,
    eval_count: 5,
  })
})

test('calls still held when the answer ends go out before the last line', () => {
  const { last } = encode([{ type: 'tool-start', index: 0, id: 'a', name: 'f' }])
  const [call, end] = last.trimEnd().split('\n').map(parse)
  assert.equal(call?.done, false)
  assert.equal(end?.done, true)
})

test('errors are a text and nothing else', () => {
  const error = { status: 429, code: 'quota_exhausted', message: 'all spent', details: { retry_after: 5 } }
  assert.deepEqual(ollama.writeError(error), { error: 'all spent' })
  assert.equal(ollama.errorFrame(error), '{"error":"all spent"}\n')
})

test('an answer without a message is an error', () => {
  assert.deepEqual(ollama.readResult({ model: 'm' }), [
    { type: 'error', message: "the upstream's answer has no message" },
  ])
})

test('a time that no date can be made of does not cost the answer', () => {
  const told = (created: number | undefined): unknown =>
    ollama.writeResult(
      [{ type: 'message-start', id: '', model: 'm', ...(created === undefined ? {} : { created }) }],
      { usage: true, now: 0 },
    )['created_at']
  assert.equal(told(60), '1970-01-01T00:01:00.000Z')
  for (const created of [undefined, 1.7e15, 1e308]) assert.equal(told(created), '1970-01-01T00:00:00.000Z')
})
