import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An upstream that plays inference calls byte by byte as a test writes them; other calls get a 404 unless `get` has a body for them. */
export interface RawUpstream extends AsyncDisposable {
  readonly url: string
  /** Chat calls that arrived. */
  readonly calls: number
  /** Chat answers whose connection the other side closed before their end. */
  readonly left: number
}

/** `call` counts from 1. The response has no head yet. */
export type Play = (response: ServerResponse, call: number, body: string) => void | Promise<void>

export async function startRawUpstream(
  play: Play,
  get: (path: string) => unknown = () => undefined,
): Promise<RawUpstream> {
  let calls = 0
  let left = 0
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'POST' || !/\/(?:chat|messages|responses|generate)\b/.test(request.url ?? '')) {
      const found = get(request.url ?? '')
      response
        .writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' })
        .end(JSON.stringify(found ?? { error: { message: 'not here' } }))
      return
    }
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    response
      .on('error', () => {})
      .on('close', () => {
        if (!response.writableFinished) left++
      })
    await play(response, ++calls, Buffer.concat(chunks).toString())
  }
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get calls() {
      return calls
    },
    get left() {
      return left
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** A port of this machine where nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const closed = once(server, 'close')
  server.close()
  await closed
  return port
}

/** One chunk of an OpenAI stream. */
export function sse(content: string, finish: string | null = null): string {
  const choice = { index: 0, delta: content === '' ? {} : { content }, finish_reason: finish }
  const head = { id: 'gen-1', object: 'chat.completion.chunk', created: 1, model: 'raw/model' }
  return `data: ${JSON.stringify({ ...head, choices: [choice] })}\n\n`
}

export const sseHead: Readonly<Record<string, string>> = { 'content-type': 'text/event-stream' }
