import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askOpenRouter, chunksOf, lastChunk, freeModel, get, open, says } from '../fixtures/client.ts'
import { startSimulator, type ScriptedFault, type Simulator } from '../index.ts'
import type { Json } from '../json.ts'

const fault = (kind: ScriptedFault['kind'], more: Partial<ScriptedFault> = {}): ScriptedFault => ({
  provider: 'openrouter',
  kind,
  ...more,
})

const stream = (sim: Simulator, signal?: AbortSignal): Promise<Response> => {
  const body = says('Hello there', { model: freeModel, stream: true })
  const init = signal === undefined ? {} : { signal }
  return open(`${sim.openrouterUrl}/chat/completions`, sim.keys.openrouter[0], body, init)
}

/** What a stream delivers until it ends or breaks. */
async function readAll(response: Response): Promise<{ text: string; broke: boolean }> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const chunk of response.body ?? [])
      text += decoder.decode(chunk as Uint8Array, { stream: true })
    return { text, broke: false }
  } catch {
    return { text, broke: true }
  }
}

const contentOf = (text: string): string =>
  chunksOf(text)
    .flatMap((chunk) =>
      (chunk['choices'] as { delta: { content: string | null } }[]).map(({ delta }) => delta.content ?? ''),
    )
    .join('')

test('a stream: comments, chunks, finish, usage, end mark', async () => {
  await using sim = await startSimulator({ seed: 7 })
  const response = await stream(sim)
  assert.equal(response.headers.get('content-type'), 'text/event-stream')
  const { text } = await readAll(response)
  assert.ok(text.startsWith(': OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\ndata: {"id":"gen-'))
  assert.ok(text.endsWith('data: [DONE]\n\n'))
  const chunks = chunksOf(text)
  assert.equal(contentOf(text), 'You said: Hello there')
  assert.match(String(chunks[0]?.['id']), /^gen-\d{10}-[A-Za-z0-9]{20}$/)
  const { created } = chunks[0]!
  assert.deepEqual(chunks[0], {
    id: response.headers.get('x-generation-id'),
    created,
    provider: 'Cohere',
    model: freeModel,
    object: 'chat.completion.chunk',
    choices: [
      {
        index: 0,
        delta: { role: 'assistant', content: 'You', reasoning: null, reasoning_details: [] },
        finish_reason: null,
        native_finish_reason: null,
        logprobs: null,
      },
    ],
  })
  assert.deepEqual(chunks.at(-1)?.['choices'], [])
  assert.equal((lastChunk(text)['usage'] as Json)['total_tokens'], 9)
})

test('usage can ride on an empty delta, after the finish', async () => {
  await using sim = await startSimulator({ openrouter: { usageChunk: 'empty-delta', keepAliveComments: 0 } })
  const { text } = await readAll(await stream(sim))
  assert.ok(text.startsWith('data: '))
  const [choice] = lastChunk(text)['choices'] as Json[]
  assert.equal(choice?.['finish_reason'], null)
  assert.deepEqual(choice?.['delta'], { role: 'assistant', content: '' })
})

test('tool calls stream in pieces', async () => {
  await using sim = await startSimulator()
  const parameters = { type: 'object', properties: { city: { type: 'string' } } }
  const tools = [{ type: 'function', function: { name: 'get_weather', parameters } }]
  const body = says('use get_weather', { model: freeModel, stream: true, tools })
  const response = await open(`${sim.openrouterUrl}/chat/completions`, sim.keys.openrouter[0], body)
  const pieces = chunksOf((await readAll(response)).text).flatMap((chunk) =>
    (chunk['choices'] as { delta: Json }[]).flatMap(({ delta }) => (delta['tool_calls'] ?? []) as Json[]),
  )
  assert.match(String(pieces[0]?.['id']), /^call_/)
  const text = pieces.map((piece) => (piece['function'] as { arguments: string }).arguments).join('')
  assert.equal(text, '{"city":"example"}')
  assert.equal(pieces.length, 3)
})

test('bytes can come in crumbs that cut lines and characters', async () => {
  await using sim = await startSimulator({ chopBytes: 7 })
  const body = says('Grüße, 世界', { model: freeModel, stream: true })
  const response = await open(`${sim.openrouterUrl}/chat/completions`, sim.keys.openrouter[0], body)
  const sizes: number[] = []
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    sizes.push((chunk as Uint8Array).length)
    text += decoder.decode(chunk as Uint8Array, { stream: true })
  }
  assert.equal(contentOf(text), 'You said: Grüße, 世界')
  assert.ok(sizes.length > 20, `only ${sizes.length} reads`)
})

test('an error comes before the headers, after the comments, or in mid-text', async () => {
  await using sim = await startSimulator()
  sim.addFault(fault('upstream-429'))
  assert.equal((await stream(sim)).status, 429)

  sim.addFault(fault('upstream-429', { at: 'after-comments' }))
  const early = await readAll(await stream(sim))
  assert.ok(early.text.startsWith(': OPENROUTER PROCESSING'))
  assert.deepEqual(chunksOf(early.text)[0]?.['choices'], [])
  assert.deepEqual(chunksOf(early.text)[0]?.['error'], {
    code: 429,
    message: `${freeModel} is temporarily rate-limited upstream.`,
    metadata: { error_type: 'rate_limit_exceeded' },
  })

  sim.addFault(fault('in-stream-error', { afterChunks: 3 }))
  const late = await readAll(await stream(sim))
  assert.equal(contentOf(late.text), 'You said: Hello')
  const last = lastChunk(late.text)
  assert.equal((last['error'] as Json)['code'], 502)
  assert.equal((last['choices'] as Json[])[0]?.['finish_reason'], 'error')
  assert.equal(late.text.includes('[DONE]'), false)
  const { refusedBy, failedBy } = sim.counters().openrouter
  assert.deepEqual(
    [refusedBy, failedBy],
    [{ 'upstream-429': 1 }, { 'upstream-429': 1, 'in-stream-error': 1 }],
  )
})

test('streams break off in every way', async () => {
  await using sim = await startSimulator()
  const play = async (kind: ScriptedFault['kind'], more?: Partial<ScriptedFault>) => {
    sim.addFault(fault(kind, more))
    return readAll(await stream(sim))
  }
  const cut = await play('cut', { afterChunks: 1 })
  assert.deepEqual([contentOf(cut.text), cut.broke], ['You', true])

  const silent = await play('end-without-done')
  assert.deepEqual([contentOf(silent.text), silent.broke], ['You said:', false])
  assert.equal(/\[DONE\]|"stop"/.test(silent.text), false)

  const finished = await play('end-without-done-after-finish')
  assert.match(finished.text, /"finish_reason":"stop"/)
  assert.equal(finished.text.includes('[DONE]'), false)

  const half = await play('truncated-json')
  assert.equal(half.broke, false)
  assert.throws(() => chunksOf(half.text), SyntaxError)

  const empty = await play('empty-answer')
  assert.equal(contentOf(empty.text), '')
  assert.match(empty.text, /"finish_reason":"stop"/)

  const inChoice = await play('choice-error')
  const choice = (lastChunk(inChoice.text)['choices'] as Json[])[0]!
  assert.deepEqual([choice['finish_reason'], (choice['error'] as Json)['code']], ['error', 502])

  const drip = await play('slow-drip', { delayMs: 1 })
  assert.equal(contentOf(drip.text), 'You said: Hello there')
  assert.equal(sim.counters().openrouter.failed, 6)
})

test('silences last until the client leaves, and count as aborted', async () => {
  await using sim = await startSimulator()
  for (const silence of [
    fault('stall', { afterChunks: 1 }),
    fault('stall', { at: 'after-comments' }),
    fault('comments-forever', { delayMs: 1 }),
  ]) {
    sim.addFault(silence)
    const leaving = new AbortController()
    const response = await stream(sim, leaving.signal)
    const reader = response.body!.getReader()
    await reader.read()
    leaving.abort()
    await assert.rejects(reader.read())
  }
  const settled = async (): Promise<void> => {
    while (sim.counters().openrouter.inFlight > 0) await get(`${sim.url}/sim`)
  }
  for (const silence of [fault('no-headers'), fault('stall', { at: 'before-headers' })]) {
    await settled()
    sim.addFault(silence)
    const leaving = new AbortController()
    const answer = stream(sim, leaving.signal)
    while (sim.counters().openrouter.inFlight === 0) await get(`${sim.url}/sim`)
    leaving.abort()
    await assert.rejects(answer)
  }
  await settled()
  const { aborted, failed, answered } = sim.counters().openrouter
  assert.deepEqual([aborted, failed, answered], [5, 0, 0])
})

test('a reset connection gives no answer at all', async () => {
  await using sim = await startSimulator()
  sim.addFault(fault('reset'))
  await assert.rejects(stream(sim))
  assert.deepEqual(sim.counters().openrouter.failedBy, { reset: 1 })
})

test('whole answers that are wrong', async () => {
  await using sim = await startSimulator()
  const play = (kind: ScriptedFault['kind'], more?: Partial<ScriptedFault>) => {
    sim.addFault(fault(kind, more))
    return askOpenRouter(sim)
  }
  const choiceOf = (json: Json): Json => (json['choices'] as Json[])[0]!
  const empty = choiceOf((await play('empty-answer')).json)
  assert.deepEqual([(empty['message'] as Json)['content'], empty['finish_reason']], [null, 'stop'])
  const short = choiceOf((await play('empty-length')).json)
  assert.deepEqual([(short['message'] as Json)['content'], short['finish_reason']], ['', 'length'])
  const bare = await play('error-in-200')
  assert.deepEqual([bare.status, Object.keys(bare.json)], [200, ['error']])
  const partial = choiceOf((await play('choice-error')).json)
  assert.deepEqual([partial['finish_reason'], (partial['error'] as Json)['code']], ['error', 502])
  const page = await play('html-200')
  assert.deepEqual([page.status, page.headers.get('content-type')], [200, 'text/html; charset=UTF-8'])
  for (const kind of ['garbage-200', 'truncated-json'] as const) {
    const { status, text } = await play(kind)
    assert.equal(status, 200)
    assert.throws(() => JSON.parse(text) as unknown, SyntaxError, kind)
  }
  await assert.rejects(play('cut'))
  const custom = await play('custom', {
    status: 418,
    body: 'tea',
    contentType: 'text/plain',
    headers: { 'x-pot': '1' },
  })
  assert.deepEqual([custom.status, custom.text, custom.headers.get('x-pot')], [418, 'tea', '1'])
  for (const status of [500, 502, 503, 529]) {
    const { json } = await play('error-5xx', { status })
    assert.equal((json['error'] as Json)['code'], status)
  }
  const page5xx = await play('error-5xx', { status: 520, body: '<html>', contentType: 'text/html' })
  assert.deepEqual(
    [page5xx.status, page5xx.text, page5xx.headers.get('content-type')],
    [520, '<html>', 'text/html'],
  )
  const late = await play('upstream-429', { at: 'after-comments' })
  assert.deepEqual([late.status, (late.json['error'] as Json)['code']], [200, 429])
  assert.equal(sim.counters().openrouter.answered, 0)
  assert.equal((await askOpenRouter(sim)).status, 200)
})

test('a fault hits the key, account, model and number of calls it names', async () => {
  await using sim = await startSimulator()
  sim.addFault(fault('error-5xx', { account: 'openrouter-2', times: 2 }))
  sim.addFault(fault('no-endpoints', { model: 'poolside/laguna-xs-2.1:free', times: 'always' }))
  const statuses: number[] = []
  for (const number of [0, 1, 1, 1]) statuses.push((await askOpenRouter(sim, number)).status)
  assert.deepEqual(statuses, [200, 502, 502, 200])
  const gone = { model: 'poolside/laguna-xs-2.1:free' }
  assert.equal((await askOpenRouter(sim, 0, gone)).status, 404)
  assert.equal((await askOpenRouter(sim, 0, { ...gone, models: [freeModel] })).json['model'], freeModel)
  sim.clearFaults()
  assert.equal((await askOpenRouter(sim, 0, gone)).status, 200)
})

test('a fault can hit a metadata call', async () => {
  await using sim = await startSimulator()
  sim.addFault(fault('error-5xx', { path: '/key', status: 503 }))
  const key = sim.keys.openrouter[0]
  assert.equal((await askOpenRouter(sim)).status, 200)
  assert.equal((await get(`${sim.openrouterUrl}/key`, key)).status, 503)
  assert.equal((await get(`${sim.openrouterUrl}/key`, key)).status, 200)
})
