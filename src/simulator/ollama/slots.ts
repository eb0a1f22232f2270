import type { Exchange } from '../exchange.ts'

/** The requests an account may have running at once. More of them wait, in order. */
export class Slots {
  readonly #limit: number
  readonly #waitMs: number
  readonly #waiting: { granted: boolean; readonly wake: () => void }[] = []
  #running = 0

  constructor(limit: number, waitMs: number) {
    this.#limit = limit
    this.#waitMs = waitMs
  }

  /** False when no slot came free in time, or the client left. */
  async take(exchange: Exchange): Promise<boolean> {
    if (this.#running < this.#limit) {
      this.#running += 1
      return true
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiter = { granted: false, wake: resolve }
    this.#waiting.push(waiter)
    await Promise.race([promise, exchange.pause(this.#waitMs)])
    if (!waiter.granted) {
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
      return false
    }
    if (exchange.gone) this.release()
    return !exchange.gone
  }

  /** Passes the slot on to whoever waits longest. */
  release(): void {
    const next = this.#waiting.shift()
    if (next === undefined) {
      this.#running -= 1
      return
    }
    next.granted = true
    next.wake()
  }

  get running(): number {
    return this.#running
  }
}
