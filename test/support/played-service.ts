import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A POST that a service received. */
export interface ReceivedCall {
  readonly path: string
  readonly authorization: string
  readonly body: Readonly<Record<string, unknown>>
}

/** A service on 127.0.0.1 that keeps what it is sent, and answers what the test says. */
export interface PlayedService extends AsyncDisposable {
  readonly url: string
  readonly calls: readonly ReceivedCall[]
  /** The most calls that were open at one time. */
  readonly peak: number
}

export interface ServiceScript {
  /** The body for a GET; undefined: 404. */
  readonly get?: (path: string) => unknown
  /** The answer to a POST. Default: a short chat answer of OpenAI's form. */
  readonly post?: (
    call: ReceivedCall,
  ) => { readonly status: number; readonly body: unknown } | Promise<{ status: number; body: unknown }>
}

export async function startPlayedService({
  get,
  post = () => ({ status: 200, body: chatAnswer() }),
}: ServiceScript): Promise<PlayedService> {
  const calls: ReceivedCall[] = []
  let open = 0
  let peak = 0
  const send = (response: ServerResponse, status: number, body: unknown): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '/'
    if (request.method !== 'POST') {
      const found = get?.(path)
      return send(response, found === undefined ? 404 : 200, found ?? { error: { message: 'not here' } })
    }
    peak = Math.max(peak, ++open)
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>
    const call = { path, authorization: request.headers.authorization ?? '', body }
    calls.push(call)
    const answer = await post(call)
    open--
    send(response, answer.status, answer.body)
  }
  const server = createServer((request, response) => void serve(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    get peak() {
      return peak
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** A whole answer of OpenAI's Chat Completions API. */
export function chatAnswer(model = 'm', usage: readonly [number, number] = [5, 2]): unknown {
  const [prompt, completion] = usage
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model,
    choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
  }
}

/** A whole answer of Ollama's chat API. */
export function ollamaAnswer(model = 'm'): unknown {
  return {
    model,
    created_at: '2026-11-23T12:00:00Z',
    message: { role: 'assistant', content: 'hello' },
    done: true,
    done_reason: 'stop',
    prompt_eval_count: 5,
    eval_count: 2,
  }
}
