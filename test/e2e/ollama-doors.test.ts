import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { linesOf, type NativeLine, post, refusalOf } from '../support/native-client.ts'
import { ollamaAnswer, startPlayedService } from '../support/played-service.ts'
import { rawRequest, sendRaw } from '../support/raw-http.ts'
import { startRawUpstream } from '../support/raw-upstream.ts'
import { ask, clientKey, openStand, type Stand } from '../support/stand.ts'

let stand: Stand
before(async () => (stand = await openStand()))
after(() => stand[Symbol.asyncDispose]())

const question = [{ role: 'user', content: 'hello' }] as const
const answered = 'You said: hello'
// One is reached through translation, the other by the bytes of the same dialect.
const models = ['auto', 'auto:latest', 'gpt-oss:20b'] as const

const textOf = (lines: readonly NativeLine[]): string =>
  lines.map(({ message, response }) => message?.content ?? response ?? '').join('')

test('tools find an Ollama server at this address, without a key', async () => {
  for (const method of ['GET', 'HEAD']) {
    const root = await fetch(stand.gateway.url, { method })
    assert.deepEqual([root.status, await root.text()], [200, method === 'GET' ? 'Ollama is running' : ''])
    const version = await fetch(`${stand.gateway.url}/api/version`, { method })
    assert.equal(version.status, 200)
    if (method === 'GET')
      assert.match(((await version.json()) as { version: string }).version, /^\d+\.\d+\.\d+$/)
  }
})

test('without a key nothing is told, and the refusal is a text', async () => {
  for (const path of ['/api/tags', '/api/ps']) {
    const refusal = await refusalOf(await fetch(stand.gateway.url + path))
    assert.equal(refusal.status, 401)
    assert.equal(typeof refusal.error, 'string')
  }
  const head = await fetch(`${stand.gateway.url}/api/tags`, {
    method: 'HEAD',
    headers: { authorization: `Bearer ${clientKey}` },
  })
  assert.deepEqual([head.status, await head.text()], [200, ''])
})

interface Tag {
  readonly name: string
  readonly model: string
  readonly modified_at: string
  readonly size: number
  readonly digest: string
  readonly details: Readonly<Record<string, unknown>>
  readonly capabilities: readonly string[]
}

async function tagsOf(from: Stand): Promise<readonly Tag[]> {
  const { models: tags } = (await (await post(from, '/api/tags', undefined, 'GET')).json()) as {
    models: Tag[]
  }
  return tags
}

test('the list of models has every member that strict readers ask for, with auto first', async () => {
  const tags = await tagsOf(stand)
  assert.ok(tags.length > 10)
  assert.equal(tags[0]?.model, 'auto:latest')
  for (const { name, model, modified_at, size, digest, details } of tags) {
    // Some clients add `:latest` to a bare name and look for that in the list (open-webui, ollama/ollama#12645).
    assert.match(model, /:[^/]+$/)
    assert.equal(name, model)
    assert.ok(!Number.isNaN(Date.parse(modified_at)))
    assert.ok(Number.isInteger(size) && size >= 0)
    assert.match(digest, /^[0-9a-f]{64}$/)
    for (const member of ['parent_model', 'format', 'family', 'parameter_size', 'quantization_level'])
      assert.equal(typeof details[member], 'string', member)
    assert.deepEqual(details['families'], [details['family']])
  }
  assert.equal(new Set(tags.map(({ digest }) => digest)).size, tags.length)
  assert.deepEqual(await tagsOf(stand), tags, 'digests stay the same')
  const abilities = (model: string): readonly string[] | undefined =>
    tags.find((tag) => tag.model === model)?.capabilities
  assert.deepEqual(abilities('gemma4:31b')?.toSorted(), ['completion', 'thinking', 'tools', 'vision'])
  assert.deepEqual(abilities('mistral-large-3:675b')?.toSorted(), ['completion', 'tools', 'vision'])
  assert.ok(abilities('auto:latest')?.includes('tools'))
})

interface Shown {
  readonly model_info: Readonly<Record<string, unknown>>
  readonly capabilities: readonly string[]
  readonly details: unknown
  readonly template: string
  readonly modelfile: string
}

test('a model is shown by any spelling of its name; an unknown one is not found', async () => {
  for (const body of [
    { model: 'gpt-oss:20b' },
    { name: 'gpt-oss:20b' },
    { model: '', name: 'gpt-oss:20b' },
  ]) {
    const shown = (await (await post(stand, '/api/show', body)).json()) as Shown
    assert.deepEqual(shown.model_info, {
      'general.architecture': 'gpt-oss',
      'general.basename': 'gpt-oss:20b',
      'gpt-oss.context_length': 131_072,
    })
    assert.deepEqual(shown.capabilities, ['completion', 'tools', 'thinking'])
    assert.equal(typeof shown.template, 'string')
  }
  for (const { model } of await tagsOf(stand)) {
    const shown = (await (await post(stand, '/api/show', { model })).json()) as Shown
    const architecture = String(shown.model_info['general.architecture'])
    assert.ok(Number(shown.model_info[`${architecture}.context_length`]) >= 4096, model)
    const bare = await post(stand, '/api/show', { model: model.replace(/:latest$/, '') })
    assert.deepEqual(await bare.json(), shown)
  }
  const missing = await refusalOf(await post(stand, '/api/show', { model: 'nope' }))
  assert.deepEqual(missing, { status: 404, error: "model 'nope' not found" })
  assert.equal((await refusalOf(await post(stand, '/api/show', {}))).status, 400)
})

for (const model of models) {
  test(`chat through ${model}: streamed unless told otherwise, closed by its counters`, async () => {
    const reply = await post(stand, '/api/chat', { model, messages: question })
    assert.equal(reply.headers.get('content-type'), 'application/x-ndjson')
    const lines = await linesOf(reply)
    assert.equal(textOf(lines), answered)
    const last = lines.at(-1)
    assert.deepEqual([last?.done, last?.['done_reason']], [true, 'stop'])
    assert.ok(Number(last?.['prompt_eval_count']) > 0 && Number(last?.['eval_count']) > 0)
    assert.ok(lines.slice(0, -1).every(({ done }) => done === false))

    const whole = await post(stand, '/api/chat', { model, messages: question, stream: false })
    assert.match(whole.headers.get('content-type') ?? '', /^application\/json/)
    const body = (await whole.json()) as NativeLine
    assert.equal(body.message?.content, answered)
    assert.equal(body.done, true)
  })

  test(`generate through ${model}: the text is in response, the last line has an empty context`, async () => {
    const lines = await linesOf(await post(stand, '/api/generate', { model, prompt: 'hello' }))
    assert.equal(textOf(lines), answered)
    assert.ok(lines.every((line) => typeof line.response === 'string' && line.message === undefined))
    const last = lines.at(-1)
    assert.deepEqual([last?.done, last?.['done_reason'], last?.['context']], [true, 'stop', []])
    const body = { model, prompt: 'hello', system: 'Be brief.', stream: false, options: { num_predict: 50 } }
    const whole = (await (await post(stand, '/api/generate', body)).json()) as NativeLine
    assert.equal(whole.response, answered)
  })
}

test('a model named with the tag latest is taken by the other doors too', async () => {
  const reply = await stand.chat(ask('hello', { model: 'auto:latest' }))
  assert.equal(reply.status, 200, await reply.text())
})

test('a request without a question loads a model: answered at once, without an upstream call', async () => {
  const calls = stand.simulator.counters()
  const lines = await linesOf(await post(stand, '/api/generate', { model: 'gpt-oss:20b' }))
  assert.equal(lines.length, 1)
  const [line] = lines
  assert.deepEqual([line?.response, line?.done, line?.['done_reason']], ['', true, 'load'])
  const unloaded = { model: 'gpt-oss:20b', prompt: '', keep_alive: 0, stream: false }
  const whole = await post(stand, '/api/generate', unloaded)
  assert.equal(whole.headers.get('content-type'), 'application/json')
  assert.equal(((await whole.json()) as NativeLine)['done_reason'], 'unload')
  const [chat] = await linesOf(await post(stand, '/api/chat', { model: 'auto', messages: [] }))
  assert.deepEqual([chat?.message?.content, chat?.['done_reason']], ['', 'load'])
  const missing = await refusalOf(await post(stand, '/api/generate', { model: 'nope' }))
  assert.deepEqual(missing, { status: 404, error: "model 'nope' not found" })
  const nothing = (await (await post(stand, '/api/embed', { model: 'm', input: [] })).json()) as NativeLine
  assert.deepEqual(nothing['embeddings'], [])
  assert.deepEqual(stand.simulator.counters(), calls)
})

test('every refusal below /api/ is a status and a text', async () => {
  const rows: readonly (readonly [string, unknown, number, RegExp])[] = [
    ['/api/chat', { model: 'nope', messages: question }, 404, /nope/],
    ['/api/chat', { model: 'auto', messages: [{ role: 'usr', content: 'x' }] }, 400, /messages\[0\]\.role/],
    ['/api/chat', [], 400, /must be a JSON object/],
    ['/api/generate', { prompt: 'x', suffix: 'y' }, 400, /insert/],
    ['/api/generate', { prompt: 'x', context: [1] }, 400, /context/],
    ['/api/embed', { input: 'x' }, 400, /name one in 'model'/],
    ['/api/embeddings', { prompt: 'x' }, 400, /name one in 'model'/],
    ['/api/nothing', {}, 404, /nothing at POST \/api\/nothing/],
    ['/api/tags', {}, 405, /use GET or HEAD/],
  ]
  for (const [path, body, status, words] of rows) {
    const refusal = await refusalOf(await post(stand, path, body))
    assert.equal(refusal.status, status, path)
    assert.match(String(refusal.error), words)
    assert.equal(typeof refusal.error, 'string')
  }
})

test('a known model needs no pulling, and what this gateway cannot manage says so', async () => {
  const [line, ...rest] = await linesOf(await post(stand, '/api/pull', { model: 'auto' }))
  assert.deepEqual([line, rest], [{ status: 'success' }, []])
  const whole = await post(stand, '/api/pull', { name: 'gpt-oss:20b', stream: false })
  assert.deepEqual(await whole.json(), { status: 'success' })
  assert.equal((await refusalOf(await post(stand, '/api/pull', { model: 'nope' }))).status, 404)
  assert.deepEqual(await (await post(stand, '/api/ps', undefined, 'GET')).json(), { models: [] })
  for (const [method, path] of [
    ['POST', '/api/create'],
    ['POST', '/api/copy'],
    ['POST', '/api/push'],
    ['DELETE', '/api/delete'],
    ['POST', '/api/blobs/sha256:0'],
    ['POST', '/api/me'],
    ['POST', '/api/signout'],
  ] as const) {
    const refusal = await refusalOf(await post(stand, path, {}, method))
    assert.equal(refusal.status, 501, path)
    assert.equal(typeof refusal.error, 'string')
  }
})

/** The pieces in which an answer was written, by the lengths that HTTP/1.1 puts before each. */
async function writesOf(from: Stand, path: string, body: unknown): Promise<readonly string[]> {
  const text = JSON.stringify(body)
  const answer = await sendRaw(
    from.gateway.url,
    rawRequest(
      `POST ${path}`,
      [
        `Host: ${new URL(from.gateway.url).host}`,
        `Authorization: Bearer ${clientKey}`,
        'Content-Type: application/json',
        `Content-Length: ${Buffer.byteLength(text)}`,
      ],
      text,
    ),
  )
  assert.equal(answer.headers['transfer-encoding'], 'chunked')
  // No piece holds a carriage return: JSON writes it as an escape.
  return answer.body.split('\r\n').filter((piece) => piece.startsWith('{'))
}

const native = (content: string, rest: object = { done: false }): string =>
  `${JSON.stringify({ model: 'm', created_at: '2026-11-23T12:00:00Z', message: { role: 'assistant', content }, ...rest })}\n`

test('an object of a stream is never cut between two writes, wherever the upstream cuts it', async () => {
  await using raw = await startRawUpstream(async (response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    const text =
      native('Grüße') + native('🌍') + native('', { done: true, done_reason: 'stop', eval_count: 2 })
    for (const byte of Buffer.from(text)) {
      response.write(Buffer.from([byte]))
      await new Promise((resolve) => setImmediate(resolve))
    }
    response.end()
  })
  await using cut = await openStand({ environment: { OLLAMA_BASE_URL: raw.url } })
  const relayed = await writesOf(cut, '/api/chat', { model: 'gpt-oss:20b', messages: question })
  const translated = await writesOf(stand, '/api/chat', { model: 'auto', messages: question })
  const generated = await writesOf(cut, '/api/generate', { model: 'gpt-oss:20b', prompt: 'x' })
  for (const writes of [relayed, translated, generated]) {
    assert.ok(writes.length > 1)
    for (const piece of writes) {
      assert.ok(piece.endsWith('}\n'), piece)
      for (const line of piece.trimEnd().split('\n')) JSON.parse(line)
    }
  }
  const said = relayed
    .flatMap((piece) => piece.trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as NativeLine)
  assert.equal(textOf(said), 'Grüße🌍')
})

test('a stream that breaks ends in one line with the error as a text, and no blank line before it', async () => {
  await using raw = await startRawUpstream(async (response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    response.write(native('Half') + native(' an answer') + native(' that').slice(0, 40))
    await new Promise((resolve) => setTimeout(resolve, 20))
    response.destroy()
  })
  await using broken = await openStand({ environment: { OLLAMA_BASE_URL: raw.url } })
  for (const [path, rest] of [
    ['/api/chat', { messages: question }],
    ['/api/generate', { prompt: 'x' }],
  ] as const) {
    const lines = await linesOf(await post(broken, path, { model: 'gpt-oss:20b', ...rest }))
    const last = lines.at(-1)
    assert.deepEqual(Object.keys(last ?? {}), ['error'])
    assert.equal(typeof last?.error, 'string')
    assert.equal(lines.filter(({ error }) => error !== undefined).length, 1)
    assert.ok(lines.every(({ done }) => done !== true))
  }
})

const chunk = (delta: object, finish: string | null): string =>
  `data: ${JSON.stringify({ id: 'x', model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`

test('results without id and name, as LangChain sends them, reach their calls in order', async () => {
  const bodies: { messages: { role: string; tool_call_id?: string; tool_calls?: { id: string }[] }[] }[] = []
  await using raw = await startRawUpstream((response, _call, body) => {
    bodies.push(JSON.parse(body) as (typeof bodies)[number])
    response
      .writeHead(200, { 'content-type': 'text/event-stream' })
      .end(`${chunk({ role: 'assistant', content: 'ok' }, null)}${chunk({}, 'stop')}data: [DONE]\n\n`)
  })
  await using to = await openStand({ environment: { OPENROUTER_BASE_URL: raw.url } })
  const call = (name: string): object => ({ function: { name, arguments: { city: 'Oslo' } } })
  const messages = [
    ...question,
    { role: 'assistant', content: '', tool_calls: [call('weather'), call('time')] },
    { role: 'tool', content: '3 degrees' },
    { role: 'tool', content: 'noon' },
  ]
  const lines = await linesOf(await post(to, '/api/chat', { model: 'auto', messages }))
  assert.equal(textOf(lines), 'ok')
  const [, assistant, ...results] = bodies[0]?.messages ?? []
  const ids = assistant?.tool_calls?.map(({ id }) => id) ?? []
  assert.equal(new Set(ids).size, 2)
  assert.deepEqual(
    results.map(({ tool_call_id }) => tool_call_id),
    ids,
  )
})

test('a call of a tool arrives whole, with its arguments as an object', async () => {
  const fragment = (args: string, rest: object = {}): string =>
    chunk({ tool_calls: [{ index: 0, ...rest, function: { arguments: args } }] }, null)
  await using raw = await startRawUpstream((response) => {
    const start = chunk(
      { tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f' } }] },
      null,
    )
    response
      .writeHead(200, { 'content-type': 'text/event-stream' })
      .end(`${start}${fragment('{"x"')}${fragment(':1}')}${chunk({}, 'tool_calls')}data: [DONE]\n\n`)
  })
  await using to = await openStand({ environment: { OPENROUTER_BASE_URL: raw.url } })
  const tools = [
    { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } },
  ]
  const lines = await linesOf(await post(to, '/api/chat', { model: 'auto', messages: question, tools }))
  const calls = lines.flatMap((line) => {
    const { tool_calls = [] } = (line.message ?? {}) as { tool_calls?: unknown[] }
    return tool_calls
  })
  assert.deepEqual(calls, [{ id: 'a', function: { index: 0, name: 'f', arguments: { x: 1 } } }])
  assert.equal(lines.at(-1)?.['done_reason'], 'stop')
})

test('a wish not to think, which some clients always send, is kept from models that cannot think', async () => {
  const listed = [
    { name: 'plain:1b', capabilities: ['completion', 'tools'] },
    { name: 'thinker:1b', capabilities: ['completion', 'thinking'] },
  ]
  await using service = await startPlayedService({
    get: (path) => (path === '/api/tags' ? { models: listed } : undefined),
    post: ({ body }) => ({ status: 200, body: ollamaAnswer(String(body['model'])) }),
  })
  await using to = await openStand({ environment: { OLLAMA_BASE_URL: service.url } })
  const send = async (model: string, rest: object): Promise<unknown> => {
    const reply = await post(to, '/api/chat', { model, messages: question, stream: false, ...rest })
    assert.equal(reply.status, 200, await reply.text())
    return service.calls.at(-1)?.body['think']
  }
  assert.equal(await send('plain:1b', { think: false }), null)
  assert.equal(await send('plain:1b', {}), undefined)
  assert.equal(await send('thinker:1b', { think: false }), false)
})
