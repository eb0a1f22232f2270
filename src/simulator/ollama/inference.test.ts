import assert from 'node:assert/strict'
import { test } from 'node:test'
import OpenAI from 'openai'
import { askOllama, get, linesOf, open, post, says, stillClock } from '../fixtures/client.ts'
import { startSimulator, type ScriptedFault } from '../index.ts'
import type { Json } from '../json.ts'

const parameters = { type: 'object', properties: { city: { type: 'string' } } }
const tools = [{ type: 'function', function: { name: 'get_weather', parameters } }]

test('a stream of lines, with metrics in the last', async () => {
  await using sim = await startSimulator({ clock: stillClock() })
  const body = says('Hello there', { model: 'gemma4:31b', think: true })
  const reply = await post(`${sim.ollamaUrl}/api/chat`, sim.keys.ollama[0], body)
  assert.equal(reply.headers.get('content-type'), 'application/x-ndjson')
  const lines = linesOf(reply.text) as (Json & { message: Json })[]
  const created_at = '2026-11-23T10:30:15.000417259Z'
  assert.deepEqual(lines[0], {
    model: 'gemma4:31b',
    created_at,
    message: { role: 'assistant', content: '', thinking: 'The' },
    done: false,
  })
  assert.equal(lines.map(({ message }) => message['content']).join(''), 'You said: Hello there')
  assert.deepEqual(lines.at(-1), {
    model: 'gemma4:31b',
    created_at,
    message: { role: 'assistant', content: '' },
    done: true,
    done_reason: 'stop',
    total_duration: 2_154_458 + 3 * 383_809 + 20 * 16_107_114,
    load_duration: 2_154_458,
    prompt_eval_count: 3,
    prompt_eval_cached_count: 0,
    prompt_eval_duration: 3 * 383_809,
    eval_count: 20,
    eval_duration: 20 * 16_107_114,
  })
})

test('a tool call comes whole in one line; its result is answered', async () => {
  await using sim = await startSimulator()
  const question = { role: 'user', content: 'use get_weather' }
  const called = await askOllama(sim, 0, { messages: [question], tools, stream: true })
  const lines = linesOf(called.text) as { message: Json; done: boolean }[]
  assert.equal(lines.length, 2)
  const message = lines[0]!.message as Json & { tool_calls: (Json & { id: string })[] }
  assert.match(message.tool_calls[0]!.id, /^call_[a-z0-9]{8}$/)
  assert.deepEqual(message.tool_calls[0]!['function'], {
    index: 0,
    name: 'get_weather',
    arguments: { city: 'example' },
  })
  const result = { role: 'tool', tool_name: 'get_weather', content: '12 degrees' }
  const answered = await askOllama(sim, 0, { messages: [question, message, result], tools })
  assert.equal((answered.json['message'] as Json)['content'], 'The tool answered: 12 degrees')
  const mismatched = await askOllama(sim, 0, { messages: [question, result], tools })
  assert.equal(mismatched.status, 400)
  assert.deepEqual(mismatched.json, {
    error: 'Invalid tool usage: mismatch between tool calls and tool results',
  })
})

test('the cloud ignores "format"; a schema in the system prompt works', async () => {
  await using sim = await startSimulator()
  const schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] }
  const content = async (messages: readonly Json[]): Promise<unknown> =>
    ((await askOllama(sim, 0, { messages, format: schema })).json['message'] as Json)['content']
  const user = { role: 'user', content: 'Hello' }
  assert.equal(await content([user]), 'You said: Hello')
  const system = { role: 'system', content: `Answer in JSON only, by this schema: ${JSON.stringify(schema)}` }
  assert.equal(await content([system, user]), '{"ok":true}')
})

test('generate answers at the top level', async () => {
  await using sim = await startSimulator()
  const body = { model: 'gpt-oss:20b', prompt: 'Hello there', stream: false }
  const { json } = await post(`${sim.ollamaUrl}/api/generate`, sim.keys.ollama[0], body)
  assert.equal(json['response'], 'You said: Hello there')
  assert.match(String(json['thinking']), /11 characters/, 'gpt-oss cannot be kept from thinking')
  assert.equal(json['done'], true)
})

test('images are seen, and tokens run out', async () => {
  await using sim = await startSimulator()
  const messages = [{ role: 'user', content: 'Look', images: ['AAAA'] }]
  const seen = (await askOllama(sim, 0, { messages })).json['message'] as Json
  assert.equal(seen['content'], 'I see 1 image (3 bytes). You said: Look')
  const { json } = await askOllama(sim, 0, { options: { num_predict: 2 } })
  assert.deepEqual([json['done_reason'], json['eval_count']], ['length', 2])
})

test('refusals of bad calls', async () => {
  await using sim = await startSimulator()
  const refused = async (more: Json): Promise<unknown> => {
    const { status, json } = await askOllama(sim, 0, more)
    return [status, json['error']]
  }
  assert.deepEqual(await refused({ model: '' }), [400, 'model is required'])
  assert.deepEqual(await refused({ model: 'no-such' }), [404, "model 'no-such' not found"])
  assert.deepEqual(await refused({ think: 'hard' }), [
    400,
    'invalid think value: "hard" (must be "high", "medium", "low", "max", true, or false)',
  ])
  assert.deepEqual(await refused({ model: 'mistral-large-3:675b', think: true }), [
    400,
    '"mistral-large-3:675b" does not support thinking',
  ])
  assert.equal((await askOllama(sim, 0, { model: 'gemma4:31b-cloud' })).status, 200)
  const url = `${sim.ollamaUrl}/api/chat`
  assert.deepEqual((await post(url, 'nobody', {})).json, { error: 'unauthorized' })
  assert.deepEqual((await post(url, sim.keys.ollama[0], '')).json, { error: 'missing request body' })
  const headers = { 'x-api-key': sim.keys.ollama[0]! }
  assert.equal((await post(url, undefined, says('x'), { headers })).status, 401)
})

test('errors can be plain text', async () => {
  await using sim = await startSimulator({ ollama: { plainErrors: true } })
  const reply = await post(`${sim.ollamaUrl}/api/chat`, 'nobody', {})
  assert.deepEqual([reply.status, reply.text], [401, 'unauthorized\n'])
})

test('a signature of a local server stands for the first account', async () => {
  await using sim = await startSimulator()
  const headers = { authorization: 'AAAAC3Nz:c2lnbmF0dXJl' }
  const body = says('x', { model: 'gemma4:31b', stream: false })
  assert.equal(
    (await post(`${sim.ollamaUrl}/api/chat?ts=1795451723`, undefined, body, { headers })).status,
    200,
  )
  assert.equal((await post(`${sim.ollamaUrl}/api/chat`, undefined, body, { headers })).status, 401)
})

test('models: tags, show, the OpenAI list, none of which needs a key', async () => {
  await using sim = await startSimulator()
  const tags = (await get(`${sim.ollamaUrl}/api/tags`)).json['models'] as Json[]
  assert.ok(tags.some(({ name, model }) => name === 'gemma4:31b' && model === 'gemma4:31b'))
  const shown = (await post(`${sim.ollamaUrl}/api/show`, undefined, { model: 'kimi-k3:cloud' })).json
  const info = shown['model_info'] as Json
  assert.equal(info[`${String(info['general.architecture'])}.context_length`], 1_048_576)
  assert.deepEqual(shown['capabilities'], ['completion', 'tools', 'thinking', 'vision'])
  const list = (await get(`${sim.ollamaUrl}/v1/models`)).json['data'] as Json[]
  assert.equal(list.length, tags.length)
  assert.equal((await get(`${sim.ollamaUrl}/v1/models/kimi-k3`)).json['owned_by'], 'ollama')
  const lost = await post(`${sim.ollamaUrl}/v1/embeddings`, undefined, {})
  assert.deepEqual([lost.status, lost.json], [404, { error: 'path "/v1/embeddings" not found' }])
})

test('the OpenAI form, through the official client', async () => {
  await using sim = await startSimulator()
  const client = new OpenAI({ apiKey: sim.keys.ollama[0]!, baseURL: `${sim.ollamaUrl}/v1`, maxRetries: 0 })
  const messages = [{ role: 'user' as const, content: 'use get_weather' }]
  const whole = await client.chat.completions.create({
    model: 'gemma4:31b',
    messages,
    tools: [{ type: 'function', function: { name: 'get_weather', parameters } }],
  })
  const call = whole.choices[0]?.message.tool_calls?.[0]
  assert.equal(call?.type === 'function' ? call.function.arguments : call, '{"city":"example"}')
  assert.match(whole.id, /^chatcmpl-\d{1,3}$/)
  const stream = await client.chat.completions.create({
    model: 'gemma4:31b',
    messages,
    stream: true,
    stream_options: { include_usage: true },
  })
  let text = ''
  let total = 0
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? ''
    total = chunk.usage?.total_tokens ?? total
  }
  assert.equal(text, 'You said: use get_weather')
  assert.equal(total, 4 + 7)
})

test('errors of the OpenAI form: nested from its handler, flat from the gateway', async () => {
  await using sim = await startSimulator({ ollama: { refs: false, accounts: [{ plan: 'legacy_free' }] } })
  const url = `${sim.ollamaUrl}/v1/chat/completions`
  const key = sim.keys.ollama[0]
  const empty = await post(url, key, { model: 'gemma4:31b', messages: [] })
  assert.deepEqual(
    [empty.status, empty.json],
    [
      400,
      {
        error: {
          message: "[] is too short - 'messages'",
          type: 'invalid_request_error',
          param: null,
          code: null,
        },
      },
    ],
  )
  const content = [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }]
  const image = await post(url, key, { model: 'gemma4:31b', messages: [{ role: 'user', content }] })
  assert.match(image.text, /image URLs are not currently supported/)
  const plan = await post(url, key, says('x', { model: 'glm-5.3' }))
  assert.equal(typeof plan.json['error'], 'string')
})

test('streams that break: an error line, a cut, a silent end, half a line', async () => {
  await using sim = await startSimulator({ ollama: { refs: false } })
  const play = async (fault: Pick<ScriptedFault, 'kind'> & Partial<ScriptedFault>): Promise<Response> => {
    sim.addFault({ provider: 'ollama', ...fault })
    const body = says('Hello there', { model: 'gemma4:31b' })
    return open(`${sim.ollamaUrl}/api/chat`, sim.keys.ollama[0], body)
  }
  const errored = linesOf(await (await play({ kind: 'error-line' })).text())
  assert.equal(errored.length, 3)
  assert.deepEqual(errored[2], { error: 'Internal Server Error' })
  const late = linesOf(await (await play({ kind: 'overloaded', at: 'mid-text' })).text())
  assert.deepEqual(late.at(-1), { error: 'Server overloaded, please retry shortly' })
  await assert.rejects((await play({ kind: 'cut', afterChunks: 1 })).text())
  const silent = linesOf(await (await play({ kind: 'end-without-done', afterChunks: 3 })).text())
  assert.deepEqual(
    silent.map(({ done }) => done),
    [false, false, false],
  )
  const half = await (await play({ kind: 'truncated-json' })).text()
  assert.throws(() => linesOf(half), SyntaxError)
  const bare = await play({ kind: 'error-in-200' })
  assert.deepEqual([bare.status, await bare.json()], [200, { error: 'Internal Server Error' }])
  const empty = linesOf(await (await play({ kind: 'empty-answer' })).text())
  assert.deepEqual(
    [empty.length, empty[0]?.['done_reason'], empty[0]?.['eval_count']],
    [1, 'stop', undefined],
  )
  assert.equal(sim.counters().ollama.failed, 7)
})

test('lines can be cut anywhere', async () => {
  await using sim = await startSimulator({ chopBytes: 5, wordsPerChunk: 2 })
  const reply = await askOllama(sim, 0, { stream: true, ...says('Grüße, 世界') })
  const text = (linesOf(reply.text) as { message: Json }[]).map(({ message }) => message['content']).join('')
  assert.equal(text, 'You said: Grüße, 世界')
})
