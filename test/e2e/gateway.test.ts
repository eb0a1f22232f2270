import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { errorCodes } from '../../src/errors.ts'
import { badBodies } from '../support/bad-bodies.ts'
import { adminKey, ask, clientKey, openStand, type Stand } from '../support/stand.ts'
import { openRaw, rawRequest, readAnswer, sendRaw } from '../support/raw-http.ts'

const maxBodyBytes = 8192
let stand: Stand
before(async () => (stand = await openStand({ gateway: { maxBodyBytes } })))
after(() => stand[Symbol.asyncDispose]())

interface ErrorBody {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly param: string | null
    readonly code: string
  }
}

/** The one shape of every refusal. */
function readError(text: string): ErrorBody['error'] {
  const { error } = JSON.parse(text) as ErrorBody
  assert.deepEqual(Object.keys(error).slice(0, 4), ['message', 'type', 'param', 'code'])
  assert.notEqual(error.message, '')
  return error
}

const authorized = `Authorization: Bearer ${clientKey}`
const json = 'Content-Type: application/json'
const host = (): string => `Host: ${new URL(stand.gateway.url).host}`
const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  fetch(stand.gateway.url + path, { method, headers: { authorization: `Bearer ${clientKey}`, ...headers } })

for (const [name, body, code, param, message] of badBodies) {
  test(`refused body: ${name}`, async () => {
    const calls = stand.simulator.counters()
    const reply = await fetch(`${stand.gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    })
    const error = readError(await reply.text())
    assert.deepEqual([reply.status, error.code, error.param], [errorCodes[code], code, param], error.message)
    assert.match(error.message, message)
    assert.equal(reply.headers.get('content-type'), 'application/json')
    assert.match(reply.headers.get('x-request-id') ?? '', /^[\w-]{36}$/)
    assert.deepEqual(stand.simulator.counters(), calls, 'no upstream call was made')
  })
}

test('an unknown provider to prefer is refused with the names there are', async () => {
  const reply = await stand.chat(ask('hi'), { headers: { 'x-switchyard-provider': 'opnrouter' } })
  const error = readError(await reply.text())
  assert.equal(reply.status, 400)
  assert.match(error.message, /no provider "opnrouter"; known: "openrouter", "ollama"/)
})

test('a `__proto__` member changes no object, and the request is served as it is', async () => {
  const body =
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"messages":[{"role":"user","content":"x"}]}'
  const reply = await stand.chat(body)
  assert.equal(reply.status, 200, await reply.text())
  assert.equal(({} as { polluted?: number }).polluted, undefined)
})

test('a body over the limit is refused: declared, chunked, or declared far too large', async () => {
  const path = 'POST /v1/chat/completions'
  const big = JSON.stringify(ask('x'.repeat(maxBodyBytes)))
  const chunk = `1000\r\n${'x'.repeat(4096)}\r\n`
  const forms: Record<string, readonly string[]> = {
    declared: [rawRequest(path, [host(), authorized, json, `Content-Length: ${big.length}`], big)],
    chunked: [
      rawRequest(path, [host(), authorized, json, 'Transfer-Encoding: chunked'], chunk),
      chunk,
      chunk,
    ],
    'a lie': [rawRequest(path, [host(), authorized, json, 'Content-Length: 99999999999'], '{}')],
  }
  for (const [form, pieces] of Object.entries(forms)) {
    const { status, headers, body } = await sendRaw(stand.gateway.url, ...pieces)
    assert.equal(status, 413, form)
    assert.equal(readError(body).code, 'payload_too_large', form)
    assert.match(readError(body).message, /larger than 0\.008 MiB \(server\.maxBodyMiB\)/)
    assert.equal(headers['connection'], 'close', form)
  }
  const fitting = JSON.stringify(ask('x'.repeat(maxBodyBytes - 100)))
  assert.equal((await stand.chat(fitting)).status, 200)
})

test('a client that reads only after it has sent everything still gets its 413', async () => {
  const bytes = Buffer.alloc(4 * 1024 * 1024, 'x')
  using socket = openRaw(stand.gateway.url)
  const answer = readAnswer(socket)
  socket.write(
    rawRequest('POST /v1/chat/completions', [host(), authorized, json, `Content-Length: ${bytes.length}`]),
  )
  await new Promise<void>((resolve, reject) => {
    socket.write(bytes, (error) => (error == null ? resolve() : reject(error)))
  })
  assert.equal((await answer).status, 413)
})

test('a body shorter than declared is no request, and nothing is sent upstream', async () => {
  const calls = stand.simulator.counters()
  using socket = openRaw(stand.gateway.url)
  socket.end(
    rawRequest('POST /v1/chat/completions', [host(), authorized, json, 'Content-Length: 500'], '{"mess'),
  )
  const { status } = await readAnswer(socket)
  assert.ok(Number.isNaN(status) || status >= 400)
  assert.deepEqual(stand.simulator.counters(), calls)
})

test('only JSON as it is: other types are 415, compressed bodies too', async () => {
  const send = (headers: Record<string, string>): Promise<Response> => stand.chat(ask('hi'), { headers })
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
  ]) {
    const reply = await send({ 'content-type': type })
    assert.equal(reply.status, 415, type)
    assert.match(readError(await reply.text()).message, /Content-Type: application\/json/)
  }
  const compressed = await send({ 'content-encoding': 'gzip' })
  assert.equal(compressed.status, 415)
  assert.match(readError(await compressed.text()).message, /compressed/)
  assert.equal((await send({ 'content-type': 'application/json; charset=utf-8' })).status, 200)
})

test('the client key is taken from each of the usual headers, and nothing else', async () => {
  for (const header of ['x-api-key', 'api-key']) {
    const reply = await fetch(`${stand.gateway.url}/v1/models`, { headers: { [header]: clientKey } })
    assert.equal(reply.status, 200, header)
  }
  assert.equal((await get('/v1/models', { authorization: `bearer ${clientKey}` })).status, 200)
  const none = await fetch(`${stand.gateway.url}/v1/models`)
  assert.equal(none.status, 401)
  assert.match(readError(await none.text()).message, /Authorization: Bearer/)
  for (const wrong of [
    '',
    'Bearer',
    'Bearer ',
    `Basic ${clientKey}`,
    `Bearer ${clientKey}x`,
    "Bearer ' OR 1=1--",
  ]) {
    const reply = await get('/v1/models', { authorization: wrong })
    assert.equal(reply.status, 401, wrong)
    assert.equal(readError(await reply.text()).code, 'invalid_api_key')
  }
  assert.equal((await get(`/v1/models?api_key=${clientKey}`, { authorization: '' })).status, 401)
})

test('unknown paths are 404 without their query, wrong methods 405 with the right ones', async () => {
  const unknown = await get('/v1/nothing?key=in-the-query')
  assert.equal(unknown.status, 404)
  assert.equal(
    readError(await unknown.text()).message,
    'there is nothing at GET /v1/nothing; the API is under /v1',
  )
  const wrong: readonly (readonly [string, string, string])[] = [
    ['GET', '/v1/chat/completions', 'POST'],
    ['POST', '/v1/models', 'GET, HEAD'],
    ['DELETE', '/v1/models/auto', 'GET, HEAD'],
    ['OPTIONS', '/v1/chat/completions', 'POST'],
    ['PUT', '/admin/status', 'GET, HEAD'],
  ]
  for (const [method, path, allow] of wrong) {
    const reply = await get(path, {}, method)
    assert.equal(reply.status, 405, `${method} ${path}`)
    assert.equal(reply.headers.get('allow'), allow)
    assert.equal(readError(await reply.text()).code, 'method_not_allowed')
    assert.equal(reply.headers.get('access-control-allow-origin'), null)
  }
  const head = await get('/v1/models', {}, 'HEAD')
  assert.deepEqual([head.status, await head.text()], [200, ''])
  assert.ok(Number(head.headers.get('content-length')) > 100)
})

test('models are listed, and read one by one with their slash encoded', async () => {
  const { data } = (await (await get('/v1/models')).json()) as { data: { id: string; owned_by: string }[] }
  assert.equal(data[0]?.id, 'auto')
  const slashed = data.find(({ id }) => id.includes('/') && !id.startsWith('openrouter/'))
  assert.ok(slashed !== undefined)
  for (const path of [encodeURIComponent(slashed.id), slashed.id]) {
    assert.deepEqual(await (await get(`/v1/models/${path}`)).json(), slashed)
  }
  assert.equal((await get('/v1/models/auto')).status, 200)
  assert.deepEqual(await (await get('/api/v1/models/auto')).json(), data[0])
  const missing = await get('/v1/models/nobody%2Fhas-this')
  assert.equal(missing.status, 404)
  assert.equal(readError(await missing.text()).code, 'model_not_found')
  assert.equal((await get('/v1/models/%ff')).status, 400)
})

test('probes need no key and tell nothing but their state', async () => {
  const probe = async (path: string): Promise<unknown> => {
    const reply = await fetch(stand.gateway.url + path)
    return [reply.status, await reply.json()]
  }
  assert.deepEqual(await probe('/healthz'), [200, { status: 'ok' }])
  assert.deepEqual(await probe('/readyz'), [200, { status: 'ready' }])
  assert.equal(
    (await fetch(`${stand.gateway.url}/admin/status`, { headers: { 'x-api-key': adminKey } })).status,
    200,
  )
})
