import assert from 'node:assert/strict'
import { test } from 'node:test'
import OpenAI from 'openai'
import { callOpenRouter, eventsOf, freeModel, orderOf } from '../../fixtures/client.ts'
import { startSimulator, type ScriptedFault, type Simulator } from '../../index.ts'
import type { Json } from '../../json.ts'

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const tool = { type: 'function' as const, name: 'get_weather', parameters, strict: false }

const ask = (sim: Simulator, more: Json = {}) => callOpenRouter(sim, '/responses', 0, more)
const outputOf = (json: Json): readonly Json[] => json['output'] as readonly Json[]
const official = (sim: Simulator): OpenAI =>
  new OpenAI({ apiKey: sim.keys.openrouter[0]!, baseURL: sim.openrouterUrl, maxRetries: 0 })

test('a whole response repeats what was asked and tells what it cost', async () => {
  await using sim = await startSimulator({ openrouter: { accounts: [{ balance: 1 }] } })
  const asked = {
    model: 'anthropic/claude-haiku-4.5',
    instructions: 'Be brief',
    max_output_tokens: 100,
    metadata: { a: 'b' },
  }
  const { json, headers } = await ask(sim, asked)
  const { id, object, status, model, instructions, max_output_tokens, metadata, store, output, usage } = json
  assert.deepEqual(
    { id, object, status, model, instructions, max_output_tokens, metadata, store },
    {
      id: headers.get('x-generation-id'),
      object: 'response',
      status: 'completed',
      model: 'anthropic/claude-4.5-haiku-20251001',
      instructions: 'Be brief',
      max_output_tokens: 100,
      metadata: { a: 'b' },
      store: false,
    },
  )
  const [message] = output as Json[]
  assert.match(String(message?.['id']), /^msg_/)
  assert.deepEqual(message?.['content'], [
    { type: 'output_text', text: 'You said: Hello there', annotations: [], logprobs: [] },
  ])
  assert.deepEqual(usage, {
    input_tokens: 5,
    output_tokens: 6,
    total_tokens: 11,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens_details: { reasoning_tokens: 0 },
    cost: 5 * 0.000001 + 6 * 0.000005,
    is_byok: false,
    cost_details: {
      upstream_inference_cost: null,
      upstream_inference_input_cost: 5 * 0.000001,
      upstream_inference_output_cost: 6 * 0.000005,
    },
  })
})

test('a stream in the official order, numbered from zero', async () => {
  await using sim = await startSimulator()
  const { text, headers } = await ask(sim, { stream: true, reasoning: { effort: 'low', summary: 'auto' } })
  assert.ok(text.startsWith(': OPENROUTER PROCESSING\n\n'))
  assert.deepEqual(orderOf(text), [
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.reasoning_summary_part.added',
    'response.reasoning_summary_text.delta',
    'response.reasoning_summary_text.done',
    'response.reasoning_summary_part.done',
    'response.output_item.done',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ])
  const events = eventsOf(text)
  for (const [index, { name, json }] of events.entries()) {
    assert.deepEqual([json['type'], json['sequence_number']], [name, index])
  }
  const done = events
    .filter(({ name }) => name === 'response.output_item.done')
    .map(({ json }) => json['item'])
  const last = events.at(-1)!.json['response'] as Json
  assert.deepEqual(last['output'], done, 'the end repeats every item')
  assert.equal(last['id'], headers.get('x-generation-id'))
  assert.equal((events[0]!.json['response'] as Json)['id'], last['id'])
  const whole = await ask(sim, { reasoning: { effort: 'low', summary: 'auto' } })
  const texts = (items: unknown): unknown => JSON.stringify(items).replaceAll(/"id":"[^"]*"/g, '')
  assert.equal(texts(whole.json['output']), texts(done))
})

test('reasoning without a summary comes as its own text, and can be taken along encrypted', async () => {
  await using sim = await startSimulator()
  const more = { reasoning: { effort: 'high' }, include: ['reasoning.encrypted_content'] }
  const { text } = await ask(sim, { ...more, stream: true })
  assert.ok(orderOf(text).includes('response.reasoning_text.delta'))
  const [reasoning] = outputOf((await ask(sim, more)).json)
  assert.deepEqual([reasoning?.['type'], reasoning?.['summary']], ['reasoning', []])
  assert.equal(typeof reasoning?.['encrypted_content'], 'string')
  const plain = await ask(sim, { reasoning: { effort: 'none' } })
  assert.equal(outputOf(plain.json).length, 1)
})

test('the official client reads tool calls of a stream, and their results are answered', async () => {
  await using sim = await startSimulator()
  const client = official(sim)
  const input = [{ role: 'user' as const, content: 'use get_weather' }]
  const asked = { model: freeModel, input, tools: [tool], store: false }
  const { output } = await client.responses.stream(asked).finalResponse()
  const call = output.find((item) => item.type === 'function_call')!
  assert.deepEqual([call.name, call.arguments], ['get_weather', '{"city":"example"}'])
  assert.match(call.call_id, /^call_/)
  assert.notEqual(call.id, call.call_id)
  const result = { type: 'function_call_output' as const, call_id: call.call_id, output: '12 degrees' }
  const answered = await client.responses.create({ ...asked, input: [...input, call, result] })
  assert.equal(answered.output_text, 'The tool answered: 12 degrees')
})

test('a function in a namespace is called with it', async () => {
  await using sim = await startSimulator()
  const tools = [
    { type: 'namespace', name: 'agents', description: '', tools: [tool] },
    { type: 'web_search' },
  ]
  const [call] = outputOf((await ask(sim, { input: 'use get_weather', tools })).json)
  assert.deepEqual([call?.['name'], call?.['namespace']], ['get_weather', 'agents'])
})

test('tokens that run out make it incomplete; images and schemas are taken in', async () => {
  await using sim = await startSimulator()
  const cut = await ask(sim, { max_output_tokens: 2 })
  assert.deepEqual(
    [cut.json['status'], cut.json['incomplete_details']],
    ['incomplete', { reason: 'max_output_tokens' }],
  )
  assert.equal(
    orderOf((await ask(sim, { max_output_tokens: 2, stream: true })).text).at(-1),
    'response.incomplete',
  )
  const model = 'google/gemma-4-31b-it:free'
  const image = { type: 'input_image', image_url: 'data:image/png;base64,AAAA' }
  const content = [image, { type: 'input_text', text: 'Look' }]
  const seen = await ask(sim, { model, input: [{ role: 'user', content }] })
  assert.match(seen.text, /I see 1 image \(3 bytes\)\. You said: Look/)
  const format = { type: 'json_schema', name: 'place', schema: parameters }
  assert.match((await ask(sim, { model, text: { format } })).text, /"text":"\{\\"city\\":\\"example\\"\}"/)
})

test('it keeps no state', async () => {
  await using sim = await startSimulator()
  const status = async (more: Json): Promise<number> => (await ask(sim, more)).status
  assert.equal(await status({ store: true }), 400)
  assert.equal(await status({ store: null }), 400)
  assert.equal(await status({ previous_response_id: 'resp_1' }), 400)
  assert.equal(await status({ input: [] }), 400)
  assert.equal(await status({ store: false, previous_response_id: null }), 200)
})

test('a refusal in its own form, or in that of the chat API', async () => {
  const accounts = [{ perDay: 0, userId: 'user_x' }]
  await using sim = await startSimulator({ openrouter: { accounts } })
  const own = (await ask(sim)).json
  assert.deepEqual(own['error'], {
    code: 'rate_limit_exceeded',
    message:
      'Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day',
  })
  assert.equal((own['metadata'] as Json)['limit_source'], 'openrouter_free_tier_daily')
  assert.equal(own['error_type'], 'rate_limit_exceeded')
  assert.equal((await ask(sim, { input: '' })).json['metadata'], null)
  await using other = await startSimulator({ openrouter: { accounts, responsesErrors: 'chat' } })
  const chat = (await ask(other)).json
  assert.deepEqual([(chat['error'] as Json)['code'], chat['user_id']], [429, 'user_x'])
})

test('the three ways in which a stream says that it failed', async () => {
  await using sim = await startSimulator()
  const play = async (fault: Partial<ScriptedFault> & Pick<ScriptedFault, 'kind'>): Promise<Json> => {
    sim.addFault({ provider: 'openrouter', ...fault })
    const events = eventsOf((await ask(sim, { stream: true })).text)
    const last = events.at(-1)!
    assert.equal(last.json['sequence_number'], events.length - 1)
    return last.json
  }
  const failed = await play({ kind: 'in-stream-error' })
  const response = failed['response'] as Json & { error: Json }
  assert.deepEqual(
    [failed['type'], response['status'], response.error['code'], response['error_type']],
    ['response.failed', 'failed', 'server_error', 'provider_unavailable'],
  )
  const early = await play({ kind: 'upstream-429', at: 'after-comments' })
  assert.deepEqual(
    [early['type'], early['code'], early['sequence_number']],
    ['error', 'rate_limit_exceeded', 0],
  )
  assert.equal((await play({ kind: 'choice-error' }))['type'], 'response.error')
  const opened = await play({ kind: 'upstream-429', at: 'mid-text', afterChunks: 0 })
  assert.deepEqual([opened['type'], opened['sequence_number']], ['response.failed', 4])
})

test('oddities of real servers: no event lines, a bare end, reasoning that closes late', async () => {
  await using sim = await startSimulator()
  const play = async (kind: ScriptedFault['kind']): Promise<string> => {
    sim.addFault({ provider: 'openrouter', kind })
    return (await ask(sim, { stream: true, reasoning: { effort: 'low' } })).text
  }
  const unnamed = eventsOf(await play('no-event-lines'))
  assert.ok(unnamed.every(({ name, json }) => name === undefined && typeof json['type'] === 'string'))
  const bare = eventsOf(await play('bare-completed')).at(-1)!.json
  assert.equal(bare['type'], 'response.completed')
  assert.deepEqual(
    [(bare['response'] as Json)['output'], (bare['response'] as Json)['usage']],
    [undefined, undefined],
  )
  const late = eventsOf(await play('late-reasoning'))
  const closed = late.filter(({ name }) => name === 'response.output_item.done')
  assert.deepEqual(
    closed.map(({ json }) => json['output_index']),
    [1, 0],
  )
  for (const [index, { json }] of late.entries()) assert.equal(json['sequence_number'], index)
  assert.equal(sim.counters().openrouter.answered, 3, 'the answers were right')
  sim.addFault({ provider: 'openrouter', kind: 'late-reasoning' })
  await callOpenRouter(sim, '/chat/completions', 0, { stream: true })
  assert.equal(sim.counters().openrouter.failed, 0)
  assert.match(JSON.stringify((await ask(sim)).json), /completed/)
})
