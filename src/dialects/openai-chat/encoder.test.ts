import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import OpenAI from 'openai'
import type { ChatEvent, Json, JsonObject } from '../../chat/types.ts'
import { errorCodes, type ErrorCode } from '../../errors.ts'
import { openaiChat } from './index.ts'

const now = 1_790_000_000_000
const usage = { input: 10, output: 5, cached: 4, reasoning: 2, nanoUsd: 140_000 }
const events: readonly ChatEvent[] = [
  { type: 'message-start', id: 'gen-1', model: 'm' },
  { type: 'reasoning-delta', text: 'hm' },
  { type: 'text-delta', text: 'a' },
  { type: 'tool-start', index: 0, id: 'call_a', name: 'f' },
  { type: 'tool-delta', index: 0, json: '{"x":1}' },
  { type: 'finish', reason: 'stop' },
  { type: 'usage', usage },
  { type: 'message-end' },
]
const wireUsage = {
  prompt_tokens: 10,
  completion_tokens: 5,
  total_tokens: 15,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 2 },
  cost: 0.00014,
}

function encode(wanted: readonly ChatEvent[], withUsage: boolean): string {
  const encoder = openaiChat.encoder({ usage: withUsage, now })
  return wanted.map((event) => encoder.push(event)).join('') + encoder.end()
}

const bodies = (text: string): JsonObject[] =>
  text
    .split('\n\n')
    .filter((frame) => frame.startsWith('data: {'))
    .map((frame) => JSON.parse(frame.slice(6)) as JsonObject)

test('the order of a stream: role, deltas, one finish, usage, end mark', () => {
  const text = encode(events, true)
  assert.ok(text.endsWith('data: [DONE]\n\n'))
  const head = {
    id: 'gen-1',
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: 'm',
  }
  const chunk = (delta: Json, finish: string | null = null): Json => ({
    ...head,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  })
  assert.deepEqual(bodies(text), [
    chunk({ role: 'assistant', content: '' }),
    chunk({ reasoning: 'hm', reasoning_content: 'hm' }),
    chunk({ content: 'a' }),
    chunk({
      tool_calls: [{ index: 0, id: 'call_a', type: 'function', function: { name: 'f', arguments: '' } }],
    }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: '{"x":1}' } }] }),
    chunk({}, 'tool_calls'),
    { ...head, choices: [], usage: wireUsage },
  ])
})

test('usage goes only to clients that asked', () => {
  assert.ok(!encode(events, false).includes('"usage"'))
})

test('an answer without id, model or finish still has all three', () => {
  const chunks = bodies(encode([{ type: 'text-delta', text: 'a' }], true))
  assert.match(String(chunks[0]?.id), /^chatcmpl-[0-9a-f]{32}$/)
  assert.equal(new Set(chunks.map((chunk) => chunk.id)).size, 1)
  assert.equal(chunks[0]?.model, 'unknown')
  assert.deepEqual(chunks.at(-1)?.choices, [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }])
})

test('a whole answer has every member strict readers ask for', () => {
  assert.deepEqual(openaiChat.writeResult(events, { usage: true, now }), {
    id: 'gen-1',
    object: 'chat.completion',
    created: 1_790_000_000,
    model: 'm',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: 'a',
          refusal: null,
          reasoning: 'hm',
          reasoning_content: 'hm',
          tool_calls: [{ id: 'call_a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }],
        },
        logprobs: null,
        finish_reason: 'tool_calls',
      },
    ],
    usage: wireUsage,
    system_fingerprint: null,
  })
  const onlyCalls = openaiChat.writeResult(
    events.filter((event) => event.type.startsWith('tool')),
    { usage: true, now },
  )
  assert.match(JSON.stringify(onlyCalls), /"content":null/)
})

const words = (code: ErrorCode | string, status: number): Json => {
  const { error } = openaiChat.writeError({ status, code, message: 'm' }) as { error: JsonObject }
  return [error.type ?? null, error.code ?? null]
}

test('errors carry the words clients switch on', () => {
  assert.deepEqual(words('invalid_api_key', 401), ['invalid_request_error', 'invalid_api_key'])
  assert.deepEqual(words('model_not_found', 404), ['invalid_request_error', 'model_not_found'])
  assert.deepEqual(words('quota_exhausted', 429), ['rate_limit_error', 'rate_limit_exceeded'])
  assert.deepEqual(words('insufficient_credits', 402), ['insufficient_quota', 'insufficient_quota'])
  assert.deepEqual(words('context_length_exceeded', 400), [
    'invalid_request_error',
    'context_length_exceeded',
  ])
  for (const [code, status] of Object.entries(errorCodes)) {
    if (status >= 500) assert.deepEqual(words(code, status), ['server_error', code])
  }
})

test('an error frame has no choices, and facts go into metadata', () => {
  const error = {
    status: 429,
    code: 'quota_exhausted',
    message: 'm',
    param: 'model',
    details: { retry_after: 7 },
  }
  assert.equal(
    openaiChat.errorFrame(error),
    'data: {"error":{"message":"m","type":"rate_limit_error","param":"model","code":"rate_limit_exceeded","metadata":{"retry_after":7}}}\n\n',
  )
})

test('the openai client reads our stream, and takes our error frame for an error', async () => {
  const failing = encode(events.slice(0, 3), false).replace(/data: \{[^\n]*"delta":\{\}[^]*$/, '')
  const frame = openaiChat.errorFrame({ status: 502, code: 'upstream_failed', message: 'cut off' })
  const texts = [encode(events, true), failing + frame]
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(texts.shift())
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  try {
    const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
    const client = new OpenAI({ apiKey: 'x', baseURL, maxRetries: 0 })
    const ask = { model: 'm', messages: [{ role: 'user' as const, content: 'hi' }] }
    const stream = client.chat.completions.stream(ask)
    const answer = await stream.finalChatCompletion()
    const call = answer.choices[0]?.message.tool_calls?.[0]
    assert.equal(answer.choices[0]?.message.content, 'a')
    assert.equal(answer.choices[0]?.finish_reason, 'tool_calls')
    assert.ok(call?.type === 'function')
    assert.equal(call.function.arguments, '{"x":1}')
    assert.equal(answer.usage?.total_tokens, 15)
    await assert.rejects(client.chat.completions.stream(ask).finalChatCompletion(), /cut off/)
  } finally {
    server.close()
    server.closeAllConnections()
  }
})
