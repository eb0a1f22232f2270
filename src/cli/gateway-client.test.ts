import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { type TestContext, test } from 'node:test'
import { askGateway, reach } from './gateway-client.ts'

/** A port where every connection is answered with `text`; nothing, if it is empty. */
async function listen(t: TestContext, text: string): Promise<string> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {})
    if (text !== '') socket.once('data', () => socket.end(text))
    t.after(() => socket.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/healthz`
}

test('a port that takes the connection and stays silent is given up on', async (t) => {
  const url = await listen(t, '')
  await assert.rejects(
    reach(url, 'key', { headMs: 50 }),
    /did not answer within 0\.05 s; is it a Switchyard gateway/,
  )
})

test('who leaves before that is told so, not that nobody answered', async (t) => {
  const url = await listen(t, '')
  const leaving = new AbortController()
  const asked = reach(url, 'key', { signal: leaving.signal })
  leaving.abort()
  await assert.rejects(asked, { name: 'AbortError' })
})

test('an answer is read, a refusal is told in its own words, and a closed port is no gateway', async (t) => {
  const reply = (status: string, body: string): string =>
    `HTTP/1.1 ${status}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`
  assert.deepEqual(await askGateway(await listen(t, reply('200 OK', '{"a":1}')), 'key'), { a: 1 })
  const refused = await listen(t, reply('404 Not Found', '{"error":{"message":"no such key"}}'))
  await assert.rejects(askGateway(refused, 'key'), /^ProviderError: no such key/)
  await assert.rejects(askGateway(await listen(t, reply('500 X', 'page')), 'key'), /answered 500; is it/)
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  assert.equal(await askGateway(`http://127.0.0.1:${port}/`, 'key'), undefined)
})
