import type { ChatEvent, Json } from '../chat/types.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Fault } from '../providers/provider.ts'
import { createFramer } from '../wire/frames.ts'
import type { UpstreamReply } from '../wire/transport.ts'

const errorMaxBytes = 64 * 1024

/** Largest whole answer that is taken from an upstream. */
export const plainMaxBytes: number = 32 * 1024 * 1024

/** A whole answer, read. */
export interface PlainAnswer {
  readonly events: readonly ChatEvent[]
  /** Whether the bytes are a body of the dialect, fit to be handed on. */
  readonly isBody: boolean
  /** Why there are no events, if there are none. */
  readonly problem: string
}

/** Lenient: some services stream though nobody asked, and the frames make a whole answer all the same. */
export function readPlain(dialect: Dialect, bytes: Buffer): PlainAnswer {
  const parsed = parseJson(bytes)
  if (parsed !== undefined)
    return { events: dialect.readResult(parsed), isBody: true, problem: emptyAnswer.message }
  return { events: eventsOfStream(dialect, bytes), isBody: false, problem: notJson(bytes) }
}

export function isJson(reply: UpstreamReply): boolean {
  return String(reply.headers['content-type'] ?? '').startsWith('application/json')
}

// Wires that name their errors by words (https://platform.openai.com/docs/api-reference/responses/object).
const wordStatus: Readonly<Record<string, number>> = {
  invalid_prompt: 400,
  context_length_exceeded: 400,
  insufficient_quota: 402,
  rate_limit_exceeded: 429,
  server_error: 500,
}

/** The HTTP status that an error inside a 200 stands for; 502 where its code says nothing. */
export function embeddedStatus(code: string | undefined): number {
  const status = wordStatus[code ?? ''] ?? Number(code)
  return Number.isInteger(status) && status >= 400 && status <= 599 ? status : 502
}

/** Enough of an error body to judge it; the rest is not waited for. */
export async function collectSome(reply: UpstreamReply): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of reply.body) {
      chunks.push(chunk)
      size += chunk.length
      if (size >= errorMaxBytes) break
    }
  } catch {
    // A cut error body still has its status, which is most of what it had to say.
  }
  return Buffer.concat(chunks).toString('utf8', 0, errorMaxBytes)
}

function parseJson(bytes: Buffer): Json | undefined {
  try {
    return JSON.parse(bytes.toString()) as Json
  } catch {
    return undefined
  }
}

function eventsOfStream(dialect: Dialect, bytes: Buffer): ChatEvent[] {
  if (dialect.framing === 'sse' && !bytes.includes('data:')) return []
  const framer = createFramer(dialect.framing, { maxBytes: plainMaxBytes })
  const decoder = dialect.decoder()
  const events = [...framer.feed(bytes), ...framer.end()].flatMap((frame) => [...decoder.push(frame)])
  return events.some((event) => event.type === 'finish') ? events : []
}

function notJson(bytes: Buffer): string {
  return bytes.includes('<html') ? 'the answer is a web page, not JSON' : 'the answer is not valid JSON'
}

/** A 200 that held nothing. Only this request is sent elsewhere: the key did its part. */
export const emptyAnswer: Fault = {
  rule: 'empty-answer',
  kind: 'empty',
  scope: 'request',
  lane: 'all',
  message: 'the answer ended without any content',
  stated: false,
}

export function brokenAnswer(message: string): Fault {
  return { ...emptyAnswer, rule: 'broken-answer', kind: 'broken-stream', message }
}
