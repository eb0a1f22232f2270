import assert from 'node:assert/strict'
import { test } from 'node:test'
import OpenAI from 'openai'
import { askOpenRouter, freeModel, get, post, says, stillClock } from '../fixtures/client.ts'
import { startSimulator, type Simulator } from '../index.ts'
import type { Json } from '../json.ts'

const official = (sim: Simulator): OpenAI =>
  new OpenAI({ apiKey: sim.keys.openrouter[0]!, baseURL: sim.openrouterUrl, maxRetries: 0 })

const messages = [{ role: 'user' as const, content: 'Hello there' }]

test('the official OpenAI client reads a whole answer and a stream', async () => {
  await using sim = await startSimulator()
  const client = official(sim)
  const whole = await client.chat.completions.create({ model: freeModel, messages })
  assert.equal(whole.choices[0]?.message.content, 'You said: Hello there')
  assert.equal(whole.usage?.total_tokens, 9)
  let text = ''
  const stream = await client.chat.completions.create({ model: freeModel, messages, stream: true })
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  assert.equal(text, 'You said: Hello there')
})

test('the official client reads tool calls, JSON and a 429', async () => {
  await using sim = await startSimulator({ openrouter: { accounts: [{ perDay: 2 }] } })
  const client = official(sim)
  const schema = { type: 'object', properties: { answer: { type: 'integer' } }, required: ['answer'] }
  const called = await client.chat.completions.create({
    model: freeModel,
    messages,
    tools: [{ type: 'function', function: { name: 'look_up', parameters: schema } }],
    tool_choice: 'required',
  })
  const call = called.choices[0]?.message.tool_calls?.[0]
  assert.deepEqual(call?.type === 'function' ? JSON.parse(call.function.arguments) : call, { answer: 1 })
  const shaped = await client.chat.completions.create({
    model: 'google/gemma-4-31b-it:free',
    messages,
    response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
  })
  assert.equal(shaped.choices[0]?.message.content, '{"answer":1}')
  await assert.rejects(client.chat.completions.create({ model: freeModel, messages }), OpenAI.RateLimitError)
})

test('refusals of bad calls, in order', async () => {
  await using sim = await startSimulator({
    openrouter: { accounts: [{ keys: ['k', { key: 'off', disabled: true }] }] },
  })
  const url = `${sim.openrouterUrl}/chat/completions`
  const error = async (key: string | undefined, body: unknown): Promise<unknown> => {
    const { status, json } = await post(url, key, body)
    return [status, (json['error'] as Json)['message']]
  }
  assert.deepEqual(await error(undefined, {}), [401, 'No auth credentials found'])
  assert.deepEqual(await error('nobody', {}), [401, 'User not found.'])
  assert.deepEqual(await error('off', {}), [401, 'User not found.'])
  assert.deepEqual(await error('k', '{'), [400, 'Invalid JSON body'])
  assert.deepEqual(await error('k', says('x', { model: 'a/b' })), [400, 'a/b is not a valid model ID'])
  assert.deepEqual(await error('k', says('x', { model: freeModel, models: ['a/b'] })), [
    400,
    'a/b is not a valid model ID',
  ])
  assert.deepEqual(await error('k', says('x', { models: [freeModel, 'b', 'c', 'd'] })), [
    400,
    "'models' array must have 3 items or fewer.",
  ])
  assert.deepEqual((await post(url, 'nobody', {})).json, { error: { message: 'User not found.', code: 401 } })
  const { refusedBy, models } = sim.counters().openrouter
  assert.deepEqual(refusedBy, { 'no-key': 1, 'unknown-key': 3, 'bad-request': 2, 'unknown-model': 2 })
  assert.deepEqual(models, {}, 'made-up names stay out of the books')
})

test('a body over the cap is refused', async () => {
  await using sim = await startSimulator()
  const { status } = await askOpenRouter(sim, 0, { padding: 'x'.repeat(33 * 1024 * 1024) })
  assert.equal(status, 413)
})

test('models that are listed but do not serve', async () => {
  const clock = stillClock()
  const accounts = [{}, { blocksFreeModels: true }]
  await using sim = await startSimulator({ clock, openrouter: { accounts } })
  const status = async (number: number, more: Json): Promise<unknown> => {
    const reply = await askOpenRouter(sim, number, more)
    return [reply.status, (reply.json['error'] as Json)['message']]
  }
  const [harness, text] = (await status(0, { model: 'thinkingmachines/inkling:free' })) as [number, string]
  assert.equal(harness, 403)
  assert.match(text, /only available on agentic harnesses/)
  const tools = [{ type: 'function', function: { name: 'f' } }]
  assert.match(
    String(await status(0, { model: 'liquid/lfm-2.5-2.6b:free', tools })),
    /^404,No endpoints found that support tool use/,
  )
  const content = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }]
  const withImage = { messages: [{ role: 'user', content }] }
  assert.deepEqual(await status(0, withImage), [404, 'No endpoints found that support image input'])
  assert.match(String(await status(1, {})), /^404,No endpoints available matching your guardrail/)
  const expiring = { model: 'dots-studio/dots-3-note-preview:free' }
  assert.equal((await askOpenRouter(sim, 0, expiring)).status, 200)
  clock.advance(7 * 86_400_000)
  assert.deepEqual(await status(0, expiring), [404, `No endpoints found for ${expiring.model}.`])
})

test('openrouter/free picks by seed among the models that can', async () => {
  const picks = async (seed: number): Promise<string[]> => {
    await using sim = await startSimulator({ seed })
    const models: string[] = []
    for (let call = 0; call < 12; call += 1) {
      models.push(String((await askOpenRouter(sim, 0, { model: 'openrouter/free' })).json['model']))
    }
    return models
  }
  const first = await picks(1)
  assert.deepEqual(await picks(1), first)
  assert.ok(new Set(first).size > 2)
  assert.equal(
    first.some((model) => /inkling|content-safety|openrouter/.test(model)),
    false,
  )
  await using sim = await startSimulator()
  const content = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }]
  const seen = await askOpenRouter(sim, 0, {
    model: 'openrouter/free',
    messages: [{ role: 'user', content }],
  })
  assert.equal(seen.json['model'], 'google/gemma-4-31b-it:free')
})

test('model lists: whole, by page, filtered, single, of a user', async () => {
  const accounts = [{ blocksFreeModels: true }]
  await using sim = await startSimulator({ openrouter: { accounts } })
  const list = async (path: string, key?: string): Promise<Json & { data: Json[] }> =>
    (await get(sim.openrouterUrl + path, key)).json as Json & { data: Json[] }
  const all = await list('/models')
  assert.equal(all['total_count'], all.data.length)
  const { count } = (await get(`${sim.openrouterUrl}/models/count`)).json['data'] as Json
  assert.equal(count, all.data.length)
  const required =
    'id canonical_slug name created pricing context_length architecture top_provider per_request_limits supported_parameters default_parameters supported_voices links'
  for (const model of all.data) for (const name of required.split(' ')) assert.ok(name in model, name)
  const ids = all.data.map(({ id }) => id)
  assert.ok(ids.includes('inclusionai/ling-3.1-flash') && ids.includes('openrouter/free'))
  const page = await list('/models?offset=2&limit=3')
  assert.deepEqual(
    page.data.map(({ id }) => id),
    ids.slice(2, 5),
  )
  assert.deepEqual(page['links'], { next: '/api/v1/models?offset=5&limit=3' })
  const user = await list('/models/user', sim.keys.openrouter[0])
  assert.equal(
    user.data.some(({ id }) => String(id).endsWith(':free')),
    false,
  )
  assert.equal((await get(`${sim.openrouterUrl}/models/user`)).status, 401)
  const one = (await get(`${sim.openrouterUrl}/model/cohere/north-mini-code:free`)).json['data'] as Json
  assert.equal(one['id'], freeModel)
  assert.equal((await get(`${sim.openrouterUrl}/model/a/b`)).status, 404)
  assert.equal(sim.counters().openrouter.metadata, 7)
})

test('key, credits, generation', async () => {
  const accounts = [{ userId: 'user_x', creditsBought: 5, keys: ['sk-or-v1-0e6aaaaaaaaaaaaa1c96', 'k2'] }, {}]
  await using sim = await startSimulator({ openrouter: { accounts } })
  const read = (path: string, number = 0) => get(sim.openrouterUrl + path, sim.keys.openrouter[number])
  const key = (await read('/key')).json['data'] as Json
  assert.deepEqual(
    [key['label'], key['creator_user_id'], key['is_free_tier'], key['free_model_daily_requests']],
    ['sk-or-v1-0e6...1c96', 'user_x', false, { used: 0, limit: 50, remaining: 50 }],
  )
  assert.equal((await read('/credits')).status, 403)
  const id = String((await askOpenRouter(sim)).json['id'])
  const generation = (await read(`/generation?id=${id}`, 1)).json['data'] as Json
  assert.deepEqual(
    [generation['tokens_prompt'], generation['tokens_completion'], generation['total_cost']],
    [3, 6, 0],
  )
  assert.equal((await read(`/generation?id=${id}`, 2)).status, 404)
  assert.equal((await read('/nothing')).status, 404)
})

test('routing metadata comes when asked for, on answers and refusals', async () => {
  await using sim = await startSimulator({ openrouter: { accounts: [{ perDay: 1 }] } })
  const headers = { 'x-openrouter-metadata': 'enabled' }
  const body = says('hi', { model: 'openrouter/free' })
  const ask = () => post(`${sim.openrouterUrl}/chat/completions`, sim.keys.openrouter[0], body, { headers })
  assert.equal(((await ask()).json['openrouter_metadata'] as Json)['strategy'], 'free')
  assert.equal(((await ask()).json['openrouter_metadata'] as Json)['attempt'], 0)
  assert.equal('openrouter_metadata' in (await askOpenRouter(sim)).json, false)
})
