import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { foldEvents } from '../../chat/fold.ts'
import type { ChatEvent, JsonObject } from '../../chat/types.ts'
import { RequestError } from '../../errors.ts'
import { createFramer } from '../../wire/frames.ts'
import type { AnswerContext, Dialect } from '../dialect.ts'
import { ollama } from '../ollama/index.ts'
import { openaiChat } from '../openai-chat/index.ts'
import { anthropic } from './index.ts'

// What a request says when a client speaks one dialect and the upstream another, and what its answer says on the way back.

const context: AnswerContext = { usage: true, now: 1_790_000_000_000 }

function translate(from: Dialect, to: Dialect, body: JsonObject): { body: JsonObject; lost: string[] } {
  assert.equal(from.check(body), undefined)
  const request = from.readRequest(body)
  const lost: string[] = [...from.untold(request)]
  return { body: to.writeRequest(request, lost), lost }
}

const messages = (body: JsonObject): readonly JsonObject[] => body.messages as readonly JsonObject[]

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const png = 'iVBORw0KGgo='

/** A tool loop as an Anthropic client tells it: two calls at once, both results, the second one a failure. */
const claudeLoop: JsonObject = {
  model: 'm',
  max_tokens: 3000,
  system: [
    { type: 'text', text: 'Be brief.' },
    { type: 'text', text: 'Use tools.' },
  ],
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Like this?' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Two cities.', signature: 's1' },
        { type: 'text', text: 'Looking.' },
        { type: 'tool_use', id: 'toolu_a', name: 'weather', input: { city: 'Tokyo' } },
        { type: 'tool_use', id: 'toolu_b', name: 'weather', input: { city: 'Bern' } },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'toolu_a', content: [{ type: 'text', text: '18' }] },
        { type: 'tool_result', tool_use_id: 'toolu_b', content: 'no such city', is_error: true },
        { type: 'text', text: 'Go on.' },
      ],
    },
  ],
  tools: [{ name: 'weather', description: 'd', input_schema: schema, strict: true }],
  tool_choice: { type: 'auto', disable_parallel_tool_use: true },
  stop_sequences: ['END'],
  thinking: { type: 'enabled', budget_tokens: 2000 },
  metadata: { user_id: 'u1' },
}

/** The same, as an OpenAI client tells it. */
const chatLoop: JsonObject = {
  model: 'm',
  messages: [
    { role: 'system', content: 'Be brief.\n\nUse tools.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Like this?' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
      ],
    },
    {
      role: 'assistant',
      content: 'Looking.',
      reasoning: 'Two cities.',
      reasoning_details: [{ type: 'reasoning.text', text: 'Two cities.', signature: 's1', index: 0 }],
      tool_calls: [
        { id: 'toolu_a', type: 'function', function: { name: 'weather', arguments: '{"city":"Tokyo"}' } },
        { id: 'toolu_b', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'toolu_a', content: '18' },
    { role: 'tool', tool_call_id: 'toolu_b', content: 'Error: no such city' },
    { role: 'user', content: 'Go on.' },
  ],
  tools: [
    { type: 'function', function: { name: 'weather', description: 'd', parameters: schema, strict: true } },
  ],
  tool_choice: 'auto',
  parallel_tool_calls: false,
  max_tokens: 3000,
  stop: 'END',
  reasoning: { max_tokens: 2000 },
  user: 'u1',
}

test('a tool loop of an Anthropic client in OpenAI chat', () => {
  assert.deepEqual(translate(anthropic, openaiChat, claudeLoop), { body: chatLoop, lost: [] })
})

test('a tool loop of an OpenAI client in Anthropic Messages', () => {
  const { body, lost } = translate(openaiChat, anthropic, chatLoop)
  const [question = {}, answer = {}] = messages(claudeLoop)
  assert.deepEqual(body, {
    ...claudeLoop,
    system: 'Be brief.\n\nUse tools.',
    messages: [
      question,
      answer,
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_a', content: '18' },
          { type: 'tool_result', tool_use_id: 'toolu_b', content: 'Error: no such city' },
          { type: 'text', text: 'Go on.' },
        ],
      },
    ],
  })
  assert.deepEqual(lost, [])
})

test('a tool loop of an Anthropic client in Ollama', () => {
  const { body, lost } = translate(anthropic, ollama, claudeLoop)
  assert.deepEqual(lost, ['parallel_tool_calls dropped'])
  assert.deepEqual(body, {
    model: 'm',
    messages: [
      { role: 'system', content: 'Be brief.\n\nUse tools.' },
      { role: 'user', content: 'Like this?', images: [png] },
      {
        role: 'assistant',
        content: 'Looking.',
        thinking: 'Two cities.',
        tool_calls: [
          { id: 'toolu_a', function: { name: 'weather', arguments: { city: 'Tokyo' } } },
          { id: 'toolu_b', function: { name: 'weather', arguments: { city: 'Bern' } } },
        ],
      },
      { role: 'tool', content: '18', tool_call_id: 'toolu_a', tool_name: 'weather' },
      { role: 'tool', content: 'Error: no such city', tool_call_id: 'toolu_b', tool_name: 'weather' },
      { role: 'user', content: 'Go on.' },
    ],
    stream: false,
    tools: [{ type: 'function', function: { name: 'weather', description: 'd', parameters: schema } }],
    think: 'low',
    options: { num_predict: 3000, stop: ['END'] },
  })
})

test('a tool loop of an Ollama client without ids in Anthropic Messages', () => {
  const { body } = translate(ollama, anthropic, {
    model: 'm',
    messages: [
      { role: 'user', content: 'hi' },
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ function: { name: 'a.b', arguments: { x: 1 } } }, { function: { name: 'c' } }],
      },
      { role: 'tool', tool_name: 'c', content: 'second' },
      { role: 'tool', tool_name: 'a.b', content: 'first' },
    ],
    tools: [{ type: 'function', function: { name: 'a.b' } }],
    options: { num_predict: 50, temperature: 1.5 },
    think: false,
  })
  assert.deepEqual(messages(body).slice(1), [
    {
      role: 'assistant',
      content: [
        { type: 'tool_use', id: 'call_1_0', name: 'esc_a-2eb', input: { x: 1 } },
        { type: 'tool_use', id: 'call_1_1', name: 'c', input: {} },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'call_1_1', content: 'second' },
        { type: 'tool_result', tool_use_id: 'call_1_0', content: 'first' },
      ],
    },
  ])
  assert.deepEqual([body.max_tokens, body.temperature, body.thinking], [50, 1, { type: 'disabled' }])
})

test('images in a result go out with it', () => {
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } }
  const content = [{ type: 'text', text: 'a cat' }, image]
  const body = {
    max_tokens: 5,
    messages: [
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'look', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content }] },
    ],
  }
  assert.deepEqual(messages(translate(anthropic, openaiChat, body).body).slice(1), [
    { role: 'tool', tool_call_id: 'a', content: 'a cat' },
    {
      role: 'user',
      content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } }],
    },
  ])
  assert.deepEqual(messages(translate(anthropic, ollama, body).body).slice(1), [
    { role: 'tool', content: 'a cat', tool_call_id: 'a', tool_name: 'look', images: [png] },
  ])
})

test('structured output and effort, both ways', () => {
  const ask = { messages: [{ role: 'user', content: 'hi' }], model: 'm', max_tokens: 5 }
  const format = { type: 'json_schema', schema }
  const claude = { ...ask, thinking: { type: 'adaptive' }, output_config: { effort: 'high', format } }
  const chat = translate(anthropic, openaiChat, claude)
  assert.deepEqual(chat.body, {
    ...ask,
    reasoning_effort: 'high',
    response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
  })
  assert.deepEqual(translate(openaiChat, anthropic, chat.body).body, claude)
  const { body, lost } = translate(anthropic, ollama, claude)
  assert.deepEqual([body.format, body.think], [schema, 'high'])
  assert.deepEqual(lost, ['structured output asked for by instruction'])
})

test('an image that Ollama would have to fetch is refused', () => {
  const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }
  const body = { max_tokens: 5, messages: [{ role: 'user', content: [image] }] }
  assert.throws(() => translate(anthropic, ollama, body), RequestError)
  const [message] = messages(translate(anthropic, openaiChat, body).body)
  assert.deepEqual(message?.content, [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }])
})

function decode(dialect: Dialect, bytes: Uint8Array): ChatEvent[] {
  const framer = createFramer(dialect.framing)
  const decoder = dialect.decoder()
  return [...framer.feed(bytes), ...framer.end()].flatMap((frame) => decoder.push(frame))
}

function answered(from: Dialect, to: Dialect, name: string): readonly ChatEvent[] {
  const bytes = readFileSync(new URL(`../${from.name}/fixtures/${name}`, import.meta.url))
  const encoder = to.encoder(context)
  const text = decode(from, bytes)
    .map((event) => encoder.push(event))
    .join('')
  return decode(to, Buffer.from(text + encoder.end()))
}

test('the signature of an answer survives OpenAI chat in both directions', () => {
  assert.equal(
    foldEvents(answered(anthropic, openaiChat, 'thinking.sse')).signature,
    'c2lnbmVkLWJ5LW5vYm9keQ==',
  )
  assert.equal(foldEvents(answered(openaiChat, anthropic, 'reasoning.sse')).signature, 'c2ln')
  assert.equal(foldEvents(answered(anthropic, openaiChat, 'redacted.sse')).sealed, 'ZW5jcnlwdGVk')
})

test('caches and cost of an answer survive OpenAI chat in both directions', () => {
  assert.deepEqual(foldEvents(answered(anthropic, openaiChat, 'thinking.sse')).usage, {
    input: 194,
    output: 21,
    cached: 54,
    cacheWrite: 100,
    reasoning: 12,
  })
  const { usage } = foldEvents(answered(openaiChat, anthropic, 'reasoning.sse'))
  assert.deepEqual(usage, { input: 194, output: 12, cached: 64, reasoning: 5, nanoUsd: 140_000 })
})

test('stop reasons in all three dialects', () => {
  const words: readonly (readonly [string, string, string])[] = [
    ['end_turn', 'stop', 'stop'],
    ['stop_sequence', 'stop', 'stop'],
    ['max_tokens', 'length', 'length'],
    ['tool_use', 'tool_calls', 'stop'],
    ['refusal', 'content_filter', 'stop'],
  ]
  for (const [word, chat, native] of words) {
    const call = { type: 'tool_use', id: 'a', name: 'f', input: {} }
    const content = word === 'tool_use' ? [call] : [{ type: 'text', text: 'x' }]
    const events = anthropic.readResult({ id: 'msg_1', model: 'm', content, stop_reason: word })
    const [choice] = openaiChat.writeResult(events, context).choices as JsonObject[]
    assert.equal(choice?.finish_reason, chat, word)
    assert.equal(ollama.writeResult(events, context).done_reason, native, word)
    const back = openaiChat.readResult(openaiChat.writeResult(events, context))
    const expected = word === 'stop_sequence' ? 'end_turn' : word
    assert.equal(anthropic.writeResult(back, context).stop_reason, expected)
  }
})

test('a tool whose name had to be written otherwise is called by its own name', () => {
  const answer = {
    content: [{ type: 'tool_use', id: 'a', name: 'esc_a-2eb', input: {} }],
    stop_reason: 'tool_use',
  }
  assert.equal(foldEvents(anthropic.readResult(answer)).toolCalls[0]?.name, 'a.b')
})
