/** When a client can know what it was answered. */
export interface Knowing {
  /** Connections and calls that have arrived so far. */
  arrivals: number
  /** Real milliseconds a client in another process is given to read an answer; 0 waits only for the calls on their way. */
  readonly afterMs: number
}

/** Turns of the event loop after which a refusal is known even if calls never stop coming. */
const longestBurst = 1000

/**
 * Until when an account has been told that it is spent. A call that arrives in that time is wasted.
 *
 * A refusal counts as known once the event loop has gone round without a new connection or call: what was waiting in
 * sockets until then had been sent before anybody could know.
 */
export class Told {
  readonly #knowing: Knowing
  #until = 0
  #generation = 0

  constructor(knowing: Knowing) {
    this.#knowing = knowing
  }

  spentUntil(until: number): void {
    const generation = this.#generation
    const know = (): void => {
      if (generation === this.#generation && until > this.#until) this.#until = until
    }
    if (this.#knowing.afterMs > 0) setTimeout(know, this.#knowing.afterMs).unref()
    else this.#whenQuiet(know, -1, longestBurst)
  }

  /** The account has been told that there is something left after all. */
  hasRoom(): void {
    this.#generation += 1
    this.#until = 0
  }

  isKnown(now: number): boolean {
    return now < this.#until
  }

  #whenQuiet(know: () => void, arrivals: number, turnsLeft: number): void {
    setImmediate(() => {
      if (arrivals === this.#knowing.arrivals || turnsLeft === 0) know()
      else this.#whenQuiet(know, this.#knowing.arrivals, turnsLeft - 1)
    })
  }
}
