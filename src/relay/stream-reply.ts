import type { ChatEvent } from '../chat/types.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { createTail } from '../wire/tail.ts'
import { createEndMarkScanner } from './end-mark.ts'
import { type Ending, type Outcome, outcomeOf, readEnding, readTail } from './outcome.ts'
import type { StreamHead } from './peek.ts'
import type { ChunkOptions, Reply, Settle } from './reply.ts'

// Holds the last frames of any service seen; 16 KB doubled the cost of reading a stream's end.
const tailBytes = 4096

/** A stream whose head was read and found to be content. `signal` aborts it: by the client leaving, or by a deadline. */
export class StreamReply implements Reply {
  readonly streamed = true
  readonly served: string | undefined
  readonly #dialect: Dialect
  readonly #head: StreamHead
  readonly #signal: AbortSignal
  readonly #settle: Settle
  #chunksRead = 0
  #pieces = 0
  #broken: unknown
  #unreadDone = false
  #upstreamEnded = false
  #begun = false
  #settled = false

  constructor(dialect: Dialect, head: StreamHead, settle: Settle, signal: AbortSignal) {
    this.#dialect = dialect
    this.#head = head
    this.#settle = settle
    this.#signal = signal
    this.served = readEnding(head.events).served
    // A reply that nobody begins to read must give its lease back all the same.
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  body(): Uint8Array {
    throw new TypeError('a streamed reply has no plain body; read its chunks')
  }

  chunks(dialect: Dialect, options: ChunkOptions): AsyncIterable<Uint8Array> {
    return dialect.name === this.#dialect.name ? this.#relay() : this.#translate(dialect, options)
  }

  async *#relay(): AsyncGenerator<Uint8Array, void, undefined> {
    this.#begun = true
    const tail = createTail(tailBytes)
    const mark = this.#dialect.endMark
    const scanner = mark === undefined ? undefined : createEndMarkScanner(mark)
    let held: Uint8Array | undefined
    try {
      for (let chunk = await this.#nextChunk(); chunk !== undefined; chunk = await this.#nextChunk()) {
        this.#pieces++
        tail.push(chunk)
        // Bytes that looked like the end but were followed by more.
        if (held !== undefined) yield held
        // A dialect without a fixed end mark holds each chunk until the next one.
        const holdFrom = scanner === undefined ? 0 : scanner.scan(chunk)
        held = holdFrom < chunk.length ? chunk.subarray(holdFrom) : undefined
        if (holdFrom > 0) yield held === undefined ? chunk : chunk.subarray(0, holdFrom)
      }
      const ending = readTail(this.#dialect, tail)
      const outcome = await this.#finish(ending)
      if (outcome.end === 'complete') {
        if (held !== undefined) yield held
        // The model finished and the service left out the mark: the answer is whole, so the mark is owed.
        if (mark !== undefined && !ending.marked) yield Buffer.from(`\n\n${mark}\n\n`)
      } else if (outcome.end !== 'aborted') {
        // A line break first: the cut may have left half a frame behind, which must not swallow the error.
        yield Buffer.from(`\n\n${this.#errorFrame(this.#dialect, outcome.message)}`)
      }
    } finally {
      this.#abandon()
    }
  }

  async *#translate(dialect: Dialect, options: ChunkOptions): AsyncGenerator<Uint8Array, void, undefined> {
    const encoder = dialect.encoder(options)
    for await (const batch of this.events()) {
      let text = ''
      for (const event of batch) {
        if (event.type === 'message-end') text += encoder.end()
        else if (event.type === 'error') text += this.#errorFrame(dialect, event.message)
        else text += encoder.push(event)
      }
      if (text !== '') yield Buffer.from(text)
    }
  }

  async *events(): AsyncGenerator<readonly ChatEvent[], void, undefined> {
    this.#begun = true
    this.#chunksRead = this.#head.chunks.length
    const ends: ChatEvent[] = []
    try {
      let events: readonly ChatEvent[] = this.#head.events
      for (;;) {
        const content: ChatEvent[] = []
        for (const event of events) {
          if (event.type.endsWith('-delta')) this.#pieces++
          else ends.push(event)
          if (event.type !== 'message-end' && event.type !== 'error') content.push(event)
        }
        if (content.length > 0) yield content
        if (this.#upstreamEnded) break
        events = await this.#nextEvents()
      }
      const outcome = await this.#finish(readEnding(ends))
      if (outcome.end === 'complete') yield [{ type: 'message-end' }]
      else if (outcome.end !== 'aborted')
        yield [{ type: 'error', message: outcome.message ?? 'the upstream failed' }]
    } finally {
      this.#abandon()
    }
  }

  async #nextEvents(): Promise<readonly ChatEvent[]> {
    const { decoder, framer, unread } = this.#head
    const chunk = this.#unreadDone ? await this.#nextChunk() : unread
    this.#unreadDone = true
    this.#upstreamEnded = chunk === undefined
    try {
      const frames = chunk === undefined ? framer.end() : framer.feed(chunk)
      return frames.flatMap((frame) => [...decoder.push(frame)])
    } catch (error) {
      this.#broken ??= error
      this.#upstreamEnded = true
      return []
    }
  }

  /** First the chunks held back while peeking, then the rest; undefined at the end, whether clean or broken. */
  async #nextChunk(): Promise<Uint8Array | undefined> {
    const held = this.#head.chunks[this.#chunksRead++]
    if (held !== undefined) return held
    try {
      const next = await this.#head.rest.next()
      return next.done === true ? undefined : next.value
    } catch (error) {
      this.#broken = error
      return undefined
    }
  }

  async #finish(ending: Ending): Promise<Outcome> {
    const outcome = outcomeOf(ending, { broken: this.#broken, signal: this.#signal, pieces: this.#pieces })
    this.#settled = true
    this.#signal.removeEventListener('abort', this.#onAbort)
    await this.#settle(outcome)
    return outcome
  }

  /** The reader left early: closes the upstream and settles, unless that is done. */
  #abandon(): void {
    if (this.#settled) return
    this.#settled = true
    this.#signal.removeEventListener('abort', this.#onAbort)
    void this.#head.rest.return?.()
    const { usage, served } = readEnding(this.#head.events)
    void this.#settle({
      end: 'aborted',
      pieces: this.#pieces,
      ...(usage === undefined ? {} : { usage }),
      ...(served === undefined ? {} : { served }),
    })
  }

  #onAbort = (): void => {
    if (!this.#begun) this.#abandon()
  }

  #errorFrame(dialect: Dialect, message = 'the upstream failed'): string {
    return dialect.errorFrame({ status: 502, code: 'upstream_failed', message })
  }
}
