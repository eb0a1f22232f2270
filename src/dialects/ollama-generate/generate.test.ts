import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatEvent, ChatRequest, Json, JsonObject } from '../../chat/types.ts'
import { RequestError } from '../../errors.ts'
import { ollama } from '../ollama/index.ts'
import { openaiChat } from '../openai-chat/index.ts'
import { ollamaGenerate } from './index.ts'

const { readRequest, untold } = ollamaGenerate

test('a prompt is a conversation of one question', () => {
  const request = readRequest({
    model: 'm',
    prompt: 'What is this?',
    system: 'Be brief.',
    images: ['/9j/AA=='],
  })
  assert.deepEqual(request, {
    model: 'm',
    stream: true,
    system: [{ type: 'text', text: 'Be brief.' }],
    turns: [
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'What is this?' },
          { type: 'image', mediaType: 'image/jpeg', data: '/9j/AA==' },
        ],
      },
    ],
    tools: [],
  })
  assert.deepEqual(untold(request), [])
})

test('options, format and think reach a chat upstream', () => {
  const request = readRequest({
    prompt: 'x',
    stream: false,
    format: 'json',
    think: 'high',
    options: { num_predict: 7, temperature: 0.5, stop: ['END'] },
  })
  assert.deepEqual(openaiChat.writeRequest(request, []), {
    model: 'auto',
    messages: [{ role: 'user', content: 'x' }],
    max_tokens: 7,
    temperature: 0.5,
    stop: 'END',
    reasoning_effort: 'high',
    response_format: { type: 'json_object' },
  })
  assert.equal(ollamaGenerate.outline({ prompt: 'x', options: { num_predict: 7 } }).maxTokens, 7)
})

const losses = (more: JsonObject): readonly string[] => untold(readRequest({ prompt: 'x', ...more }))

test('what a chat cannot say is told; what asks for nothing is not', () => {
  assert.deepEqual(losses({ raw: true, template: '{{ .Prompt }}', width: 5 }), [
    'raw dropped',
    'template dropped',
    'width dropped',
  ])
  assert.deepEqual(losses({ raw: false, template: '', suffix: '', context: [], keep_alive: '5m' }), [])
})

test('a gap to fill and a conversation in tokens are refused: without them it would be another question', () => {
  const refused = (more: JsonObject, param: string): void =>
    assert.throws(
      () => losses(more),
      (error) => error instanceof RequestError && error.status === 400 && error.param === param,
    )
  refused({ suffix: '  return x' }, 'suffix')
  refused({ context: [1, 2, 3] }, 'context')
})

test('a longer conversation cannot be written as a prompt', () => {
  const turns: ChatRequest['turns'] = [
    { role: 'user', parts: [{ type: 'text', text: 'a' }] },
    { role: 'assistant', parts: [{ type: 'text', text: 'b' }] },
    { role: 'user', parts: [{ type: 'text', text: 'c' }] },
  ]
  const request = { model: 'm', stream: true, system: [], turns, tools: [] }
  assert.throws(() => ollamaGenerate.writeRequest(request, []), RequestError)
})

const events: readonly ChatEvent[] = [
  { type: 'message-start', id: 'x', model: 'm' },
  { type: 'reasoning-delta', text: 'hm' },
  { type: 'text-delta', text: 'é\n' },
  { type: 'finish', reason: 'length' },
  { type: 'usage', usage: { input: 10, output: 5 } },
  { type: 'message-end' },
]
const context = { usage: true, now: Date.UTC(2026, 10, 23) }
const created_at = '2026-11-23T00:00:00.000Z'

function withoutTimes(line: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(line).filter(([name]) => !name.endsWith('_duration')))
}

test('every line holds `response`; the last one an empty context and the counters', () => {
  const encoder = ollamaGenerate.encoder(context)
  const pushed = events.map((event) => encoder.push(event))
  for (const text of pushed) assert.ok(text === '' || text.endsWith('\n'))
  const lines = (pushed.join('') + encoder.end()).trimEnd().split('\n')
  assert.deepEqual(
    lines.map((line) => withoutTimes(JSON.parse(line) as JsonObject)),
    [
      { model: 'm', created_at, response: '', thinking: 'hm', done: false },
      { model: 'm', created_at, response: 'é\n', done: false },
      {
        model: 'm',
        created_at,
        response: '',
        context: [],
        done: true,
        done_reason: 'length',
        prompt_eval_count: 10,
        eval_count: 5,
      },
    ],
  )
})

test('a whole answer is one object of the same members', () => {
  assert.deepEqual(withoutTimes(ollamaGenerate.writeResult(events, context)), {
    model: 'm',
    created_at,
    response: 'é\n',
    thinking: 'hm',
    context: [],
    done: true,
    done_reason: 'length',
    prompt_eval_count: 10,
    eval_count: 5,
  })
  // The chat path's answers are not of this form, nor the other way round.
  const chat = ollama.writeResult(events, context)
  assert.equal(ollamaGenerate.readResult(chat)[0]?.type, 'error')
  assert.equal(ollama.readResult(ollamaGenerate.writeResult(events, context))[0]?.type, 'error')
})

test('check names the member at fault', () => {
  const rows: readonly (readonly [Json, string | undefined])[] = [
    [[], undefined],
    [{ prompt: 5 }, 'prompt'],
    [{ system: [] }, 'system'],
    [{ suffix: 5 }, 'suffix'],
    [{ raw: 'yes' }, 'raw'],
    [{ images: [5] }, 'images'],
    [{ options: { num_predict: 'x' } }, 'options.num_predict'],
    [{ stream: 'no' }, 'stream'],
  ]
  for (const [body, param] of rows)
    assert.equal(ollamaGenerate.check(body)?.param, param, JSON.stringify(body))
  assert.equal(ollamaGenerate.check({}), undefined)
})
