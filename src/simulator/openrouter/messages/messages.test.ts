import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callOpenRouter, eventsOf, freeModel, orderOf, post } from '../../fixtures/client.ts'
import { startSimulator, type Simulator } from '../../index.ts'
import type { Json } from '../../json.ts'

const claude = 'anthropic/claude-haiku-4.5'
const schema = { type: 'object', properties: { city: { type: 'string' } } }
const tools = [
  { name: 'get_weather', input_schema: schema },
  { type: 'web_search_20250305', name: 'web_search' },
]

const ask = (sim: Simulator, more: Json = {}) => callOpenRouter(sim, '/messages', 0, more)
const say = (content: unknown, role = 'user') => ({ role, content })
const contentOf = (json: Json): readonly Json[] => json['content'] as readonly Json[]

test('a whole message, with its price beside its tokens', async () => {
  await using sim = await startSimulator({ openrouter: { accounts: [{ balance: 1 }] } })
  const { json, headers } = await ask(sim, { model: claude })
  assert.deepEqual(json, {
    id: headers.get('x-generation-id'),
    type: 'message',
    role: 'assistant',
    container: null,
    model: 'anthropic/claude-4.5-haiku-20251001',
    content: [{ type: 'text', text: 'You said: Hello there', citations: [] }],
    stop_reason: 'end_turn',
    stop_details: null,
    stop_sequence: null,
    usage: {
      input_tokens: 3,
      output_tokens: 6,
      output_tokens_details: null,
      cache_creation_input_tokens: null,
      cache_read_input_tokens: null,
      cache_creation: null,
      server_tool_use: null,
      service_tier: null,
      speed: 'standard',
      cost: 3 * 0.000001 + 6 * 0.000005,
      is_byok: false,
      cost_details: {
        upstream_inference_cost: null,
        upstream_inference_prompt_cost: 3 * 0.000001,
        upstream_inference_completions_cost: 6 * 0.000005,
      },
    },
    provider: 'Anthropic',
  })
})

test('a stream: blocks one after the other, each event under its name', async () => {
  await using sim = await startSimulator({ openrouter: { accounts: [{ balance: 1 }] } })
  const more = { model: claude, stream: true, thinking: { type: 'enabled', budget_tokens: 1024 } }
  const { text, headers } = await ask(sim, more)
  assert.equal(headers.get('content-type'), 'text/event-stream')
  assert.ok(text.startsWith(': OPENROUTER PROCESSING\n\n'))
  assert.deepEqual(orderOf(text), [
    'message_start',
    'ping',
    'content_block_start',
    'content_block_delta',
    'content_block_stop',
    'content_block_start',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ])
  const events = eventsOf(text)
  for (const { name, json } of events) assert.equal(json['type'], name)
  const deltas = events.filter(({ name }) => name === 'content_block_delta').map(({ json }) => json)
  const kinds = deltas.map(({ index, delta }) => `${String(index)} ${String((delta as Json)['type'])}`)
  assert.deepEqual([...new Set(kinds)], ['0 thinking_delta', '0 signature_delta', '1 text_delta'])
  const said = deltas.map(({ delta }) => (delta as Json)['text'] ?? '').join('')
  assert.equal(said, 'You said: Hello there')
  const start = events[0]!.json['message'] as Json & { usage: Json }
  assert.deepEqual(
    [start['id'], start['content'], start['stop_reason'], start.usage['input_tokens']],
    [headers.get('x-generation-id'), [], null, 3],
  )
  const end = events.at(-2)!.json as { delta: Json; usage: Json }
  assert.equal(end.delta['stop_reason'], 'end_turn')
  assert.deepEqual([end.usage['input_tokens'], end.usage['output_tokens']], [3, 20])
  assert.deepEqual(end.usage['output_tokens_details'], { thinking_tokens: 14 })
})

test('models of others tell their tokens only at the end, and do not sign', async () => {
  await using sim = await startSimulator()
  const { text } = await ask(sim, { stream: true, thinking: { type: 'adaptive' } })
  const start = eventsOf(text)[0]!.json['message'] as { usage: Json }
  assert.deepEqual([start.usage['input_tokens'], start.usage['output_tokens']], [0, 0])
  assert.equal(text.includes('signature_delta'), false)
})

test('tools: called with their input, their results answered', async () => {
  await using sim = await startSimulator()
  const question = say('use get_weather and web_search')
  const called = contentOf((await ask(sim, { messages: [question], tools })).json)
  assert.match(String(called[0]?.['id']), /^toolu_/)
  assert.deepEqual(
    called.map(({ type, name, input }) => ({ type, name, input })),
    [{ type: 'tool_use', name: 'get_weather', input: { city: 'example' } }],
    'the tools of the server are not called',
  )
  const { text } = await ask(sim, { messages: [question], tools, stream: true })
  const pieces = eventsOf(text).flatMap(
    ({ json }) => (json['delta'] as Json | undefined)?.['partial_json'] ?? [],
  )
  assert.deepEqual([pieces.length, pieces.join('')], [2, '{"city":"example"}'])
  assert.match(text, /"stop_reason":"tool_use"/)

  const result = {
    type: 'tool_result',
    tool_use_id: called[0]?.['id'],
    content: [{ type: 'text', text: '12°' }],
  }
  const reminder = { type: 'text', text: 'Remember to use get_weather.' }
  const turns = [question, say(called, 'assistant'), say([result, reminder])]
  const afterwards = [...turns, say('You are brief.', 'system')]
  for (const messages of [turns, afterwards]) {
    const { json } = await ask(sim, { messages, tools })
    assert.equal(contentOf(json)[0]?.['text'], 'The tool answered: 12°')
  }
})

test('the choice of a tool, and one call at a time', async () => {
  await using sim = await startSimulator()
  const two = [tools[0]!, { name: 'get_time', input_schema: schema }]
  const names = async (content: string, tool_choice: Json): Promise<unknown> => {
    const { json } = await ask(sim, { messages: [say(content)], tools: two, tool_choice })
    return contentOf(json).map(({ name }) => name)
  }
  assert.deepEqual(await names('Hello', { type: 'any' }), ['get_weather'])
  assert.deepEqual(await names('Hello', { type: 'tool', name: 'get_time' }), ['get_time'])
  assert.deepEqual(await names('get_time get_weather', { type: 'none' }), [undefined])
  const both = 'get_time and get_weather'
  assert.equal(((await names(both, { type: 'auto' })) as string[]).length, 2)
  const one = { type: 'auto', disable_parallel_tool_use: true }
  assert.deepEqual(await names(both, one), ['get_weather'])
})

test('why a message ended', async () => {
  await using sim = await startSimulator()
  const ending = async (more: Json): Promise<unknown> => {
    const { json } = await ask(sim, more)
    return [json['stop_reason'], json['stop_sequence'], contentOf(json)[0]?.['text']]
  }
  assert.deepEqual(await ending({ max_tokens: 2 }), ['max_tokens', null, 'You said'])
  assert.deepEqual(await ending({ stop_sequences: ['there', 'lo'] }), [
    'stop_sequence',
    'lo',
    'You said: Hel',
  ])
  assert.deepEqual(await ending({}), ['end_turn', null, 'You said: Hello there'])
})

test('system, images and a schema are taken in', async () => {
  await using sim = await startSimulator()
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }
  const linked = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }
  const model = 'google/gemma-4-31b-it:free'
  const seen = await ask(sim, { model, messages: [say([image, linked, { type: 'text', text: 'Look' }])] })
  assert.equal(
    contentOf(seen.json)[0]?.['text'],
    'I see 2 images (3 bytes, given by address). You said: Look',
  )
  const format = { type: 'json_schema', schema: { ...schema, required: ['city'] } }
  const shaped = await ask(sim, { model, output_config: { format } })
  assert.equal(contentOf(shaped.json)[0]?.['text'], '{"city":"example"}')
  const system = [{ type: 'text', text: 'x'.repeat(40), cache_control: { type: 'ephemeral' } }]
  const { usage } = (await ask(sim, { system })).json as { usage: Json }
  assert.equal(usage['input_tokens'], 13)
})

test('fallbacks come in either form, not in both', async () => {
  await using sim = await startSimulator()
  sim.addFault({ provider: 'openrouter', kind: 'no-endpoints', model: freeModel, times: 'always' })
  const next = 'poolside/laguna-xs-2.1:free'
  assert.equal((await ask(sim, { models: [next] })).json['model'], next)
  assert.equal((await ask(sim, { fallbacks: [{ model: next }] })).json['model'], next)
  const refused = async (more: Json): Promise<unknown> => {
    const { status, json } = await ask(sim, more)
    return [status, (json['error'] as Json)['message']]
  }
  const both = { models: [next], fallbacks: [{ model: next }] }
  assert.deepEqual(await refused(both), [
    400,
    'Invalid request: models and fallbacks cannot be used together',
  ])
  assert.deepEqual(await refused({ fallbacks: [{ model: next, max_tokens: 9 }] }), [
    400,
    'Invalid request: a fallback takes a model and nothing else',
  ])
  const four = Array.from({ length: 4 }, () => ({ model: next }))
  assert.equal((await ask(sim, { fallbacks: four })).status, 400)
  assert.equal((await ask(sim, { models: four.map(({ model }) => model) })).status, 400)
})

test('errors have the envelope of Anthropic, and the id of what was routed', async () => {
  const accounts = [{ keys: ['k'], perDay: 0 }]
  await using sim = await startSimulator({ openrouter: { accounts } })
  const url = `${sim.openrouterUrl}/messages`
  const missing = await post(url, 'k', { model: freeModel })
  assert.deepEqual(
    [missing.status, missing.json],
    [
      400,
      {
        type: 'error',
        error: {
          type: 'invalid_request_error',
          message: 'Invalid request: messages is required',
          error_type: 'invalid_request',
        },
        request_id: null,
      },
    ],
  )
  const type = async (key: string, more: Json = {}): Promise<unknown> => {
    const { status, json } = await post(url, key, { model: freeModel, messages: [say('x')], ...more })
    return [status, (json['error'] as Json)['type'], json['request_id'] === null]
  }
  assert.deepEqual(await type('nobody'), [401, 'authentication_error', true])
  assert.deepEqual(await type('k', { model: claude }), [402, 'billing_error', true])
  assert.deepEqual(await type('k'), [429, 'rate_limit_error', true])
  assert.deepEqual(await type('k', { model: undefined }), [400, 'invalid_request_error', true])
  const spent = await post(url, 'k', { model: freeModel, messages: [say('x')] })
  assert.equal(spent.headers.get('x-ratelimit-limit'), '0', 'the limits ride in the headers')
})

test('[DONE] can follow the end, as captures have it', async () => {
  await using sim = await startSimulator({ openrouter: { extraDone: true } })
  const { text } = await ask(sim, { stream: true })
  assert.ok(
    text.endsWith('event: message_stop\ndata: {"type":"message_stop"}\n\nevent: data\ndata: [DONE]\n\n'),
  )
})
