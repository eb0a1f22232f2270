import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Route } from '../../src/gateway/route.ts'
import { routes } from '../../src/gateway/routes.ts'
import { openRaw, rawRequest, readAnswer, sendRaw } from '../support/raw-http.ts'
import { adminKey, ask, clientKey, metricsKey, openStand, type Stand } from '../support/stand.ts'

let stand: Stand
before(async () => (stand = await openStand({ gateway: { allowedOrigins: ['https://mine.example'] } })))
after(() => stand[Symbol.asyncDispose]())

const port = (): string => new URL(stand.gateway.url).port
const authorized = `Authorization: Bearer ${clientKey}`
const raw = (line: string, ...headers: string[]): ReturnType<typeof sendRaw> =>
  sendRaw(stand.gateway.url, rawRequest(line, headers))
const codeOf = (body: string): string => (JSON.parse(body) as { error: { code: string } }).error.code
/** Below /api/ an error is a text and nothing else. */
const isKeyError = (path: string, body: string): boolean =>
  path.startsWith('/api/')
    ? /key/.test((JSON.parse(body) as { error: string }).error)
    : path.startsWith('/v1/messages')
      ? (JSON.parse(body) as { error: { type: string } }).error.type === 'authentication_error'
      : codeOf(body) === 'invalid_api_key'

// Who holds what. A class is a set of headers, as a client of that kind would send them.
const credentials: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  nobody: {},
  wrong: { authorization: 'Bearer sy-not-a-key-of-this-gateway' },
  'wrong in every header': { authorization: 'Bearer x', 'x-api-key': 'x', 'api-key': 'x' },
  client: { authorization: `Bearer ${clientKey}` },
  'client in x-api-key': { 'x-api-key': clientKey },
  admin: { authorization: `Bearer ${adminKey}` },
  metrics: { authorization: `Bearer ${metricsKey}` },
}
const allowed: Readonly<Record<Route['access'], RegExp>> = {
  none: /./,
  client: /^client/,
  admin: /^admin/,
  metrics: /^(?:admin|metrics)$/,
}

/** What the table of routes must say, by path alone. */
function accessOf(path: string): Route['access'] {
  // The pages hold no data, and whoever logs in has no session yet: it takes the admin key in its body.
  if (path.startsWith('/dashboard') || path === '/admin/session') return 'none'
  if (path.startsWith('/admin/')) return 'admin'
  if (path === '/metrics') return 'metrics'
  return ['/healthz', '/readyz', '/', '/api/version'].includes(path) ? 'none' : 'client'
}

function tooOpen(table: readonly Pick<Route, 'path' | 'access'>[]): string[] {
  return table.filter(({ path, access }) => access !== accessOf(path)).map(({ path }) => path)
}

test('every route says who may use it, and a wrong entry would be noticed', () => {
  assert.deepEqual(tooOpen(routes), [])
  assert.deepEqual(tooOpen([...routes, { path: '/admin/new', access: 'client' }]), ['/admin/new'])
  assert.deepEqual(tooOpen([{ path: '/v1/embeddings', access: 'none' }]), ['/v1/embeddings'])
})

for (const { method, path, access } of routes) {
  test(`${method} ${path} answers only to ${access === 'none' ? 'everybody' : `the ${access} key`}`, async () => {
    for (const [holder, headers] of Object.entries(credentials)) {
      const target = path.endsWith('/') && path !== '/' ? `${path}auto` : path
      const reply = await fetch(stand.gateway.url + target, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(method === 'POST' ? { body: '{}' } : {}),
      })
      const refused = reply.status === 401
      assert.equal(refused, !allowed[access].test(holder), `${holder}: ${reply.status}`)
      if (refused) assert.ok(isKeyError(path, await reply.text()))
    }
  })
}

test('paths in disguise reach no route without its key', async () => {
  const disguises = [
    '//v1/models',
    '/v1//models',
    '/./v1/models',
    '/v1/./models',
    '/v1/%2e%2e/admin/status',
    '/v1/models/..%2f..%2fadmin%2fstatus',
    '/v1/models/../../admin/status',
    '/healthz/../admin/status',
    '/healthz/..%2fadmin/status',
    '/healthz;/admin/status',
    '/healthz%00/admin/status',
    '/%61dmin/status',
    '/ADMIN/status',
    '/admin/status/',
    '/admin/status;x',
    '/api/admin/status',
    '/api/v1/../admin/status',
    '/api/v1/../../admin/status',
    '/v1/models?/admin/status',
    '/\\admin\\status',
    '/healthz?x=/admin/status',
  ]
  for (const path of disguises) {
    for (const line of [`GET ${path}`, `HEAD ${path}`, `POST ${path}`]) {
      const nobody = await raw(line, 'Host: localhost', 'Content-Length: 0')
      const isProbe = path.startsWith('/healthz?') && !line.startsWith('POST')
      if (isProbe) assert.equal(nobody.status, 200)
      else assert.ok([400, 401, 404, 405].includes(nobody.status), `${line}: ${nobody.status}`)
      const client = await raw(line, 'Host: localhost', authorized, 'Content-Length: 0')
      assert.doesNotMatch(client.body, /"providers"/, `${line} with the client key`)
    }
  }
})

test('only known hosts are served, whatever the port in the header', async () => {
  const hosts: readonly (readonly [string, number])[] = [
    ['localhost', 200],
    [`localhost:${port()}`, 200],
    [`LocalHost:${port()}`, 200],
    [`127.0.0.1:${port()}`, 200],
    [`[::1]:${port()}`, 200],
    ['evil.example', 421],
    [`evil.example:${port()}`, 421],
    ['localhost.evil.example', 421],
    ['localhost.', 421],
    ['127.0.0.1.evil.example', 421],
    ['localhost:1:2', 421],
    ['user@localhost', 421],
    ['localhost/x', 421],
    ['localhost?x', 421],
    ['local host', 421],
    ['', 421],
  ]
  for (const [host, status] of hosts) {
    for (const path of ['/v1/models', '/healthz']) {
      const answer = await raw(`GET ${path}`, `Host: ${host}`, authorized)
      assert.equal(answer.status, status, `${path} for "${host}"`)
      if (status === 421) assert.equal(codeOf(answer.body), 'wrong_host')
    }
  }
})

test('headers that name another host send nothing anywhere else', async () => {
  const reply = await stand.chat(
    ask('hi', { base_url: 'http://evil.example', api_base: 'http://evil.example' }),
    {
      headers: {
        forwarded: 'host=evil.example',
        'x-forwarded-host': 'evil.example',
        'x-portkey-custom-host': 'http://evil.example',
      },
    },
  )
  assert.equal(reply.status, 200, await reply.text())
})

test('two Host headers, none, and an absolute target are refused', async () => {
  const requests = [
    raw('GET /v1/models', 'Host: localhost', 'Host: localhost', authorized),
    raw('GET /v1/models', 'Host: localhost', 'Host: evil.example', authorized),
    raw(`GET http://localhost:${port()}/v1/models`, 'Host: localhost', authorized),
    raw('GET http://evil.example/v1/models', 'Host: localhost', authorized),
    raw('GET http://evil.example/healthz', 'Host: localhost'),
    raw('OPTIONS *', 'Host: localhost'),
    sendRaw(stand.gateway.url, 'GET /healthz HTTP/1.0\r\n\r\n'),
  ]
  for (const answer of await Promise.all(requests)) {
    assert.equal(answer.status, 400)
    assert.equal(codeOf(answer.body), 'invalid_request')
  }
})

test('pages of other sites may not call, pages of an allowed origin may', async () => {
  const rows: readonly (readonly [Record<string, string>, number])[] = [
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'https://mine.example.evil.example' }, 403],
    [{ origin: 'http://localhost:3000' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ origin: 'https://mine.example', 'sec-fetch-site': 'cross-site' }, 200],
    [{ 'sec-fetch-site': 'none' }, 200],
    [{}, 200],
  ]
  for (const [headers, status] of rows) {
    const reply = await stand.chat(ask('hi'), { headers })
    assert.equal(reply.status, status, JSON.stringify(headers))
    if (status === 403) assert.equal(codeOf(await reply.text()), 'forbidden_origin')
    assert.notEqual(reply.headers.get('access-control-allow-origin'), '*')
  }
  const probe = await fetch(`${stand.gateway.url}/healthz`, { headers: { origin: 'https://evil.example' } })
  assert.equal(probe.status, 403)
})

test('what is no HTTP gets an answer in the usual shape and a closed connection', async () => {
  const rows: Record<string, readonly [string, number]> = {
    'no HTTP at all': ['hello\r\n\r\n', 400],
    'length and chunks at once': [
      `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    'two lengths': [
      'POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
      400,
    ],
    'a space before a colon': ['GET /healthz HTTP/1.1\r\nHost : localhost\r\n\r\n', 400],
    'a NUL in a header': ['GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n', 400],
    'a header of 20 KB': [
      `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
    ],
    'a target of 20 KB': [`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
    '250 headers': [`GET /healthz HTTP/1.1\r\nHost: localhost\r\n${'a:b\r\n'.repeat(250)}\r\n`, 431],
    '4000 headers': [`GET /healthz HTTP/1.1\r\nHost: localhost\r\n${'a:b\r\n'.repeat(4000)}\r\n`, 431],
  }
  for (const [name, [bytes, status]] of Object.entries(rows)) {
    const answer = await sendRaw(stand.gateway.url, bytes)
    assert.equal(answer.status, status, name)
    assert.equal(codeOf(answer.body), 'invalid_request', name)
    assert.equal(answer.headers['connection'], 'close', name)
  }
  assert.equal((await stand.chat(ask('still here'))).status, 200)
})

test('TRACE, CONNECT and Upgrade are not served', async () => {
  assert.equal((await raw('TRACE /v1/models', 'Host: localhost', authorized)).status, 405)
  const upgrade = await raw('GET /v1/models', 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket')
  assert.equal(upgrade.status, 401)
  using socket = openRaw(stand.gateway.url)
  socket.write('CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n')
  assert.ok(Number.isNaN((await readAnswer(socket)).status))
})

test('pages with secrets about them are not kept or sniffed by anything in between', async () => {
  for (const key of [adminKey, 'wrong']) {
    const reply = await fetch(`${stand.gateway.url}/admin/status`, { headers: { 'x-api-key': key } })
    assert.equal(reply.headers.get('cache-control'), 'no-store')
    assert.equal(reply.headers.get('x-content-type-options'), 'nosniff')
  }
})
