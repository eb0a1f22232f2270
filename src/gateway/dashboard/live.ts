import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { RouterError } from '../../errors.ts'
import type { RouterCore } from '../../routing/core.ts'
import type { Log } from '../../routing/settings.ts'
import { noStore } from '../respond.ts'

const mostListeners = 50
const roundMs = 1000
// A status of ten thousand keys is megabytes: the larger, the rarer.
const bytesPerRound = 128 * 1024
// A browser that does not read gets no more until it has.
const mostUnreadBytes = 4 * 1024 * 1024

/** The status as it changes, made once for all who look. */
export class Live {
  readonly #core: RouterCore
  readonly #log: Log
  /** Each with whether it may still look. */
  readonly #listeners: Map<ServerResponse, () => boolean> = new Map()
  readonly #end: AbortController = new AbortController()
  #running = false
  #last = ''

  constructor(core: RouterCore, log: Log) {
    this.#core = core
    this.#log = log
  }

  /**
   * Sends the status from now on until the response closes, or `may` says that it may look no more. Throws RouterError
   * when too many look already.
   */
  add(response: ServerResponse, may: () => boolean): void {
    if (this.#listeners.size >= mostListeners)
      throw new RouterError(
        'unavailable',
        `${mostListeners} pages look at this gateway already; close some of them`,
      )
    response.writeHead(200, ['content-type', 'text/event-stream', ...noStore, 'x-accel-buffering', 'no'])
    response.flushHeaders()
    this.#listeners.set(response, may)
    response.on('close', () => this.#listeners.delete(response))
    if (this.#running) response.write(this.#last)
    else void this.#run()
  }

  /** Lets everybody go; browsers come again by themselves. */
  end(): void {
    this.#end.abort()
    this.#letGo()
  }

  async #run(): Promise<void> {
    this.#running = true
    const { signal } = this.#end
    while (this.#listeners.size > 0 && !signal.aborted) {
      await this.#tell()
      const rounds = Math.max(1, Math.ceil(this.#last.length / bytesPerRound))
      await sleep(rounds * roundMs, undefined, { signal, ref: false }).catch(() => {})
    }
    this.#running = false
    // What is old by the time somebody looks again.
    this.#last = ''
  }

  async #tell(): Promise<void> {
    try {
      this.#last = `event: status\ndata: ${JSON.stringify(await this.#core.status())}\n\n`
    } catch (error) {
      this.#log.warn('the status for the dashboard could not be made', { error: String(error) })
      // A stream that stays open without a word would pass for one that stands; who asks again is told why.
      this.#last = ''
      this.#letGo()
      return
    }
    for (const [response, may] of this.#listeners) {
      if (!may()) response.end()
      else if (!response.writableEnded && response.writableLength < mostUnreadBytes)
        response.write(this.#last)
    }
  }

  #letGo(): void {
    for (const response of this.#listeners.keys()) response.end()
  }
}
