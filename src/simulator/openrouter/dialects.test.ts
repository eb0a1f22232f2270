import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callOpenRouter, eventsOf, get, open, openRouterCalls } from '../fixtures/client.ts'
import { startSimulator, type ScriptedFault, type Simulator } from '../index.ts'
import type { Json } from '../json.ts'

const paths = Object.keys(openRouterCalls)
const streamed = paths.filter((path) => path !== '/embeddings')

const fault = (kind: ScriptedFault['kind'], more: Partial<ScriptedFault> = {}): ScriptedFault => ({
  provider: 'openrouter',
  kind,
  ...more,
})

const stream = (sim: Simulator, path: string, signal?: AbortSignal): Promise<Response> => {
  const body = { ...openRouterCalls[path], stream: true }
  const init = signal === undefined ? {} : { signal }
  return open(sim.openrouterUrl + path, sim.keys.openrouter[0], body, init)
}

/** What a stream says, in whichever API. */
function saidIn(text: string): string {
  const pieces = eventsOf(text).map(({ json }) => {
    const [choice] = (json['choices'] ?? []) as { delta?: Json }[]
    const delta = choice?.delta ?? json['delta']
    return typeof delta === 'string'
      ? delta
      : ((delta as Json | undefined)?.['content'] ?? (delta as Json)?.['text'])
  })
  return pieces.filter((piece) => typeof piece === 'string').join('')
}

test('the limits of an account are shared by all endpoints', async () => {
  await using sim = await startSimulator({ openrouter: { accounts: [{ perDay: 4 }, {}] } })
  for (const path of paths) assert.equal((await callOpenRouter(sim, path)).status, 200, path)
  for (const path of paths) {
    const refused = await callOpenRouter(sim, path)
    assert.deepEqual([refused.status, refused.headers.get('x-ratelimit-limit')], [429, '4'], path)
  }
  for (const path of paths) assert.equal((await callOpenRouter(sim, path, 1)).status, 200, path)
  const { accounts } = sim.counters().openrouter
  const spent = accounts['openrouter-1']!
  assert.deepEqual([spent.answered, spent.refusedBy, spent.wasted], [4, { 'free-per-day': 4 }, 3])
  assert.equal(accounts['openrouter-2']?.answered, 4)
})

test('every endpoint refuses for the same reasons, with the same status', async () => {
  const accounts = [
    { balance: -1, keys: ['poor'] },
    { keys: ['well'] },
    { blocksFreeModels: true, keys: ['shy'] },
  ]
  await using sim = await startSimulator({ openrouter: { accounts } })
  for (const path of paths) {
    const status = async (key: string | undefined, more: Json | string = {}): Promise<number> => {
      const body = typeof more === 'string' ? more : { ...openRouterCalls[path], ...more }
      return (await open(sim.openrouterUrl + path, key, body)).status
    }
    assert.equal(await status(undefined), 401, path)
    assert.equal(await status('nobody'), 401, path)
    assert.equal(await status('well', '{'), 400, path)
    assert.equal(await status('well', { model: 'a/b' }), 400, path)
    assert.equal(await status('poor'), 402, path)
    assert.equal(await status('shy'), 404, path)
    assert.equal(await status('well'), 200, path)
    if (path !== '/embeddings') {
      assert.equal(await status('well', { model: 'thinkingmachines/inkling:free' }), 403, path)
    }
  }
})

test('a price limit leaves out what is dearer', async () => {
  await using sim = await startSimulator({ openrouter: { accounts: [{ balance: 5 }] } })
  const dear = (path: string): string =>
    path === '/embeddings' ? 'openai/text-embedding-3-small' : 'google/gemma-4-31b-it'
  for (const path of paths) {
    const ask = (max_price: Json, model = dear(path)) =>
      callOpenRouter(sim, path, 0, { model, provider: { max_price } })
    assert.equal((await ask({ prompt: 0, completion: 0 })).status, 404, path)
    assert.equal((await ask({ prompt: '0.14', completion: '0.4' })).status, 200, path)
    assert.equal((await callOpenRouter(sim, path, 0, { provider: { max_price: { prompt: 0 } } })).status, 200)
  }
  const { json } = await callOpenRouter(sim, '/chat/completions', 0, {
    model: 'google/gemma-4-31b-it',
    provider: { max_price: { completion: 0.3 } },
  })
  assert.deepEqual((json['error'] as Json)['availability'], {
    code: 'constraint_filtered',
    requested_models: ['google/gemma-4-31b-it'],
    excluded_by: ['max_price'],
    retryable: false,
  })
  const auto = { model: 'openrouter/auto', provider: { max_price: { prompt: 0.2 } } }
  const picked = await callOpenRouter(sim, '/chat/completions', 0, { ...auto, max_tokens: 9 })
  assert.match(String(picked.json['model']), /^google\/gemma-4-31b-it/)
})

test('errors before the head have the status, in the form of the API', async () => {
  await using sim = await startSimulator()
  const places = { '/messages': 'api_error', '/responses': 'server_error' }
  for (const path of paths) {
    sim.addFault(fault('error-5xx', { status: 502 }))
    const { status, json, headers } = await callOpenRouter(sim, path, 0, { stream: true })
    assert.deepEqual([status, headers.get('content-type')], [502, 'application/json'], path)
    const error = json['error'] as Json
    const word = path === '/messages' ? error['type'] : error['code']
    assert.equal(word, (places as Json)[path] ?? 502)
    sim.addFault(fault('upstream-429', { retryAfterSeconds: 3 }))
    assert.equal((await callOpenRouter(sim, path)).headers.get('retry-after'), '3', path)
    sim.addFault(fault('user-not-found'))
    assert.equal((await callOpenRouter(sim, path)).status, 401, path)
    sim.addFault(fault('edge-block'))
    assert.match((await callOpenRouter(sim, path)).text, /1015/, path)
    sim.addFault(fault('custom', { status: 418, body: 'tea' }))
    assert.equal((await callOpenRouter(sim, path)).text, 'tea', path)
  }
})

test('errors with status 200 are whole in each form', async () => {
  await using sim = await startSimulator()
  for (const path of paths) {
    sim.addFault(fault('error-in-200'))
    const bare = await callOpenRouter(sim, path)
    assert.equal(bare.status, 200, path)
    assert.match(JSON.stringify(bare.json['error']), /Provider disconnected unexpectedly/)
    sim.addFault(fault('choice-error'))
    assert.match((await callOpenRouter(sim, path)).text, /Provider disconnected unexpectedly/, path)
  }
  sim.addFault(fault('choice-error'))
  const { json } = await callOpenRouter(sim, '/responses')
  assert.deepEqual([json['status'], json['error_type']], ['failed', 'provider_unavailable'])
  assert.match(JSON.stringify(json['output']), /"text":"You said: "/)
  assert.equal(sim.counters().openrouter.failed, paths.length * 2 + 1)
})

test('streams break in every way, in every API', async () => {
  await using sim = await startSimulator({ openrouter: { accounts: [{ perMinute: 1000, perDay: 1000 }] } })
  for (const path of streamed) {
    const play = async (kind: ScriptedFault['kind'], more: Partial<ScriptedFault> = {}): Promise<string> => {
      sim.addFault(fault(kind, { path, ...more }))
      const response = await stream(sim, path)
      assert.equal(response.status, 200)
      return response.text()
    }
    assert.equal(saidIn(await play('slow-drip', { delayMs: 1 })), 'You said: Hello there', path)
    const late = await play('in-stream-error', { afterChunks: 3 })
    assert.equal(saidIn(late), 'You said: Hello', path)
    assert.match(late, /Provider disconnected unexpectedly/)
    const early = eventsOf(await play('upstream-429', { at: 'after-comments' }))
    assert.equal(early.length, 1, `${path}: nothing but the error`)
    assert.match(early[0]!.data, /rate-limited upstream/)
    await assert.rejects(play('cut'), path)
    const silent = await play('end-without-done')
    assert.equal(saidIn(silent), 'You said:', path)
    const endless = await play('end-without-done-after-finish')
    assert.equal(saidIn(endless), 'You said: Hello there', path)
    assert.equal(/\[DONE\]|message_stop|response\.completed/.test(endless), false, path)
    const half = await play('truncated-json')
    assert.equal(half.endsWith('\n\n'), false, path)
    assert.equal(saidIn(await play('empty-answer')), '', path)
    assert.equal(saidIn(await play('empty-length')), '', path)
    const mute = await play('no-usage')
    assert.equal(saidIn(mute), 'You said: Hello there', path)
    assert.equal(/"cost"|completion_tokens"/.test(mute), false, path)
  }
  const { failed, answered } = sim.counters().openrouter
  assert.deepEqual([failed, answered], [streamed.length * 8, streamed.length * 2])
})

test('a client that leaves is booked as one, and pays for what was made', async () => {
  const accounts = [{ balance: 5 }]
  await using sim = await startSimulator({ openrouter: { accounts } })
  const model = 'google/gemma-4-31b-it'
  for (const path of streamed) {
    sim.addFault(fault('stall', { afterChunks: 2, path }))
    const leaving = new AbortController()
    const body = { ...openRouterCalls[path], model, stream: true }
    const init = { signal: leaving.signal }
    const response = await open(sim.openrouterUrl + path, sim.keys.openrouter[0], body, init)
    const id = response.headers.get('x-generation-id')!
    await response.body!.getReader().read()
    leaving.abort()
    while (sim.counters().openrouter.inFlight > 0) await get(`${sim.url}/sim`)
    const kept = (await get(`${sim.openrouterUrl}/generation?id=${id}`, sim.keys.openrouter[0])).json[
      'data'
    ] as Json
    assert.deepEqual([kept['cancelled'], kept['streamed'], kept['tokens_completion']], [true, true, 2], path)
    assert.equal(kept['total_cost'], 3 * 0.00000014 + 2 * 0.0000004)
  }
  assert.deepEqual(
    [sim.counters().openrouter.aborted, sim.counters().openrouter.failed],
    [streamed.length, 0],
  )
})

test('cached tokens are cheaper, and told in the words of each API', async () => {
  const model = 'anthropic/claude-haiku-4.5'
  await using sim = await startSimulator({ openrouter: { accounts: [{ balance: 5 }], cachedShare: 0.5 } })
  const cost = 2 * 0.000001 + 1 * 0.0000001 + 6 * 0.000005
  const usage = async (path: string): Promise<Json> => {
    const { json } = await callOpenRouter(sim, path, 0, { model, max_tokens: 100, max_output_tokens: 100 })
    return json['usage'] as Json
  }
  const chat = await usage('/chat/completions')
  assert.deepEqual([chat['prompt_tokens'], (chat['prompt_tokens_details'] as Json)['cached_tokens']], [3, 1])
  const message = await usage('/messages')
  assert.deepEqual([message['input_tokens'], message['cache_read_input_tokens']], [2, 1])
  const response = await usage('/responses')
  assert.deepEqual(
    [response['input_tokens'], (response['input_tokens_details'] as Json)['cached_tokens']],
    [3, 1],
  )
  for (const told of [chat, message, response]) assert.equal(told['cost'], cost)
})

test('usage can be told without its details', async () => {
  await using sim = await startSimulator({ openrouter: { usageDetails: false } })
  const names = async (path: string): Promise<string[]> =>
    Object.keys((await callOpenRouter(sim, path)).json['usage'] as Json)
  assert.deepEqual(await names('/chat/completions'), ['prompt_tokens', 'completion_tokens', 'total_tokens'])
  assert.deepEqual(await names('/messages'), ['input_tokens', 'output_tokens'])
  assert.deepEqual(await names('/responses'), ['input_tokens', 'output_tokens', 'total_tokens'])
  assert.deepEqual(await names('/embeddings'), ['prompt_tokens', 'total_tokens'])
})

test('routing metadata comes when asked for, on answers, ends of streams and refusals', async () => {
  await using sim = await startSimulator({ openrouter: { accounts: [{ perDay: 7 }] } })
  const headers = { 'x-openrouter-metadata': 'enabled' }
  const ask = async (path: string, more: Json = {}): Promise<string> => {
    const body = { ...openRouterCalls[path], ...more }
    return (await open(sim.openrouterUrl + path, sim.keys.openrouter[0], body, { headers })).text()
  }
  for (const path of paths) assert.match(await ask(path), /"openrouter_metadata":\{.*"attempt":1/, path)
  for (const path of streamed) {
    assert.match(await ask(path, { stream: true }), /"openrouter_metadata":\{.*"attempt":1/, path)
  }
  for (const path of paths) assert.match(await ask(path), /"openrouter_metadata":\{.*"attempt":0/, path)
})

test('a fault can wait for one endpoint', async () => {
  await using sim = await startSimulator()
  sim.addFault(fault('error-5xx', { path: '/messages' }))
  for (const path of paths) {
    assert.equal((await callOpenRouter(sim, path)).status, path === '/messages' ? 502 : 200, path)
  }
})
