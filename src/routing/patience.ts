import type { Clock, Random } from '../clock.ts'
import { isRouterError, ProviderError, RouterError } from '../errors.ts'

// Each holds a connection and a request body; beyond that a client is better told when to come back.
const mostWaiting = 1000
// So that requests that waited for the same moment do not all leave in it.
const mostJitterMs = 500

export interface PatienceOptions {
  readonly maxWaitMs: number
  readonly signal?: AbortSignal | undefined
  /** Told before each wait how long it will be. */
  readonly waits?: (ms: number) => void
}

/** Requests that wait for spent quota to return. Bounded in number and time. */
export class Patience {
  readonly #clock: Clock
  readonly #random: Random
  #waiting = 0

  constructor(ports: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = ports.clock
    this.#random = ports.random
  }

  /**
   * Tries again when what was spent returns, as long as that is within `maxWaitMs` of now. One that cannot wait so long is
   * refused at once: waiting for part of the time would help nobody.
   */
  async through<Value>(
    attempt: () => Promise<Value>,
    { maxWaitMs, signal, waits }: PatienceOptions,
  ): Promise<Value> {
    const until = performance.now() + maxWaitMs
    for (;;) {
      try {
        return await attempt()
      } catch (error) {
        const waitMs = this.#waitFor(error)
        if (waitMs === undefined || performance.now() + waitMs > until || this.#waiting >= mostWaiting)
          throw error
        waits?.(waitMs)
        await this.#sleep(waitMs, signal)
      }
    }
  }

  #waitFor(error: unknown): number | undefined {
    if (!isRouterError(error) || !(error instanceof ProviderError) || error.availableAt === undefined)
      return undefined
    const ms = error.availableAt.getTime() - this.#clock.now()
    return Math.max(1, ms) + Math.round(this.#random() * mostJitterMs)
  }

  async #sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) throw clientLeft()
    this.#waiting++
    try {
      await new Promise<void>((resolve, reject) => {
        const leave = (): void => {
          clearTimeout(timer)
          reject(clientLeft())
        }
        const timer = setTimeout(() => {
          signal?.removeEventListener('abort', leave)
          resolve()
        }, ms)
        signal?.addEventListener('abort', leave, { once: true })
      })
    } finally {
      this.#waiting--
    }
  }
}

function clientLeft(): RouterError {
  return new RouterError('client_closed', 'the client left while it waited for quota')
}
