import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventsOf } from '../support/event-stream.ts'
import { adminKey, ask, openStand, type Stand } from '../support/stand.ts'

let stand: Stand
before(async () => (stand = await openStand()))
after(() => stand[Symbol.asyncDispose]())

type Headers = Readonly<Record<string, string>>

const ownPage = (on: Stand): Headers => ({ origin: on.gateway.url, 'sec-fetch-site': 'same-origin' })

function get(on: Stand, path: string, headers: Headers = {}): Promise<Response> {
  return fetch(on.gateway.url + path, { headers })
}

function post(on: Stand, path: string, body: unknown, headers: Headers = {}): Promise<Response> {
  return fetch(on.gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

async function logIn(on: Stand): Promise<string> {
  const reply = await post(on, '/admin/session', { key: adminKey }, ownPage(on))
  assert.equal(reply.status, 200)
  return reply.headers.get('set-cookie')?.split(';')[0] ?? ''
}

const loggedIn = async (on: Stand, cookie: string): Promise<unknown> =>
  (await get(on, '/admin/session', { cookie })).json()

test('the admin key opens a session whose cookie no script and no other site can use', async () => {
  const wrong = await post(stand, '/admin/session', { key: 'sya-wrong' }, ownPage(stand))
  assert.deepEqual([wrong.status, wrong.headers.get('set-cookie')], [401, null])
  const right = await post(stand, '/admin/session', { key: ` ${adminKey}\n` }, ownPage(stand))
  const cookie = right.headers.get('set-cookie') ?? ''
  assert.match(cookie, /^switchyard_\d+=[\w-]{43}; Path=\/admin; HttpOnly; SameSite=Strict$/)
  assert.doesNotMatch(cookie, new RegExp(adminKey))
  const pair = cookie.split(';')[0] ?? ''
  assert.deepEqual(await loggedIn(stand, pair), { loggedIn: true })
  assert.equal((await get(stand, '/admin/status', { cookie: `other=1; ${pair}; more=2` })).status, 200)
  const behindTls = await post(
    stand,
    '/admin/session',
    { key: adminKey },
    {
      origin: stand.gateway.url.replace('http:', 'https:'),
    },
  )
  assert.match(behindTls.headers.get('set-cookie') ?? '', /; Secure$/)
})

test('a session opens the admin pages only: not the API of clients, not the metrics', async () => {
  const cookie = await logIn(stand)
  for (const path of ['/v1/models', '/api/tags', '/metrics'])
    assert.equal((await get(stand, path, { cookie })).status, 401, path)
  const chat = await post(stand, '/v1/chat/completions', ask('hi'), { cookie, ...ownPage(stand) })
  assert.equal(chat.status, 401)
})

test('the cookie counts on pages of this gateway only', async () => {
  const cookie = await logIn(stand)
  const elsewhere: readonly Headers[] = [
    { origin: 'http://127.0.0.1:1' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: stand.gateway.url, 'sec-fetch-site': 'same-site' },
  ]
  const disable = (headers: Headers): Promise<Response> =>
    post(stand, '/admin/keys/disable', { name: 'OPENROUTER_API_KEY_1' }, { cookie, ...headers })
  for (const headers of elsewhere) {
    const what = JSON.stringify(headers)
    assert.match(String((await disable(headers)).status), /^40[13]$/, what)
    assert.match(String((await get(stand, '/admin/status', { cookie, ...headers })).status), /^40[13]$/, what)
    const entry = await post(stand, '/admin/session', { key: adminKey }, headers)
    assert.deepEqual([entry.status, entry.headers.get('set-cookie')], [403, null], what)
  }
  // The same request from our own page is done, so it was the page that was refused.
  assert.equal((await disable(ownPage(stand))).status, 200)
  assert.equal(
    (await post(stand, '/admin/keys/enable', { name: 'OPENROUTER_API_KEY_1' }, { cookie })).status,
    200,
  )
})

test('a session ends when its browser leaves, after a week without use, and with the process', async () => {
  await using own = await openStand()
  const [left, idle, kept] = [await logIn(own), await logIn(own), await logIn(own)]
  const bye = await fetch(`${own.gateway.url}/admin/session`, { method: 'DELETE', headers: { cookie: left } })
  assert.match(bye.headers.get('set-cookie') ?? '', /Max-Age=0/)
  assert.deepEqual(await loggedIn(own, left), { loggedIn: false })
  own.clock.advance(4 * 86_400_000)
  assert.deepEqual(await loggedIn(own, kept), { loggedIn: true })
  own.clock.advance(4 * 86_400_000)
  assert.deepEqual(await loggedIn(own, idle), { loggedIn: false })
  assert.deepEqual(await loggedIn(own, kept), { loggedIn: true })
  await using next = await openStand()
  assert.deepEqual(await loggedIn(next, kept), { loggedIn: false })
})

test('after twenty wrong keys in a minute none is looked at until the minute is over', async () => {
  await using own = await openStand()
  for (let index = 0; index < 20; index++)
    assert.equal((await post(own, '/admin/session', { key: `sya-${index}` })).status, 401)
  assert.equal((await post(own, '/admin/session', { key: adminKey })).status, 503)
  // Programs that show the key themselves are not shut out by it.
  assert.equal((await get(own, '/admin/status', { authorization: `Bearer ${adminKey}` })).status, 200)
  own.clock.advance(60_000)
  assert.equal((await post(own, '/admin/session', { key: adminKey })).status, 200)
})

/** Reads a live stream until `enough`. */
async function readUntil(reply: Response, enough: (text: string) => boolean): Promise<string> {
  let text = ''
  for await (const chunk of reply.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    if (enough(text)) break
  }
  return text
}

test('the status comes as it changes, and a closing gateway lets its watchers go at once', async () => {
  const own = await openStand()
  const cookie = await logIn(own)
  const reply = await get(own, '/admin/live', { cookie })
  assert.equal(reply.headers.get('content-type'), 'text/event-stream')
  await own.chat(ask('hi'))
  const used = (text: string): number[] =>
    eventsOf(text).map(({ data }) => {
      const { providers } = JSON.parse(data) as Awaited<ReturnType<Stand['core']['status']>>
      return providers[0]?.accounts[0]?.windows.find(({ name }) => name === 'day')?.used ?? -1
    })
  const text = await readUntil(reply, (so) => used(so).includes(1))
  assert.equal(used(text).at(-1), 1)
  const other = await get(own, '/admin/live', { cookie })
  const ended = readUntil(other, () => false)
  const begun = performance.now()
  await own.gateway.close()
  await ended
  assert.ok(performance.now() - begun < 5000, 'a watcher held the gateway open')
  await own[Symbol.asyncDispose]()
})

test('a session that ends takes its live stream along, and only its own', async () => {
  await using own = await openStand()
  const [left, kept] = [await logIn(own), await logIn(own)]
  const [ending, staying] = [
    await get(own, '/admin/live', { cookie: left }),
    await get(own, '/admin/live', { cookie: kept }),
  ]
  const byKey = await get(own, '/admin/live', { cookie: 'x=1', authorization: `Bearer ${adminKey}` })
  await fetch(`${own.gateway.url}/admin/session`, { method: 'DELETE', headers: { cookie: left } })
  // Ends by itself; a stream that went on would let the test run out of time.
  await readUntil(ending, () => false)
  await own.chat(ask('hi'))
  for (const reply of [staying, byKey]) await readUntil(reply, (text) => text.includes('"used":1'))
})

test('a page that is looked at keeps its session for longer than a week', async () => {
  await using own = await openStand()
  const cookie = await logIn(own)
  const reply = await get(own, '/admin/live', { cookie })
  let days = 0
  await readUntil(reply, () => {
    own.clock.advance(4 * 86_400_000)
    return ++days === 3
  })
  assert.deepEqual(await loggedIn(own, cookie), { loggedIn: true })
})

test('a status that cannot be made ends the streams, so that nobody takes old figures for new', async () => {
  await using own = await openStand()
  const cookie = await logIn(own)
  const reply = await get(own, '/admin/live', { cookie })
  own.core.status = () => Promise.reject(new Error('the ledger cannot be read'))
  await readUntil(reply, () => false)
})

test('the fifty-first watcher is told why there is no room, and gets it when another leaves', async () => {
  await using own = await openStand()
  const cookie = await logIn(own)
  const leaving = new AbortController()
  const watch = (signal?: AbortSignal): Promise<Response> =>
    fetch(`${own.gateway.url}/admin/live`, {
      headers: { cookie },
      ...(signal === undefined ? {} : { signal }),
    })
  const first = await watch(leaving.signal)
  const watchers = [first, ...(await Promise.all(Array.from({ length: 49 }, () => watch())))]
  assert.ok(watchers.every(({ status }) => status === 200))
  const refused = await watch()
  assert.equal(refused.status, 503)
  assert.match(await refused.text(), /50 pages look at this gateway already/)
  leaving.abort()
  for (;;) {
    const again = await watch()
    if (again.status === 200) break
    await again.text()
  }
  // Named to the end: an answer that nobody holds any more is let go by the garbage collector, and its place with it.
  await Promise.all(watchers.slice(1).map(({ body }) => body?.cancel()))
})

test('every path below /dashboard is the page, which can run, load and frame nothing foreign', async () => {
  for (const path of ['/dashboard', '/dashboard/', '/dashboard/requests', '/dashboard/keys?x=1']) {
    const reply = await get(stand, path)
    const csp = reply.headers.get('content-security-policy') ?? ''
    assert.equal(reply.headers.get('content-type'), 'text/html; charset=utf-8', path)
    for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"])
      assert.ok(csp.includes(part), part)
    assert.doesNotMatch(csp, /unsafe|\*|https?:/)
    const html = await reply.text()
    assert.doesNotMatch(html, /<script(?![^>]*\bsrc="\/dashboard\/assets\/)|\son\w+=|style=/)
  }
  const html = await (await get(stand, '/dashboard/')).text()
  const [script = ''] = /\/dashboard\/assets\/[^"]+\.js/.exec(html) ?? []
  const asset = await get(stand, script)
  assert.match(asset.headers.get('cache-control') ?? '', /immutable/)
  assert.equal(asset.headers.get('content-encoding'), 'gzip')
  for (const path of ['/dashboard/assets/none.js', '/dashboard/assets/../../package.json'])
    assert.match(await (await get(stand, path)).text(), /not_found|<!doctype html>/i, path)
  assert.equal((await get(stand, '/dashboard/assets/none.js')).status, 404)
})

test('all code and style of the dashboard is below 120 KB when packed', async () => {
  const html = await (await get(stand, '/dashboard/')).text()
  let bytes = 0
  for (const [path] of html.matchAll(/\/dashboard\/assets\/[^"]+/g)) {
    const head = await fetch(stand.gateway.url + path, { method: 'HEAD' })
    bytes += Number(head.headers.get('content-length'))
  }
  assert.ok(bytes > 1000 && bytes < 120_000, `${bytes} bytes`)
})

test('a chat of the dashboard needs no client key and stands in the ledger under its own name', async () => {
  const cookie = await logIn(stand)
  const reply = await post(stand, '/admin/chat', ask('hi', { model: 'auto' }), { cookie, ...ownPage(stand) })
  assert.equal(reply.status, 200)
  const id = reply.headers.get('x-request-id') ?? ''
  const [row] = (await stand.core.attempts({ limit: 1, call: id })).attempts
  assert.deepEqual([row?.client, row?.state], ['dashboard', 'done'])
})
