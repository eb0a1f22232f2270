import type { ChatEvent } from '../chat/types.ts'
import { isContent } from '../chat/fold.ts'
import type { Dialect, StreamDecoder } from '../dialects/dialect.ts'
import { createFramer, type Framer } from '../wire/frames.ts'
import type { UpstreamBody } from '../wire/transport.ts'

/** The head of a stream, read up to the point where it is known what the stream is. */
export type Peeked =
  | { readonly kind: 'content'; readonly head: StreamHead }
  | { readonly kind: 'error'; readonly error: Extract<ChatEvent, { type: 'error' }> }
  | { readonly kind: 'empty' }

/** What was held back while peeking, with the readers in the state they were left in. */
export interface StreamHead {
  /** Every byte read so far. */
  readonly chunks: readonly Uint8Array[]
  /** The end of the last chunk that the framer has not been given. */
  readonly unread: Uint8Array
  readonly events: readonly ChatEvent[]
  readonly framer: Framer
  readonly decoder: StreamDecoder
  readonly rest: AsyncIterator<Uint8Array>
  /** Closes the upstream connection, also while a read is waiting for it. */
  readonly abort: () => void
}

/**
 * Holds a stream back until its first content, so that an error, a stall or an empty end before it can fail over
 * unseen. Comments and role-only chunks are not content. An answer that was filtered or ran out of tokens before any
 * text is an answer, not a failure.
 */
export async function peek(body: UpstreamBody, dialect: Dialect): Promise<Peeked> {
  try {
    const peeked = await readHead(body, dialect)
    if (peeked.kind === 'error') body.abort()
    return peeked
  } catch (error) {
    // A frame without end is given up in the middle: its connection must not stay open behind it.
    body.abort()
    throw error
  }
}

async function readHead(body: UpstreamBody, dialect: Dialect): Promise<Peeked> {
  const rest = body[Symbol.asyncIterator]()
  const framer = createFramer(dialect.framing)
  const decoder = dialect.decoder()
  const abort = (): void => body.abort()
  const chunks: Uint8Array[] = []
  const events: ChatEvent[] = []
  for (;;) {
    const next = await rest.next()
    const chunk = next.done === true ? undefined : next.value
    if (chunk !== undefined) chunks.push(chunk)
    // A burst brings a whole answer in one read: parsing on behind the first content would be work for nothing.
    let unread = chunk
    do {
      const frames = unread === undefined ? framer.end() : framer.feed(unread.subarray(0, sliceBytes))
      unread = unread?.subarray(sliceBytes)
      const fresh = frames.flatMap((frame) => [...decoder.push(frame)])
      events.push(...fresh)
      if (fresh.some(isContent) || answeredWithoutText(fresh)) {
        return {
          kind: 'content',
          head: { chunks, unread: unread ?? new Uint8Array(), events, framer, decoder, rest, abort },
        }
      }
      const error = fresh.find((event) => event.type === 'error')
      if (error !== undefined) return { kind: 'error', error }
    } while (unread !== undefined && unread.length > 0)
    if (next.done === true) return { kind: 'empty' }
  }
}

// A few frames: the first content is nearly always in the first one.
const sliceBytes = 512

/** Whether the events end an answer that rightly holds no text. */
export function answeredWithoutText(events: readonly ChatEvent[]): boolean {
  return events.some(
    (event) => event.type === 'finish' && (event.reason === 'length' || event.reason === 'filtered'),
  )
}
