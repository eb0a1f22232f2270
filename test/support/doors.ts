import { request as httpRequest } from 'node:http'
import { eventsOf, type Read, type SeenEvent } from './event-stream.ts'
import { clientKey, type Stand } from './stand.ts'

/** One way into the gateway, as the clients of a dialect write and read it. Shares no code with the dialects of the router. */
export interface Door {
  readonly name: 'chat' | 'responses' | 'messages' | 'ollama' | 'generate'
  readonly path: string
  readonly framing: 'sse' | 'ndjson'
  /** The smallest request with one question. */
  question(text: string): Readonly<Record<string, unknown>>
  /** The words of a whole answer. */
  textOf(body: unknown): string
  /** A stream, taken apart as a strict client does. */
  read(stream: string): Read
  /** The member that bounds an answer's length. */
  bounded(tokens: number): Readonly<Record<string, unknown>>
}

type Loose = Readonly<Record<string, unknown>>
const object = (value: unknown): Loose =>
  typeof value === 'object' && value !== null ? (value as Loose) : {}
const list = (value: unknown): readonly Loose[] => (Array.isArray(value) ? value.map(object) : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Reads events in order: `ended` and `failed` tell the two ends of a stream, behind which nothing may come. */
function fold(
  stream: string,
  events: readonly SeenEvent[],
  read: (event: Loose, name: string | undefined) => Partial<Fact>,
): Read {
  const broken: string[] = []
  const errors: string[] = []
  let said = ''
  let ended = false
  for (const { name, data } of events) {
    const fact = data === '[DONE]' ? { ended: true } : readOne(name, data)
    if (ended || (errors.length > 0 && fact.error === undefined && fact.partOfError !== true))
      broken.push(`after the end: ${data}`)
    said += fact.text ?? ''
    ended ||= fact.ended === true
    if (fact.error !== undefined) errors.push(fact.error)
    if (fact.broken !== undefined) broken.push(fact.broken)
  }
  if (stream !== '' && !stream.endsWith('\n')) broken.push('the last line has no end')
  return { text: said, errors, ended, broken }

  function readOne(name: string | undefined, data: string): Partial<Fact> {
    try {
      return read(object(JSON.parse(data)), name)
    } catch {
      return { broken: data }
    }
  }
}

interface Fact {
  readonly text: string
  readonly ended: boolean
  readonly error: string
  /** Tells of the same failure as the event before or after it. */
  readonly partOfError: boolean
  readonly broken: string
}

const lines = (stream: string): readonly SeenEvent[] =>
  stream
    .replace(/\n$/, '')
    .split('\n')
    .map((data) => ({ name: undefined, data }))

function readLine(line: Loose): Partial<Fact> {
  if (line['error'] !== undefined)
    return typeof line['error'] === 'string'
      ? { error: line['error'] }
      : { broken: 'an error that is no text' }
  return {
    text: text(object(line['message'])['content']) + text(line['response']),
    ended: line['done'] === true,
  }
}

const chat: Door = {
  name: 'chat',
  path: '/v1/chat/completions',
  framing: 'sse',
  question: (content) => ({ messages: [{ role: 'user', content }] }),
  textOf: (body) => text(object(list(object(body)['choices'])[0]?.['message'])['content']),
  read: (stream) =>
    fold(stream, eventsOf(stream), (chunk) => {
      const choices = list(chunk['choices'])
      // `"error": null` stands in chunks where nothing is wrong.
      if (chunk['error'] !== undefined && chunk['error'] !== null)
        return chunk['choices'] === undefined
          ? { error: text(object(chunk['error'])['message']) }
          : { broken: 'an error beside choices' }
      return { text: text(object(choices[0]?.['delta'])['content']) }
    }),
  bounded: (tokens) => ({ max_tokens: tokens }),
}

const responses: Door = {
  name: 'responses',
  path: '/v1/responses',
  framing: 'sse',
  question: (content) => ({ input: [{ role: 'user', content }] }),
  textOf: (body) =>
    list(object(body)['output'])
      .flatMap((item) => list(item['content']))
      .map((part) => text(part['text']))
      .join(''),
  read: (stream) =>
    fold(stream, eventsOf(stream), (event, name) => {
      const { type, response } = event
      if (name !== undefined && name !== type) return { broken: `event ${name} holds ${String(type)}` }
      // Of the two events that tell a failure the second counts, for clients that know both.
      if (type === 'error') return { partOfError: true }
      if (type === 'response.failed')
        return { error: text(object(object(response)['error'])['message']), partOfError: true }
      if (type === 'response.completed' || type === 'response.incomplete') return { ended: true }
      return type === 'response.output_text.delta' ? { text: text(event['delta']) } : {}
    }),
  bounded: (tokens) => ({ max_output_tokens: tokens }),
}

const messages: Door = {
  name: 'messages',
  path: '/v1/messages',
  framing: 'sse',
  question: (content) => ({ max_tokens: 4096, messages: [{ role: 'user', content }] }),
  textOf: (body) =>
    list(object(body)['content'])
      .map((block) => text(block['text']))
      .join(''),
  read: (stream) =>
    fold(stream, eventsOf(stream), (event, name) => {
      // Anthropic's clients drop an event whose line does not name it.
      if (name !== event['type']) return { broken: `event ${name} holds ${String(event['type'])}` }
      if (name === 'error') return { error: text(object(event['error'])['message']) }
      return { text: text(object(event['delta'])['text']), ended: name === 'message_stop' }
    }),
  bounded: (tokens) => ({ max_tokens: tokens }),
}

const ollama: Door = {
  name: 'ollama',
  path: '/api/chat',
  framing: 'ndjson',
  question: (content) => ({ messages: [{ role: 'user', content }] }),
  textOf: (body) => text(object(object(body)['message'])['content']),
  read: (stream) => fold(stream, lines(stream), readLine),
  bounded: (tokens) => ({ options: { num_predict: tokens } }),
}

const generate: Door = {
  ...ollama,
  name: 'generate',
  path: '/api/generate',
  question: (prompt) => ({ prompt }),
  textOf: (body) => text(object(body)['response']),
}

/** OpenRouter is asked in the client's own words at the first three. */
export const doors: Readonly<Record<Door['name'], Door>> = { chat, responses, messages, ollama, generate }
export const allDoors: readonly Door[] = Object.values(doors)
export const eventDoors: readonly Door[] = [chat, responses, messages]

export interface KnockOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** POST at a door with the client key, as the dialect's clients do. A text is sent as it is. */
export function knock(
  stand: Pick<Stand, 'gateway'>,
  door: Pick<Door, 'path'>,
  body: unknown,
  { headers = {}, signal }: KnockOptions = {},
): Promise<Response> {
  return fetch(stand.gateway.url + door.path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${clientKey}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  })
}

/** The bytes of an answer as text: `text()` would take a byte order mark away. */
export async function bytesOf(reply: Response): Promise<string> {
  return Buffer.from(await reply.arrayBuffer()).toString()
}

export interface Heard {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
  readonly trailers: Readonly<Record<string, string | undefined>>
}

/** The same, by a client that reads trailers: `fetch` does not show them. */
export function hear(
  stand: Pick<Stand, 'gateway'>,
  door: Pick<Door, 'path'>,
  body: unknown,
  { headers = {} }: KnockOptions = {},
): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(stand.gateway.url + door.path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${clientKey}`, ...headers },
      agent: false,
    })
    request.on('error', reject).on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
          trailers: response.trailers,
        }),
      )
    })
    request.end(JSON.stringify(body))
  })
}

/** Paths of the inference calls that the simulator received, in order, without the prefix of the service. */
export async function pathsOf({ simulator }: Pick<Stand, 'simulator'>): Promise<readonly string[]> {
  const reply = await fetch(`${simulator.url}/sim/log`)
  const { calls } = (await reply.json()) as { calls: { path: string; outcome: string }[] }
  return calls
    .filter(({ outcome }) => outcome !== 'metadata')
    .map(({ path }) => path.replace('/openrouter/api/v1', '').replace('/ollama', ''))
}
