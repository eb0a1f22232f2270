import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { Json } from '../../chat/types.ts'
import { createMovableClock } from '../../clock.ts'
import { dialectNamed } from '../../dialects/index.ts'
import { draftFromBytes } from '../../relay/draft.ts'
import { createCore } from '../../routing/core.ts'
import { openPolicy } from '../../routing/policy.ts'
import { defaultRouting, silentLog } from '../../routing/settings.ts'
import { Secret } from '../../secret.ts'
import { openMemoryStore } from '../../stores/memory.ts'
import { createCompatible } from './index.ts'

interface Call {
  readonly headers: IncomingHttpHeaders
  readonly body: Record<string, Json>
}

/** Answers `GET /v1/models` with one model and hands every chat call to `play`. */
async function startService(
  play: (call: Call, number: number) => { readonly status: number; readonly body: string },
) {
  const calls: Call[] = []
  const server = createServer(async (request, response) => {
    if (request.url === '/v1/models') {
      response.end('{"object":"list","data":[{"id":"llama"}]}')
      return
    }
    assert.equal(request.url, '/v1/chat/completions')
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const call = {
      headers: request.headers,
      body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, Json>,
    }
    calls.push(call)
    const { status, body } = play(call, calls.length)
    const type = body.startsWith('data:') ? 'text/event-stream' : 'application/json'
    response.writeHead(status, { 'content-type': type }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    calls,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    [Symbol.dispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

const answered =
  'data: {"id":"1","model":"llama","choices":[{"index":0,"delta":{"content":"hello"},"finish_reason":"stop"}]}\n\n' +
  'data: {"id":"1","model":"llama","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}\n\ndata: [DONE]\n\n'
const refused = JSON.stringify({
  object: 'error',
  message: {
    detail: [
      { type: 'extra_forbidden', loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' },
    ],
  },
})
const spent = JSON.stringify({
  error: {
    message: 'Rate limit reached on tokens per minute (TPM). Please try again in 7.5s.',
    code: 'rate_limit_exceeded',
  },
})

async function openRouter(url: string, keys: readonly string[]) {
  const provider = createCompatible({ name: 'groq', baseUrl: url, lane: 'free', limits: [] })
  const clock = createMovableClock({ start: Date.UTC(2026, 10, 23, 12) })
  const core = createCore({
    providers: [
      { provider, baseUrl: url, keys: keys.map((name) => ({ name, secret: new Secret(`secret-${name}`) })) },
    ],
    routing: defaultRouting,
    policy: openPolicy,
    openStore: async () => openMemoryStore(),
    clock,
    random: () => 0.5,
    log: silentLog,
    unknown: () => {},
  })
  await core.ready
  const ask = async (model: string, more: Record<string, Json> = {}) => {
    const body = { model, messages: [{ role: 'user', content: 'x' }], stream: true, ...more }
    const routed = await core.send(
      draftFromBytes(dialectNamed('openai-chat'), Buffer.from(JSON.stringify(body))),
    )
    for await (const chunk of routed.reply.chunks(dialectNamed('openai-chat'), { usage: true, now: 0 }))
      void chunk
    return routed
  }
  return { ask, clock, [Symbol.asyncDispose]: () => core.close() }
}

test('a call goes out under its own name, with the key, and its usage comes back', async () => {
  using service = await startService(() => ({ status: 200, body: answered }))
  await using router = await openRouter(service.url, ['one'])
  for (const model of ['groq/llama', 'llama', 'auto']) {
    const { bill, free } = await router.ask(model)
    assert.deepEqual([bill.usage?.input, bill.usage?.output, bill.nanoUsd, free], [5, 2, 0, true])
  }
  for (const { headers, body } of service.calls) {
    assert.equal(headers.authorization, 'Bearer secret-one')
    assert.deepEqual([body['model'], body['stream_options']], ['llama', { include_usage: true }])
  }
})

test('a service that does not take stream_options is no longer sent them', async () => {
  using service = await startService(({ body }) =>
    'stream_options' in body ? { status: 422, body: refused } : { status: 200, body: answered },
  )
  await using router = await openRouter(service.url, ['one'])
  await router.ask('llama')
  await router.ask('llama')
  assert.deepEqual(
    service.calls.map(({ body }) => 'stream_options' in body),
    [true, false, false],
  )
})

test('a spent account rests as long as the refusal says, and the next one answers', async () => {
  using service = await startService(({ headers }) =>
    headers.authorization === 'Bearer secret-one'
      ? { status: 429, body: spent }
      : { status: 200, body: answered },
  )
  await using router = await openRouter(service.url, ['one', 'two'])
  const used = () => service.calls.map(({ headers }) => headers.authorization?.slice(-3))
  await router.ask('llama')
  await router.ask('llama')
  assert.deepEqual(used(), ['one', 'two', 'two'])
  router.clock.advance(7500)
  await router.ask('llama')
  assert.deepEqual(used().slice(3), ['one', 'two'])
})
