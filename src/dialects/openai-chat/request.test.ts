import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatRequest, JsonObject } from '../../chat/types.ts'
import { ollama } from '../ollama/index.ts'
import { readRequest, writeRequest } from './request.ts'

const hello = { role: 'user', content: 'hi' }
const read = (more: JsonObject): ChatRequest => readRequest({ messages: [hello], ...more })

test('a request that names no model asks for auto', () => {
  assert.equal(read({}).model, 'auto')
  assert.equal(read({ model: null }).model, 'auto')
  assert.equal(read({ model: 'm' }).model, 'm')
})

test('a request that neutral words can say keeps nothing', () => {
  assert.equal(read({ model: 'm', stream: true, temperature: 0.5, max_tokens: 5 }).extra, undefined)
})

test('the newer limit wins and goes back under its own name', () => {
  const body = { messages: [hello], model: 'm', max_tokens: 9, max_completion_tokens: 7 }
  const request = readRequest(body)
  assert.equal(request.maxTokens, 7)
  assert.deepEqual(writeRequest(request, []), body)
  const changed = writeRequest({ ...request, maxTokens: 5 }, [])
  assert.deepEqual([changed.max_tokens, changed.max_completion_tokens], [5, undefined])
})

test('reasoning in all its forms', () => {
  assert.deepEqual(read({ reasoning_effort: 'high' }).reasoning, { effort: 'high' })
  assert.deepEqual(read({ reasoning: { effort: 'low' } }).reasoning, { effort: 'low' })
  assert.deepEqual(read({ reasoning: { max_tokens: 2000 } }).reasoning, { maxTokens: 2000 })
  assert.deepEqual(read({ reasoning: { enabled: true } }).reasoning, { effort: 'medium' })
  assert.deepEqual(read({ reasoning: { enabled: false } }).reasoning, { effort: 'none' })
  assert.equal(read({ reasoning_effort: 'ultra' }).reasoning, undefined)
  assert.equal(read({}).reasoning, undefined)
})

test('system and developer messages at the head are the system, later ones stay in place', () => {
  const { system, turns } = readRequest({
    messages: [
      { role: 'system', content: 'a' },
      {
        role: 'developer',
        content: [
          { type: 'text', text: 'b' },
          { type: 'text', text: 'c' },
        ],
      },
      hello,
      { role: 'system', content: 'd' },
    ],
  })
  assert.deepEqual(
    system.map((part) => part.text),
    ['a', 'b\nc'],
  )
  assert.deepEqual(
    turns.map((turn) => turn.role),
    ['user', 'system'],
  )
})

test('images inline and by address', () => {
  const content = [
    { type: 'image_url', image_url: { url: 'data:image/webp;base64,AAAA' } },
    { type: 'image_url', image_url: 'data:;base64,BBBB' },
    { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
  ]
  assert.deepEqual(readRequest({ messages: [{ role: 'user', content }] }).turns[0]?.parts, [
    { type: 'image', mediaType: 'image/webp', data: 'AAAA' },
    { type: 'image', mediaType: 'image/png', data: 'BBBB' },
    { type: 'image-url', url: 'https://example.com/a.png' },
  ])
})

test('several results of one turn become one message each, before the rest', () => {
  const request: ChatRequest = {
    model: 'm',
    stream: false,
    system: [],
    tools: [],
    turns: [
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'and now?' },
          { type: 'tool-result', id: 'a', text: '1' },
          { type: 'tool-result', id: 'b', text: '2' },
        ],
      },
    ],
  }
  assert.deepEqual(writeRequest(request, []).messages, [
    { role: 'tool', tool_call_id: 'a', content: '1' },
    { role: 'tool', tool_call_id: 'b', content: '2' },
    { role: 'user', content: 'and now?' },
  ])
})

test('options of an Ollama client that have a name here are carried, others reported', () => {
  const options = { top_k: 5, repeat_penalty: 1.1, num_ctx: 8192, mirostat: 1, temperature: 0 }
  const body = ollama.readRequest({
    model: 'm',
    messages: [hello],
    options,
    keep_alive: 5,
    raw: true,
    logprobs: true,
  })
  const lost = [...ollama.untold(body)]
  const written = writeRequest(body, lost)
  assert.deepEqual(
    [written.top_k, written.repetition_penalty, written.temperature, written.logprobs],
    [5, 1.1, 0, true],
  )
  assert.deepEqual(lost.sort(), ['options.mirostat dropped', 'raw dropped'])
})

test('a request member named like a prototype harms nothing', () => {
  const body = JSON.parse(
    '{"messages":[{"role":"user","content":"hi"}],"__proto__":{"model":"evil"}}',
  ) as JsonObject
  const written = writeRequest(readRequest(body), [])
  assert.equal(written.model, 'auto')
  assert.equal(Object.getPrototypeOf(written), Object.prototype)
})
