import type { ServerResponse } from 'node:http'
import { openStand, type Stand, type StandOptions } from './stand.ts'
import { startRawUpstream } from './raw-upstream.ts'

/** What a model says when it is asked: words, or calls of tools. */
export interface Said {
  readonly content?: string
  readonly calls?: readonly { readonly name: string; readonly arguments: object }[]
}

/** A request as the played server received it. */
export interface OllamaAsked {
  readonly stream: boolean
  readonly format?: unknown
  readonly tools?: readonly { readonly function: { readonly name: string } }[]
  readonly messages: readonly { readonly role: string; readonly content: string }[]
}

export interface PlayedOllama extends AsyncDisposable {
  readonly stand: Stand
  /** Requests since `says` was called last. */
  readonly asked: readonly OllamaAsked[]
  /** From now on: one answer a call, the last one for all further calls. */
  says(...answers: readonly Said[]): void
  /** Lets a stream that is held before its end come to it. */
  release(): void
}

export interface PlayedOptions {
  /** Entries of `/api/tags`; none: the list cannot be read. */
  readonly listed?: readonly object[]
  /** Streams stop before their last line until they are released. */
  readonly holds?: boolean
  readonly gateway?: StandOptions['gateway']
}

// Counts of each answer, so that two calls can be told from one.
const counts = { prompt_eval_count: 100, eval_count: 10 }

/** A stand whose Ollama server says what the test wrote. */
export async function openPlayedOllama({
  listed,
  holds = false,
  gateway = {},
}: PlayedOptions = {}): Promise<PlayedOllama> {
  let answers: readonly Said[] = []
  let asked: OllamaAsked[] = []
  let release = (): void => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  const raw = await startRawUpstream(
    async (response, _call, body) => {
      const request = JSON.parse(body) as OllamaAsked
      asked.push(request)
      const said = answers[Math.min(asked.length, answers.length) - 1] ?? {}
      if (request.stream) await stream(response, said, holds ? released : Promise.resolve())
      else
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ ...line(said), ...end, ...counts }))
    },
    (path) => (path === '/api/tags' && listed !== undefined ? { models: listed } : undefined),
  )
  const stand = await openStand({ environment: { OLLAMA_BASE_URL: raw.url }, gateway })
  return {
    stand,
    get asked() {
      return asked
    },
    says(...said) {
      answers = said
      asked = []
    },
    release,
    async [Symbol.asyncDispose]() {
      release()
      await stand[Symbol.asyncDispose]()
      await raw[Symbol.asyncDispose]()
    },
  }
}

const end = { done: true, done_reason: 'stop' }

function line({ content = '', calls = [] }: Said): object {
  const toolCalls = calls.map((each) => ({ function: each }))
  const message = { role: 'assistant', content, ...(calls.length > 0 && { tool_calls: toolCalls }) }
  return { model: 'm', created_at: '2026-11-23T12:00:00Z', message, done: false }
}

async function stream(response: ServerResponse, said: Said, released: Promise<void>): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  // In two pieces, and the calls behind the words.
  const { content = '', calls = [] } = said
  const half = content.length >> 1
  const parts = [{ content: content.slice(0, half) }, { content: content.slice(half) }, { calls }]
  for (const part of parts) response.write(`${JSON.stringify(line(part))}\n`)
  await released
  response.end(`${JSON.stringify({ ...line({}), ...end, ...counts })}\n`)
}
