import type { ServerResponse } from 'node:http'
import type { Dialect } from '../dialects/dialect.ts'

/** Under the shortest idle time of proxies in common use, 30 s, with room for one that is lost. */
export const keepAliveMs = 12_000

// A comment at the beginning of a line, without a blank line: it may stand in the middle of an event.
const comment = ': keep-alive\n'

/**
 * Keeps the client of a streamed answer waiting: while nothing is there by beginning the answer with the dialect's own
 * keep-alive, and in a silence of the answer by comments. What was sent so is ours, so calls may still fail over behind it.
 */
export class KeepAlive implements Disposable {
  readonly #response: ServerResponse
  readonly #text: string
  readonly #isComment: boolean
  readonly #begin: () => void
  readonly #timer: NodeJS.Timeout | undefined
  #begun = false
  #quiet = true
  #streaming = false

  /** `begin` sends the head of the answer. */
  constructor(response: ServerResponse, dialect: Dialect, everyMs: number, begin: () => void) {
    this.#response = response
    this.#text = dialect.keepAlive
    this.#isComment = dialect.framing === 'sse'
    this.#begin = begin
    // A format without any sign of life cannot be kept waiting.
    if (this.#text !== '') this.#timer = setInterval(() => this.#tick(), everyMs).unref()
  }

  /** Whether the head of the answer went out before anything was known of it. */
  get begun(): boolean {
    return this.#begun
  }

  /** The answer itself goes out from now on. */
  stream(): void {
    this.#streaming = true
  }

  /** Something went out: the next silence begins now. */
  heard(): void {
    this.#quiet = false
  }

  #tick(): void {
    const quiet = this.#quiet
    this.#quiet = true
    const response = this.#response
    if (!quiet || response.destroyed || response.writableEnded || response.writableNeedDrain) return
    if (this.#streaming) {
      if (this.#isComment) response.write(comment)
      return
    }
    if (!this.#begun) {
      this.#begun = true
      this.#begin()
    }
    response.write(this.#text)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
