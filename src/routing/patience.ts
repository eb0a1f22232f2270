import type { Clock, Random } from '../clock.ts'
import { clientLeft, QuotaExhaustedError } from '../errors.ts'

// Each holds a connection and a request body; beyond that a client is better told when to come back.
const mostWaiting = 1000
// One client with many requests must leave places to the others.
const mostWaitingOfClient: number = mostWaiting / 10
// So that requests that waited for the same moment do not all leave in it.
const mostJitterMs = 500
// A service whose word did not hold is not asked again at that pace: 2 s, 4 s … at least lie between two tries.
const firstDoubtMs = 2000
const longestDoubtMs = 60_000
const triesOfCalls = 3

/** Upstream calls that one request may cost however often it waits, where each try may cost `attempts`. */
export function mostCalls(attempts: number): number {
  return attempts * triesOfCalls
}

export interface PatienceOptions {
  /** Longest time from the beginning of the request to its last try. */
  readonly maxWaitMs: number
  /** Undefined: requests of nobody in particular, who may take every place. */
  readonly client?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Told before each wait how long it will be. */
  readonly waits: (ms: number) => void
  /** Upstream calls this request has made so far, and may make at the most. */
  readonly calls: () => number
  readonly mostCalls: number
}

/** Tries until it succeeds, or until nothing more is to be gained by waiting. */
export type Patient = <Value>(attempt: () => Promise<Value>) => Promise<Value>

/** Requests that wait for spent quota to return. Bounded in number, in time, and in the calls they make. */
export class Patience {
  readonly #clock: Clock
  readonly #random: Random
  readonly #waitingOf: Map<string, number> = new Map()
  #waiting = 0

  constructor(ports: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = ports.clock
    this.#random = ports.random
  }

  /**
   * The patience of one request: what it does is tried again when spent quota returns, as long as that is within
   * `maxWaitMs`. One that cannot wait so long is refused at once: waiting for part of the time would help nobody.
   */
  of(options: PatienceOptions): Patient {
    const { maxWaitMs, client, signal, waits, calls } = options
    const until = performance.now() + maxWaitMs
    let callsBefore: number | undefined
    let doubtMs = 0
    return async (attempt) => {
      for (;;) {
        try {
          return await attempt()
        } catch (error) {
          const statedMs = this.#waitFor(error)
          if (statedMs === undefined || calls() >= options.mostCalls || this.#isFull(client)) throw error
          // Without a call the refusal was our own, by what is known already: that is no broken word.
          if (callsBefore !== undefined && calls() > callsBefore)
            doubtMs = Math.min(longestDoubtMs, Math.max(firstDoubtMs, doubtMs * 2))
          callsBefore = calls()
          const waitMs = Math.max(statedMs, doubtMs)
          if (performance.now() + waitMs > until) throw error
          waits(waitMs)
          await this.#sleep(waitMs, client, signal)
        }
      }
    }
  }

  /** For quota only: what is broken is not mended by asking it again. */
  #waitFor(error: unknown): number | undefined {
    if (!(error instanceof QuotaExhaustedError) || error.availableAt === undefined) return undefined
    const ms = error.availableAt.getTime() - this.#clock.now()
    return Math.max(1, ms) + Math.round(this.#random() * mostJitterMs)
  }

  #isFull(client: string | undefined): boolean {
    if (this.#waiting >= mostWaiting) return true
    return client !== undefined && (this.#waitingOf.get(client) ?? 0) >= mostWaitingOfClient
  }

  async #sleep(ms: number, client: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) throw clientLeft()
    this.#count(client, 1)
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
      this.#count(client, -1)
    }
  }

  #count(client: string | undefined, change: 1 | -1): void {
    this.#waiting += change
    if (client === undefined) return
    const waiting = (this.#waitingOf.get(client) ?? 0) + change
    if (waiting === 0) this.#waitingOf.delete(client)
    else this.#waitingOf.set(client, waiting)
  }
}
