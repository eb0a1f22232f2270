import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createTransport, type Transport } from './transport.ts'

type Handler = (response: ServerResponse) => void

async function serve(handler: Handler): Promise<{ origin: string; server: Server } & AsyncDisposable> {
  const server = createServer((_, response) => handler(response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    server,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function transport(): Transport & AsyncDisposable {
  const made = createTransport({ connectMs: 1000, headersMs: 5000, idleMs: 5000 })
  return { ...made, [Symbol.asyncDispose]: () => made.close() }
}

const ask = (origin: string, signal?: AbortSignal): Parameters<Transport['request']>[0] => ({
  method: 'POST',
  origin,
  path: '/',
  headers: { 'content-type': 'application/json' },
  body: [Buffer.from('{"a":'), Buffer.from('1}')],
  ...(signal === undefined ? {} : { signal }),
})

test('status, headers and the whole body arrive', async () => {
  await using upstream = await serve((response) => response.writeHead(201, { 'x-a': 'b' }).end('hello'))
  await using wire = transport()
  const reply = await wire.request(ask(upstream.origin))
  assert.equal(reply.status, 201)
  assert.equal(reply.headers['x-a'], 'b')
  assert.equal((await reply.body.collect(100)).toString(), 'hello')
})

test('a redirect is handed back, never followed', async () => {
  await using other = await serve((response) => response.end('secret'))
  let reached = false
  other.server.on('request', () => (reached = true))
  await using upstream = await serve((response) => response.writeHead(307, { location: other.origin }).end())
  await using wire = transport()
  assert.equal((await wire.request(ask(upstream.origin))).status, 307)
  assert.equal(reached, false)
})

test('a body beyond the cap is refused and its connection closed', async () => {
  await using upstream = await serve((response) => {
    const more = (): void => {
      while (response.write(Buffer.alloc(65536)));
    }
    response.on('drain', more)
    more()
  })
  const closed = once(upstream.server, 'connection').then(
    ([socket]) => new Promise((resolve) => socket.on('error', () => {}).on('close', resolve)),
  )
  await using wire = transport()
  const reply = await wire.request(ask(upstream.origin))
  await assert.rejects(reply.body.collect(1_000_000), { code: 'upstream_failed' })
  await closed
})

test('an upstream faster than its reader is paused, not buffered', async () => {
  let written = 0
  await using upstream = await serve((response) => {
    const more = (): void => {
      do written += 65536
      while (written < 200_000_000 && response.write(Buffer.alloc(65536)))
    }
    response.on('drain', more)
    more()
  })
  await using wire = transport()
  const reply = await wire.request(ask(upstream.origin))
  const chunks = reply.body[Symbol.asyncIterator]()
  await chunks.next()
  let before = -1
  while (before !== written) {
    before = written
    for (let turn = 0; turn < 500; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  assert.ok(written < 50_000_000, `${written} bytes left the upstream with nobody reading`)
  await chunks.return?.()
})

test('aborting closes the upstream connection, before and after the response head', async () => {
  for (const head of [false, true]) {
    await using upstream = await serve((response) => {
      if (head) response.writeHead(200).write('first')
    })
    const opened = once(upstream.server, 'request')
    await using wire = transport()
    const controller = new AbortController()
    const replied = wire.request(ask(upstream.origin, controller.signal))
    const [request] = await opened
    const closed = once(request.socket, 'close')
    if (head) {
      const chunks = (await replied).body[Symbol.asyncIterator]()
      await chunks.next()
      const waiting = chunks.next()
      controller.abort()
      await assert.rejects(waiting, { name: 'AbortError' })
    } else {
      controller.abort()
      await assert.rejects(replied, { name: 'AbortError' })
    }
    await closed
  }
})

test('a refused connection and a body cut short reject with the error of the network', async () => {
  await using wire = transport()
  await assert.rejects(wire.request(ask('http://127.0.0.1:9')), { code: 'ECONNREFUSED' })
  await using upstream = await serve((response) => {
    response.writeHead(200, { 'content-length': '10' }).write('half')
    setImmediate(() => response.destroy())
  })
  const reply = await wire.request(ask(upstream.origin))
  await assert.rejects(reply.body.collect(100))
})

test('chunks of one write arrive as one', async () => {
  await using upstream = await serve((response) => {
    response.cork()
    for (let count = 0; count < 50; count++) response.write(`${count}\n`)
    response.uncork()
    response.end()
  })
  await using wire = transport()
  const reply = await wire.request(ask(upstream.origin))
  let chunks = 0
  for await (const chunk of reply.body) if (chunk.length > 0) chunks++
  assert.ok(chunks < 10, `${chunks} chunks`)
})
