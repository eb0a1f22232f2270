import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'

export type Headers = Readonly<Record<string, string>>

/** The most of a request body that is read. */
export const maxBodyBytes: number = 32 * 1024 * 1024

/** Text is written out at the latest when this much has gathered. */
const flushChars = 65_536

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** One HTTP request and its answer, with the ways in which a server can misbehave. */
export class Exchange {
  readonly request: IncomingMessage
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** Called once if the client closes the connection before the answer is complete. */
  onAbort: (() => void) | undefined
  /** Bytes per write; 0 writes whatever has gathered. */
  chopBytes: number
  readonly #response: ServerResponse
  readonly #sleepers = new Set<() => void>()
  #pending = ''
  #closed = false
  #cutByUs = false

  constructor(request: IncomingMessage, response: ServerResponse, chopBytes: number) {
    const url = request.url ?? '/'
    const mark = url.indexOf('?')
    this.request = request
    this.#response = response
    this.chopBytes = chopBytes
    this.method = request.method ?? 'GET'
    this.path = mark === -1 ? url : url.slice(0, mark)
    this.query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1))
    response.on('error', () => undefined)
    response.on('close', () => {
      this.#closed = true
      if (!response.writableFinished && !this.#cutByUs) this.onAbort?.()
      for (const wake of this.#sleepers) wake()
    })
  }

  /** The connection is closed; nothing that is written arrives anywhere. */
  get gone(): boolean {
    return this.#closed
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name]
    return Array.isArray(value) ? value[0] : value
  }

  /** The whole request body; undefined when it is larger than {@link maxBodyBytes} or breaks off. */
  async readBody(): Promise<string | undefined> {
    const chunks: Buffer[] = []
    let size = 0
    try {
      for await (const chunk of this.request as AsyncIterable<Buffer>) {
        size += chunk.length
        // What is too much is still read, so that the client gets to read the answer.
        if (size > maxBodyBytes) chunks.length = 0
        else chunks.push(chunk)
      }
    } catch {
      return undefined
    }
    if (size > maxBodyBytes) return undefined
    return (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString('utf8')
  }

  /** Sends a whole answer with its length. */
  async reply(status: number, headers: Headers, body: string | Buffer): Promise<void> {
    this.open(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) })
    if (typeof body === 'string') this.#pending = body
    else await this.#write(body)
    await this.end()
  }

  open(status: number, headers: OutgoingHttpHeaders): void {
    if (!this.#closed) this.#response.writeHead(status, headers)
  }

  /** Adds to what the next flush writes. */
  push(text: string): void {
    this.#pending += text
  }

  get isFull(): boolean {
    return this.#pending.length > flushChars
  }

  /** Resolves when what was pushed has been handed to the operating system, or nobody is there to read it. */
  async flush(): Promise<void> {
    const text = this.#pending
    this.#pending = ''
    if (text === '') return
    if (this.chopBytes <= 0) return this.#write(text)
    const bytes = Buffer.from(text)
    for (let start = 0; start < bytes.length && !this.#closed; start += this.chopBytes) {
      await this.#write(bytes.subarray(start, start + this.chopBytes))
      await nextTurn()
    }
  }

  async end(): Promise<void> {
    if (this.chopBytes > 0) await this.flush()
    const rest = this.#pending
    this.#pending = ''
    if (!this.#closed) await this.#orClosed((done) => void this.#response.end(rest, done))
  }

  /** Writes what was pushed, then closes the connection in the middle of the answer. */
  async cut(): Promise<void> {
    await this.flush()
    this.#cutByUs = true
    this.request.socket.destroy()
  }

  /** Resets the connection (RST). */
  reset(): void {
    this.#cutByUs = true
    this.request.socket.resetAndDestroy()
  }

  /** Waits in real time, or until the connection closes. */
  pause(ms: number): Promise<void> {
    if (ms <= 0 || this.#closed) return Promise.resolve()
    return this.#sleep((wake) => setTimeout(wake, ms))
  }

  /** Waits until the connection closes. */
  untilGone(): Promise<void> {
    return this.#closed ? Promise.resolve() : this.#sleep(() => undefined)
  }

  #sleep(start: (wake: () => void) => NodeJS.Timeout | undefined): Promise<void> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined = undefined
      const wake = (): void => {
        clearTimeout(timer)
        this.#sleepers.delete(wake)
        resolve()
      }
      this.#sleepers.add(wake)
      timer = start(wake)
    })
  }

  #write(data: string | Buffer): Promise<void> {
    if (this.#closed) return Promise.resolve()
    return this.#orClosed((done) => void this.#response.write(data, done))
  }

  #orClosed(start: (done: () => void) => void): Promise<void> {
    return this.#sleep((wake) => {
      start(wake)
      return undefined
    })
  }
}
