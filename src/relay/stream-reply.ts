import type { ChatEvent } from '../chat/types.ts'
import type { AnswerContext, Dialect } from '../dialects/dialect.ts'
import { createTail, type Tail } from '../wire/tail.ts'
import { createGate, type Gate } from './gate.ts'
import { type Ending, type Outcome, outcomeOf, readEnding, readTail, type TailReading } from './outcome.ts'
import type { StreamHead } from './peek.ts'
import type { Reply, Settle } from './reply.ts'

// Holds the last frames of any service seen; 16 KB doubled the cost of reading a stream's end.
const tailBytes = 4096
// How long an upstream may take to close after its end mark. Most do so in the same packet.
const lingerMs = 1000

/** A stream whose head was read and found to be content. `signal` aborts it: by the client leaving, or by a deadline. */
export class StreamReply implements Reply {
  readonly streamed = true
  readonly served: string | undefined
  readonly #dialect: Dialect
  readonly #head: StreamHead
  readonly #signal: AbortSignal
  readonly #settle: Settle
  #isUnwanted: ((event: ChatEvent) => boolean) | undefined
  #chunksRead = 0
  #pieces = 0
  #broken: unknown
  #unreadDone = false
  #upstreamEnded = false
  #begun = false
  #settled = false
  // Nobody is there to be told, or whoever aborted tells it.
  #aborted = false
  #lingering: NodeJS.Timeout | undefined

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

  chunks(dialect: Dialect, context: AnswerContext): AsyncIterable<Uint8Array> {
    const relays = dialect.name === this.#dialect.name && this.#isUnwanted === undefined
    return relays ? this.#relay() : this.#translate(dialect, context)
  }

  without(isUnwanted: (event: ChatEvent) => boolean): Reply {
    this.#isUnwanted = isUnwanted
    return this
  }

  async *#relay(): AsyncGenerator<Uint8Array, void, undefined> {
    this.#begun = true
    const tail = createTail(tailBytes)
    const gate = createGate(this.#dialect)
    let size = 0
    try {
      for (let chunk = await this.#nextChunk(); chunk !== undefined; chunk = await this.#nextChunk()) {
        this.#pieces++
        size += chunk.length
        tail.push(chunk)
        const passing = this.#passing(gate, chunk)
        if (passing === undefined) break
        if (passing.length > 0) yield passing
        if (gate.closed) this.#endSoon()
      }
      const { ending, bytesPerFrame } = this.#readTail(tail, gate)
      // A read can bring many frames, and a frame can need many reads.
      this.#pieces = Math.round(size / bytesPerFrame)
      const { outcome, words } = await this.#finish(ending)
      const { endMark } = this.#dialect
      if (outcome.end === 'complete') {
        // The model finished and the service left out the mark: the answer is whole, so the mark is owed.
        if (endMark?.owed !== undefined && !ending.marked) yield Buffer.from(`\n\n${endMark.owed}`)
        else yield gate.rest()
      } else if (outcome.end !== 'aborted') {
        // A line break first: the cut may have left an event without its blank line, which must not swallow the error. Where
        // a line is all there is, a blank one would make clients fail.
        const lineBreak = this.#dialect.framing === 'sse' ? '\n\n' : ''
        yield Buffer.concat([gate.left(), Buffer.from(lineBreak + this.#errorFrame(this.#dialect, words))])
      }
    } finally {
      if (!this.#settled) {
        const { ending, bytesPerFrame } = this.#readTail(tail, gate)
        this.#pieces = Math.round(size / bytesPerFrame)
        this.#abandon(ending)
      }
    }
  }

  #readTail(tail: Tail, gate: Gate): TailReading {
    return readTail(this.#dialect, tail, { head: this.#head.events, held: gate.rest() })
  }

  #passing(gate: Gate, chunk: Uint8Array): Uint8Array | undefined {
    try {
      return gate.push(chunk)
    } catch (error) {
      this.#giveUp(error)
      return undefined
    }
  }

  async *#translate(dialect: Dialect, context: AnswerContext): AsyncGenerator<Uint8Array, void, undefined> {
    const encoder = dialect.encoder(context)
    for await (const batch of this.events()) {
      let text = ''
      for (const event of batch) {
        if (event.type === 'message-end') text += encoder.end()
        else if (event.type === 'error') text += this.#aborted ? '' : this.#errorFrame(dialect, event.message)
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
          // Content behind a usage tells that it was not the last word.
          if (!event.type.endsWith('-delta') || ends.at(-1)?.type === 'usage') ends.push(event)
          if (event.type === 'message-end' || event.type === 'error') this.#endSoon()
          else if (this.#isUnwanted?.(event) !== true) content.push(event)
        }
        if (content.length > 0) yield content
        if (this.#upstreamEnded) break
        events = await this.#nextEvents()
      }
      const { outcome, words } = await this.#finish(readEnding(ends))
      yield [outcome.end === 'complete' ? { type: 'message-end' } : { type: 'error', message: words }]
    } finally {
      this.#abandon(readEnding(ends))
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
      this.#giveUp(error)
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

  /** What came cannot be read on: the upstream is left. */
  #giveUp(error: unknown): void {
    this.#broken ??= error
    this.#upstreamEnded = true
    this.#head.abort()
  }

  /** All has been said: an upstream that keeps its connection open behind that is not waited for. */
  #endSoon(): void {
    this.#lingering ??= setTimeout(this.#head.abort, lingerMs)
  }

  async #finish(ending: Ending): Promise<{ readonly outcome: Outcome; readonly words: string }> {
    const outcome = outcomeOf(ending, { broken: this.#broken, signal: this.#signal, pieces: this.#pieces })
    this.#release()
    this.#aborted = outcome.end === 'aborted'
    const words = await this.#settle(outcome)
    const otherwise = outcome.end === 'aborted' ? 'the call was aborted' : 'the upstream failed'
    return { outcome, words: words ?? outcome.message ?? otherwise }
  }

  #release(): void {
    this.#settled = true
    clearTimeout(this.#lingering)
    this.#signal.removeEventListener('abort', this.#onAbort)
  }

  /** The reader left early: closes the upstream and settles, unless that is done. */
  #abandon({ usage, begun, served, finish }: Ending = readEnding(this.#head.events)): void {
    if (this.#settled) return
    this.#release()
    this.#head.abort()
    void this.#settle({
      end: 'aborted',
      pieces: this.#pieces,
      ...(usage === undefined ? {} : { usage }),
      ...(begun === undefined ? {} : { begun }),
      ...(served === undefined ? {} : { served }),
      ...(finish === undefined ? {} : { finish }),
    })
  }

  #onAbort = (): void => {
    if (!this.#begun) this.#abandon()
  }

  #errorFrame(dialect: Dialect, message: string): string {
    return dialect.errorFrame({ status: 502, code: 'upstream_failed', message })
  }
}
