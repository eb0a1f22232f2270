import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatRequest, Json, JsonObject, Tool } from '../../chat/types.ts'
import { RequestError } from '../../errors.ts'
import { openaiChat } from '../openai-chat/index.ts'
import { check } from './check.ts'
import { readRequest, writeRequest } from './request.ts'

const weather: Tool = { name: 'weather', parameters: { properties: { city: { type: 'string' } } } }
const time: Tool = { name: 'time', parameters: true }
const base: ChatRequest = {
  model: 'm',
  stream: false,
  system: [{ type: 'text', text: 'Be brief.' }],
  turns: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }],
  tools: [],
}

interface Written extends JsonObject {
  readonly messages: readonly JsonObject[]
  readonly tools: readonly JsonObject[]
}

function write(more: Partial<ChatRequest>): { body: Written; lost: string[]; system: string } {
  const lost: string[] = []
  const body = writeRequest({ ...base, ...more }, lost) as Written
  return { body, lost, system: String(body.messages[0]?.content) }
}

function fromChat(more: JsonObject): { body: Written; lost: string[] } {
  const request = openaiChat.readRequest({ messages: [{ role: 'user', content: 'hi' }], ...more })
  const lost: string[] = [...openaiChat.untold(request)]
  return { body: writeRequest(request, lost) as Written, lost }
}

test('the least request: stream is always said', () => {
  assert.deepEqual(write({}).body, {
    model: 'm',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'hi' },
    ],
    stream: false,
  })
})

test('tools always have parameters of type object with properties', () => {
  const { body } = write({ tools: [weather, time] })
  assert.deepEqual(body.tools, [
    {
      type: 'function',
      function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
    },
    { type: 'function', function: { name: 'time', parameters: { type: 'object', properties: {} } } },
  ])
})

test('tool choice is said by leaving tools out, or in words', () => {
  const tools = [weather, time]
  assert.equal(write({ tools, toolChoice: 'none' }).body.tools, undefined)
  const required = write({ tools, toolChoice: 'required' })
  assert.equal(required.body.tools.length, 2)
  assert.match(required.system, /^Be brief\.\n\nAnswer by calling at least one/)
  assert.deepEqual(required.lost, ['tool_choice emulated by instruction'])
  const named = write({ tools, toolChoice: { name: 'time' } })
  assert.equal(named.body.tools.length, 1)
  assert.match(named.system, /the tool "time"/)
  // Negative control: `auto` says nothing.
  const auto = write({ tools, toolChoice: 'auto' })
  assert.deepEqual([auto.system, auto.lost], ['Be brief.', []])
  assert.throws(() => write({ tools, toolChoice: { name: 'nope' } }), RequestError)
})

test('structured output goes out as format and in words; with tools only in words', () => {
  const schema = { type: 'object', properties: { a: { type: 'number' } } }
  assert.deepEqual(
    [write({ format: {} }).body.format, write({ format: {} }).lost],
    ['json', ['structured output asked for by instruction']],
  )
  const alone = write({ format: { schema } })
  assert.deepEqual(alone.body.format, schema)
  assert.ok(alone.system.includes(JSON.stringify(schema)))
  assert.deepEqual(alone.lost, ['structured output asked for by instruction'])
  const withTools = write({ format: { schema }, tools: [weather] })
  assert.equal(withTools.body.format, undefined)
  assert.ok(withTools.system.includes(JSON.stringify(schema)))
})

const think = (reasoning: ChatRequest['reasoning']): Json | undefined =>
  write(reasoning === undefined ? {} : { reasoning }).body.think

test('reasoning effort and budgets become levels', () => {
  const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const
  assert.deepEqual(
    efforts.map((effort) => think({ effort })),
    [false, 'low', 'low', 'medium', 'high', 'max', 'max'],
  )
  assert.deepEqual(
    [2000, 8000, 20_000].map((maxTokens) => think({ maxTokens })),
    ['low', 'medium', 'high'],
  )
  assert.equal(think(undefined), undefined)
})

test('one call at a time is promised to whoever has tools to call', () => {
  assert.deepEqual(write({ parallelTools: false, tools: [weather] }).lost, ['parallel_tool_calls dropped'])
  assert.deepEqual(write({ parallelTools: false }).lost, [])
})

test('limits and sampling become options', () => {
  const { body } = write({ maxTokens: 5, temperature: 0, topP: 0.9, seed: 7, stop: ['END'] })
  assert.deepEqual(body.options, { num_predict: 5, temperature: 0, top_p: 0.9, seed: 7, stop: ['END'] })
})

test('members of a Chat Completions client are carried or reported', () => {
  const { body, lost } = fromChat({
    top_k: 5,
    min_p: 0.1,
    repetition_penalty: 1.1,
    frequency_penalty: 0.5,
    presence_penalty: 0.2,
    logit_bias: { 5: 1 },
    n: 2,
    user: 'u',
    logprobs: true,
    parallel_tool_calls: false,
    reasoning_effort: 'ultra',
    tool_choice: { type: 'allowed_tools' },
    tools: [{ type: 'custom' }],
    response_format: { type: 'grammar' },
  })
  assert.deepEqual(body.options, {
    top_k: 5,
    min_p: 0.1,
    repeat_penalty: 1.1,
    frequency_penalty: 0.5,
    presence_penalty: 0.2,
  })
  assert.equal(body.logprobs, true)
  assert.deepEqual(lost.sort(), [
    'logit_bias dropped',
    'n dropped',
    'reasoning_effort dropped',
    'response_format dropped',
    'tool of type "custom" dropped',
    'tool_choice dropped',
  ])
  assert.deepEqual(
    fromChat({ n: 1, logit_bias: null, stream_options: {}, response_format: { type: 'text' } }).lost,
    [],
  )
})

const ask = (part: JsonObject): unknown => fromChat({ messages: [{ role: 'user', content: [part] }] })

const refusal = (words: RegExp) => (error: unknown) =>
  error instanceof RequestError && error.code === 'invalid_request' && words.test(error.message)

const image = (url: string): JsonObject => ({ type: 'image_url', image_url: { url } })

test('what cannot be left out without changing the question is refused', () => {
  assert.throws(
    () => ask(image('https://example.com/a.png')),
    refusal(/image URLs are not supported by this route/),
  )
  assert.throws(() => ask(image('data:image/svg+xml,<svg/>')), refusal(/not base64/))
  assert.throws(() => ask({ type: 'input_audio', input_audio: {} }), refusal(/"input_audio"/))
  assert.doesNotThrow(() => ask(image('data:image/png;base64,AAAA')))
})

test('calls and results: arguments are objects, results carry id and name', () => {
  const { body } = write({
    turns: [
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'hm' },
          { type: 'tool-call', id: 'a', name: 'weather', args: '{"city":"Tokyo"}' },
          { type: 'tool-call', id: 'b', name: 'time', args: '' },
          { type: 'tool-call', id: 'c', name: 'time', args: '{"cut' },
        ],
      },
      {
        role: 'user',
        parts: [
          { type: 'tool-result', id: 'a', text: '18' },
          { type: 'tool-result', id: 'b', text: 'noon' },
          { type: 'image', mediaType: 'image/png', data: 'AAAA' },
        ],
      },
      {
        role: 'user',
        parts: [
          { type: 'tool-result', id: 'c', name: 'clock', text: 'x' },
          { type: 'text', text: 'one' },
          { type: 'text', text: 'two' },
          { type: 'image', mediaType: 'image/png', data: 'BBBB' },
        ],
      },
    ],
  })
  assert.deepEqual(body.messages.slice(1), [
    {
      role: 'assistant',
      content: '',
      thinking: 'hm',
      tool_calls: [
        { id: 'a', function: { name: 'weather', arguments: { city: 'Tokyo' } } },
        { id: 'b', function: { name: 'time', arguments: {} } },
        { id: 'c', function: { name: 'time', arguments: { _raw: '{"cut' } } },
      ],
    },
    { role: 'tool', content: '18', tool_call_id: 'a', tool_name: 'weather' },
    { role: 'tool', content: 'noon', tool_call_id: 'b', tool_name: 'time', images: ['AAAA'] },
    { role: 'tool', content: 'x', tool_call_id: 'c', tool_name: 'clock' },
    { role: 'user', content: 'one\ntwo', images: ['BBBB'] },
  ])
})

const call = (name: string, id?: string): JsonObject => ({
  ...(id === undefined ? {} : { id }),
  function: { name },
})

const ids = (calls: readonly JsonObject[], ...results: readonly JsonObject[]): readonly Json[] => {
  const tools = results.map((result) => ({ role: 'tool', content: 'x', ...result }))
  const { turns } = readRequest({ messages: [{ role: 'assistant', tool_calls: calls }, ...tools] })
  return turns
    .slice(1)
    .map(({ parts: [part] }) => (part?.type === 'tool-result' ? [part.id, part.name ?? ''] : ''))
}

test('results of a client find their call by id, by name, or by order', () => {
  const two = [call('f', 'a'), call('g', 'b')]
  assert.deepEqual(ids(two, { tool_call_id: 'b' }, { tool_call_id: 'a' }), [
    ['b', 'g'],
    ['a', 'f'],
  ])
  assert.deepEqual(ids(two, { tool_name: 'g' }, { tool_name: 'f' }), [
    ['b', 'g'],
    ['a', 'f'],
  ])
  assert.deepEqual(ids(two, {}, {}), [
    ['a', 'f'],
    ['b', 'g'],
  ])
  assert.deepEqual(ids([call('f'), call('f')], { tool_name: 'f' }, { tool_name: 'f' }), [
    ['call_0_0', 'f'],
    ['call_0_1', 'f'],
  ])
  assert.deepEqual(ids([], {}), [['call_1', '']])
})

test('a client that says nothing wants a stream', () => {
  assert.equal(readRequest({ messages: [] }).stream, true)
  assert.equal(readRequest({ messages: [], stream: false }).stream, false)
})

test('check names the member at fault', () => {
  const hello = { role: 'user', content: 'hi' }
  const refused: readonly (readonly [Json, string | undefined])[] = [
    ['x', undefined],
    [{}, 'messages'],
    [{ messages: [] }, 'messages'],
    [{ messages: [{ role: 'developer', content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: [] }] }, 'messages[0].content'],
    [{ messages: [{ ...hello, images: [5] }] }, 'messages[0].images'],
    [{ messages: [{ role: 'assistant', tool_calls: [{}] }] }, 'messages[0].tool_calls[0].function'],
    [{ messages: [hello], model: 5 }, 'model'],
    [{ messages: [hello], stream: 1 }, 'stream'],
    [{ messages: [hello], options: [] }, 'options'],
    [{ messages: [hello], options: { temperature: 'x' } }, 'options.temperature'],
    [{ messages: [hello], options: { stop: 5 } }, 'options.stop'],
    [{ messages: [hello], format: 5 }, 'format'],
    [{ messages: [hello], think: 5 }, 'think'],
    [{ messages: [hello], tools: [{ function: {} }] }, 'tools[0].function.name'],
  ]
  for (const [body, param] of refused) {
    const problem = check(body)
    assert.ok(problem !== undefined, JSON.stringify(body))
    assert.equal(problem.param, param)
  }
  const fine = {
    messages: [{ role: 'User', content: null }],
    think: 'max',
    format: '',
    options: null,
    keep_alive: '5m',
  }
  assert.equal(check(fine), undefined)
})
