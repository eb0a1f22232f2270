import { type Dispatcher, Pool } from 'undici'
import { RouterError } from '../errors.ts'

/** How long the parts of one upstream call may take, in milliseconds. */
export interface Deadlines {
  readonly connectMs: number
  /** From the request being sent to the response headers. */
  readonly headersMs: number
  /** Longest silence inside a body. */
  readonly idleMs: number
}

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST'
  /** Scheme, host and port; only ever from configuration. */
  readonly origin: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: readonly Uint8Array[]
  readonly signal?: AbortSignal
}

export interface UpstreamReply {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: UpstreamBody
}

/** The bytes of an answer. Leaving the iteration early, or `abort`, closes the connection. Consume once. */
export interface UpstreamBody extends AsyncIterable<Uint8Array> {
  /** The whole body; throws RouterError `upstream_failed` beyond `maxBytes`. */
  collect(maxBytes: number): Promise<Buffer>
  abort(): void
}

/** The only place that opens connections. Follows no redirect, adds no header of its own, retries nothing. */
export interface Transport {
  /** Rejects when no response head arrives: with the network's error, or the signal's reason. */
  request(request: UpstreamRequest): Promise<UpstreamReply>
  close(): Promise<void>
}

// An upstream faster than its client is paused here; each chunk is at most one socket read (64 KiB).
const highWaterBytes = 256 * 1024

/** One connection pool per origin. No cap on connections: a cap under the concurrency costs a quarter of the throughput. */
export function createTransport(deadlines: Deadlines): Transport {
  const pools = new Map<string, Pool>()
  let closed = false
  const poolOf = (origin: string): Pool => {
    let pool = pools.get(origin)
    if (pool === undefined) {
      pool = new Pool(origin, {
        connections: null,
        pipelining: 1,
        allowH2: false,
        connect: { timeout: deadlines.connectMs },
        headersTimeout: deadlines.headersMs,
        bodyTimeout: deadlines.idleMs,
        maxHeaderSize: 32 * 1024,
      })
      pools.set(origin, pool)
    }
    return pool
  }
  return {
    request(request) {
      const { body, signal } = request
      if (closed) return Promise.reject(new RouterError('closed', 'the router is closed'))
      if (signal?.aborted) return Promise.reject(reasonOf(signal))
      return new Promise((resolve, reject) => {
        poolOf(request.origin).dispatch(
          {
            method: request.method,
            path: request.path,
            headers: request.headers,
            body: body === undefined ? null : joined(body),
          },
          new Exchange(resolve, reject, signal),
        )
      })
    },
    async close() {
      closed = true
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
      pools.clear()
    },
  }
}

/** One request and its answer, as undici reports it. */
class Exchange implements Dispatcher.DispatchHandler, UpstreamBody {
  readonly #resolve: (reply: UpstreamReply) => void
  readonly #reject: (error: Error) => void
  readonly #signal: AbortSignal | undefined
  #controller: Dispatcher.DispatchController | undefined
  #queue: Uint8Array[] = []
  #queuedBytes = 0
  #ended = false
  #error: Error | undefined
  #wake: (() => void) | undefined

  constructor(
    resolve: (reply: UpstreamReply) => void,
    reject: (error: Error) => void,
    signal: AbortSignal | undefined,
  ) {
    this.#resolve = resolve
    this.#reject = reject
    this.#signal = signal
    signal?.addEventListener('abort', this.#onAbort)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#error !== undefined) controller.abort(this.#error)
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: UpstreamReply['headers']): void {
    if (status >= 200) this.#resolve({ status, headers, body: this })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#queue.push(chunk)
    this.#queuedBytes += chunk.length
    if (this.#queuedBytes > highWaterBytes) controller.pause()
    this.#awake()
  }

  onResponseEnd(): void {
    this.#ended = true
    this.#finish()
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        if (this.#queue.length > 0) {
          // All chunks that one socket read brought leave as one: a write per HTTP chunk costs nearly three times the CPU.
          const chunk = joined(this.#queue)
          this.#queue = []
          this.#queuedBytes = 0
          if (this.#controller?.paused === true) this.#controller.resume()
          yield chunk
        } else if (this.#error !== undefined) {
          throw this.#error
        } else if (this.#ended) {
          return
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
        }
      }
    } finally {
      if (!this.#ended) this.abort()
    }
  }

  async collect(maxBytes: number): Promise<Buffer> {
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of this) {
      size += chunk.length
      if (size > maxBytes)
        throw new RouterError('upstream_failed', `the upstream's answer is larger than ${maxBytes} bytes`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks, size)
  }

  abort(): void {
    this.#fail(new DOMException('the answer is no longer wanted', 'AbortError'))
  }

  #onAbort = (): void => {
    if (this.#signal !== undefined) this.#fail(reasonOf(this.#signal))
  }

  #fail(error: Error): void {
    if (this.#ended || this.#error !== undefined) return
    this.#error = error
    this.#finish()
    this.#reject(error)
    // A paused connection that nobody resumes would hold its place in the pool for ever.
    if (this.#controller !== undefined && !this.#controller.aborted) this.#controller.abort(error)
  }

  #finish(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#awake()
  }

  #awake(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new DOMException('aborted', 'AbortError')
}
