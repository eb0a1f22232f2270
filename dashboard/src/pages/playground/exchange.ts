import { session } from '../../api/ask.ts'
import { type AnswerPart, type Failure, readFailure, readPart } from './answer-part.ts'
import { EventStream } from './event-stream.ts'

export interface Message {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

/** What one request asks for. */
export interface Question {
  readonly model: string
  readonly messages: readonly Message[]
  /** Asked first when it can; empty: whoever is next. */
  readonly provider: string
  readonly temperature?: number
  readonly maxTokens?: number
}

/** What the head of an answer tells. */
export interface Head {
  readonly id?: string
  readonly provider?: string
  readonly model?: string
  readonly key?: string
  readonly attempts?: string
  /** US dollars, where they are known before the answer. */
  readonly cost?: string
  /** What of the request could not be passed on. */
  readonly warnings?: string
}

/** Who is told of an answer as it comes. */
export interface Listener {
  head(head: Head): void
  part(part: AnswerPart): void
}

/**
 * Asks through the gateway's own chat and tells of the answer as it comes. Gives the failure it ended with; undefined:
 * it is whole. Throws only when `signal` aborts.
 */
export async function exchange(
  question: Question,
  listener: Listener,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  try {
    const response = await post(question, signal)
    listener.head(headOf(response.headers))
    if (response.status === 401) session.lost()
    if (!response.ok) return readFailure(await response.text(), response.status)
    return await read(response, listener)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof TypeError)
      return {
        message: 'the gateway does not answer, or the connection broke; is it still running?',
        pools: [],
      }
    return { message: error instanceof Error ? error.message : String(error), pools: [] }
  }
}

function post({ model, messages, provider, temperature, maxTokens }: Question, signal: AbortSignal) {
  return fetch('/admin/chat', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(provider === '' ? {} : { 'x-switchyard-provider': provider }),
    },
    body: JSON.stringify({
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
      ...(temperature === undefined ? {} : { temperature }),
      ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    }),
    signal,
  })
}

async function read({ body }: Response, listener: Listener): Promise<Failure | undefined> {
  if (body === null) return { message: 'the answer is empty', pools: [] }
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  const stream = new EventStream()
  let failure: Failure | undefined
  let isWhole = false
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      for (const data of stream.feed(next.value)) {
        if (data === '[DONE]') isWhole = true
        const part = readPart(data)
        if (part === undefined) continue
        failure ??= part.failure
        listener.part(part)
      }
    }
  } finally {
    // What is too large to be shown need not be read to its end.
    reader.cancel().catch(() => {})
  }
  return failure ?? (isWhole ? undefined : { message: 'the answer broke off before its end', pools: [] })
}

function headOf(headers: Headers): Head {
  const facts = {
    id: headers.get('x-request-id'),
    provider: headers.get('x-switchyard-provider'),
    model: headers.get('x-switchyard-model'),
    key: headers.get('x-switchyard-key'),
    attempts: headers.get('x-switchyard-attempts'),
    cost: headers.get('x-switchyard-cost'),
    warnings: headers.get('x-switchyard-warnings'),
  }
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null))
}
