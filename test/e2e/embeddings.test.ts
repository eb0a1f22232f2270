import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import OpenAI from 'openai'
import { openConfigGround } from '../support/config-ground.ts'
import { post, refusalOf } from '../support/native-client.ts'
import {
  chatAnswer,
  type PlayedService,
  type ReceivedCall,
  type ServiceScript,
  startPlayedService,
} from '../support/played-service.ts'
import { rowsOf } from '../support/probe.ts'
import { ask, clientKey, openStand, type Stand } from '../support/stand.ts'

const vectors = [
  [0.5, -0.25],
  [1, 0],
]
const texts = ['The sky is blue.', 'Das Gras ist grün.']
const base64Of = (numbers: readonly number[]): string =>
  Buffer.from(new Float32Array(numbers).buffer).toString('base64')

/** A whole answer of OpenAI's embeddings API, with a member that only this service has. */
function openaiAnswer({ body }: ReceivedCall, base64 = false): object {
  const inputs = Array.isArray(body['input']) ? body['input'].length : 1
  return {
    object: 'list',
    data: vectors.slice(0, inputs).map((vector, index) => ({
      object: 'embedding',
      embedding: base64 ? base64Of(vector) : vector,
      index,
    })),
    model: body['model'],
    usage: { prompt_tokens: 8, total_tokens: 8, cost: 0.00000016 },
    served_by: 'gpu-7',
  }
}

/** OpenRouter, with a list of chat models only. */
async function openRouterLike(
  answer: ServiceScript['post'],
): Promise<{ readonly service: PlayedService; readonly stand: Stand } & AsyncDisposable> {
  const service = await startPlayedService({
    get: (path) => (path === '/models' ? { data: [{ id: 'vendor/chat', pricing: {} }] } : undefined),
    ...(answer === undefined ? {} : { post: answer }),
  })
  const stand = await openStand({ environment: { OPENROUTER_BASE_URL: service.url } })
  return {
    service,
    stand,
    async [Symbol.asyncDispose]() {
      await stand[Symbol.asyncDispose]()
      await service[Symbol.asyncDispose]()
    },
  }
}

const model = 'openai/text-embedding-3-small'

test('in one dialect the bytes pass as they are, and the call is booked', async () => {
  let sent: object = {}
  await using at = await openRouterLike((call) => ({ status: 200, body: (sent = openaiAnswer(call)) }))
  const asked = { model, input: texts, input_type: 'query' }
  const reply = await post(at.stand, '/v1/embeddings', asked)
  assert.equal(reply.status, 200)
  assert.equal(reply.headers.get('content-type'), 'application/json')
  assert.equal(reply.headers.get('x-switchyard-cost'), '0.00000016')
  assert.equal(await reply.text(), JSON.stringify(sent))
  assert.deepEqual(
    at.service.calls.map(({ path, body }) => [path, body]),
    [['/embeddings', asked]],
  )
  const [row, ...rest] = await rowsOf(at.stand)
  assert.deepEqual(rest, [])
  assert.deepEqual(
    [row?.state, row?.provider, row?.model, row?.lane, row?.stream, row?.usage, row?.nanoUsd],
    ['done', 'openrouter', model, 'paid', false, { input: 8, output: 0, nanoUsd: 160 }, 160],
  )
})

test('the openai client gets its vectors whichever form the service answers in', async () => {
  for (const base64 of [false, true]) {
    await using at = await openRouterLike((call) => ({ status: 200, body: openaiAnswer(call, base64) }))
    const client = new OpenAI({ apiKey: clientKey, baseURL: `${at.stand.gateway.url}/v1`, maxRetries: 0 })
    const { data, usage } = await client.embeddings.create({ model, input: texts })
    assert.deepEqual(
      data.map(({ embedding }) => embedding),
      vectors,
    )
    assert.equal(usage.prompt_tokens, 8)
    // What the client sent without being told to, and what it was answered.
    assert.equal(at.service.calls[0]?.body['encoding_format'], 'base64')
    for (const [encoding_format, expected] of [
      ['base64', base64Of(vectors[0] ?? [])],
      ['float', vectors[0]],
      [undefined, vectors[0]],
    ] as const) {
      const reply = await post(at.stand, '/v1/embeddings', { model, input: 'x', encoding_format })
      const body = (await reply.json()) as { data: { embedding: unknown }[] }
      assert.deepEqual(body.data[0]?.embedding, expected, `${encoding_format}, answered ${base64}`)
    }
  }
})

test('Ollama’s clients reach them by both of their paths', async () => {
  await using at = await openRouterLike((call) => ({ status: 200, body: openaiAnswer(call, true) }))
  const reply = await post(at.stand, '/api/embed', { model, input: texts, truncate: true, keep_alive: '5m' })
  const { total_duration, ...rest } = (await reply.json()) as Record<string, unknown>
  assert.ok(Number(total_duration) > 0)
  assert.deepEqual(rest, { model, embeddings: vectors, load_duration: 0, prompt_eval_count: 8 })
  assert.equal(reply.headers.get('x-switchyard-warnings'), null)
  const older = await post(at.stand, '/api/embeddings', { model: `${model}:latest`, prompt: texts[0] })
  assert.deepEqual(await older.json(), { embedding: vectors[0] })
  assert.deepEqual(
    at.service.calls.map(({ path, body }) => [path, body]),
    [
      ['/embeddings', { model, input: texts }],
      ['/embeddings', { model, input: [texts[0]] }],
    ],
  )
})

test('an Ollama server of one’s own makes them for OpenAI’s clients, and in its own bytes for its own', async () => {
  let sent: object = {}
  await using service = await startPlayedService({
    get: (path) =>
      path === '/api/tags'
        ? { models: [{ name: 'nomic-embed-text:latest', capabilities: ['embedding'] }] }
        : undefined,
    post: ({ body }) => {
      sent = { model: body['model'], embeddings: vectors, prompt_eval_count: 8, extra: 1 }
      return { status: 200, body: sent }
    },
  })
  await using stand = await openStand({ environment: { OLLAMA_BASE_URL: service.url } })
  const asked = { model: 'nomic-embed-text', input: texts, encoding_format: 'base64' }
  const { data, usage } = (await (await post(stand, '/v1/embeddings', asked)).json()) as {
    data: { embedding: string }[]
    usage: { prompt_tokens: number }
  }
  assert.deepEqual(
    data.map(({ embedding }) => embedding),
    vectors.map(base64Of),
  )
  assert.equal(usage.prompt_tokens, 8)
  const own = await post(stand, '/api/embed', {
    model: 'nomic-embed-text',
    input: texts,
    options: { num_ctx: 9 },
  })
  assert.equal(await own.text(), JSON.stringify(sent))
  const name = 'nomic-embed-text:latest'
  const embeds = service.calls.filter(({ path }) => path !== '/api/me')
  assert.deepEqual(
    embeds.map(({ path, body }) => [path, body]),
    [
      ['/api/embed', { model: name, input: texts }],
      ['/api/embed', { model: name, input: texts, options: { num_ctx: 9 } }],
    ],
  )
  // Tokens mean nothing to another tokenizer.
  const tokens = await post(stand, '/v1/embeddings', { model: 'nomic-embed-text', input: [1, 2] })
  assert.equal(tokens.status, 400)
  assert.match(JSON.stringify(await tokens.json()), /texts only/)
  const shown = (await (await post(stand, '/api/show', { model: 'nomic-embed-text' })).json()) as {
    capabilities: unknown
  }
  assert.deepEqual(shown.capabilities, ['embedding'])
})

test('there is no auto for embeddings: a request without a model says to name one', async () => {
  await using at = await openRouterLike(undefined)
  for (const given of [{}, { model: '' }, { model: 'auto' }, { model: 'auto:latest' }]) {
    const reply = await post(at.stand, '/v1/embeddings', { ...given, input: 'x' })
    const { error } = (await reply.json()) as { error: { message: string; param: string } }
    assert.deepEqual([reply.status, error.param], [400, 'model'])
    assert.match(error.message, /name one in 'model'/)
  }
  assert.deepEqual(at.service.calls, [])
})

test('a model that makes no vectors goes on answering questions', async () => {
  await using at = await openRouterLike(({ path, body }) =>
    path === '/embeddings'
      ? { status: 404, body: { error: { message: 'No endpoints found for vendor/chat.', code: 404 } } }
      : { status: 200, body: chatAnswer(String(body['model'])) },
  )
  for (let call = 0; call < 2; call++)
    assert.equal((await post(at.stand, '/v1/embeddings', { model: 'vendor/chat', input: 'x' })).status, 404)
  const reply = await at.stand.chat(ask('hello', { model: 'vendor/chat' }))
  assert.equal(reply.status, 200, await reply.text())
  // Nor is the check of names weaker for questions.
  assert.equal((await at.stand.chat(ask('hello', { model }))).status, 404)
})

test('a free model draws on the free day, like any free call', async () => {
  await using at = await openRouterLike((call) => ({
    status: 200,
    body: { ...openaiAnswer(call), usage: { prompt_tokens: 8, total_tokens: 8 } },
  }))
  const reply = await post(at.stand, '/v1/embeddings', { model: 'nvidia/embed:free', input: 'x' })
  assert.equal(reply.headers.get('x-switchyard-cost'), '0')
  const { providers } = await at.stand.core.status()
  const windows = providers[0]?.accounts[0]?.windows.map(({ name, used }) => [name, used])
  assert.deepEqual(windows, [
    ['minute', 1],
    ['day', 1],
  ])
  const [call] = at.service.calls
  assert.deepEqual((call?.body['provider'] as { max_price: unknown } | undefined)?.max_price, {
    prompt: 0,
    completion: 0,
    request: 0,
    image: 0,
  })
})

test('a key that is refused gives way to the next one', async () => {
  await using at = await openRouterLike((call) =>
    at.service.calls.length === 1
      ? { status: 401, body: { error: { message: 'User not found.', code: 401 } } }
      : { status: 200, body: openaiAnswer(call) },
  )
  const reply = await post(at.stand, '/v1/embeddings', { model, input: 'x' })
  assert.equal(reply.status, 200)
  const keys = at.service.calls.map(({ authorization }) => authorization)
  assert.equal(new Set(keys).size, 2)
})

/** A service of one's own that makes vectors for 100 tokens a text. */
async function openService(
  t: TestContext,
  members: string,
  answer: ServiceScript['post'] = (call) => ({
    status: 200,
    body: { ...openaiAnswer(call), usage: { prompt_tokens: 100, total_tokens: 100 } },
  }),
): Promise<{ readonly service: PlayedService; readonly stand: Stand }> {
  const service = await startPlayedService({
    get: (path) => (path === '/v1/models' ? { data: [{ id: 'chat-1' }, { id: 'embed-1' }] } : undefined),
    post: answer,
  })
  t.after(() => service[Symbol.asyncDispose]())
  const config = `
providers:
  mine:
    compatible: ${service.url}/v1
    keys: [{ key: mine-test-0123456789 }]
    ${members}`
  const ground = await openConfigGround(t, config)
  return { service, stand: await ground.start() }
}

test('a service of one’s own makes them under its name, within its limit of tokens', async (t) => {
  const { service, stand } = await openService(t, 'lane: free\n    limits: [{ tokens: 250, per: minute }]')
  const send = async (input: string): Promise<number> =>
    (await post(stand, '/v1/embeddings', { model: 'mine/embed-1', input })).status
  // The first two are counted by what they used; the third one's size alone would pass the limit.
  assert.deepEqual([await send('short'), await send('short')], [200, 200])
  assert.equal(await send('long '.repeat(200)), 429)
  assert.deepEqual(
    service.calls.map(({ path, body }) => [path, body['model']]),
    [
      ['/v1/embeddings', 'embed-1'],
      ['/v1/embeddings', 'embed-1'],
    ],
  )
})

test('a ceiling holds what the input may cost at the most, and books what it cost', async (t) => {
  const price = 'prices: { embed-1: { inputUsdPerMillion: 1, outputUsdPerMillion: 0 } }'
  const ceiling = 'policy: { ceilings: [{ lane: paid, usdPerDay: 0.001 }] }'
  const { service, stand } = await openService(t, `lane: paid\n    ${price}\n${ceiling}`)
  const send = (input: string): Promise<Response> =>
    post(stand, '/v1/embeddings', { model: 'mine/embed-1', input })
  const reply = await send('short')
  assert.deepEqual([reply.status, reply.headers.get('x-switchyard-cost')], [200, '0.0001'])
  assert.equal('max_tokens' in (service.calls[0]?.body ?? {}), false)
  const refusal = await send('x'.repeat(1_000))
  assert.equal(refusal.status, 402, await refusal.text())
  assert.equal(service.calls.length, 1)
})

test('an answer without sound vectors is no answer', async (t) => {
  const { stand } = await openService(t, 'lane: free', () => ({
    status: 200,
    body: { object: 'list', data: [] },
  }))
  const reply = await post(stand, '/api/embed', { model: 'mine/embed-1', input: 'x' })
  const { status, error } = await refusalOf(reply)
  assert.equal(status, 502)
  assert.match(String(error), /no vectors/)
})
