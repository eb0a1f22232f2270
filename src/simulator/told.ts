/**
 * Until when an account has been told that it is spent. A call that is sent in that time is wasted.
 *
 * A refusal counts as known two turns of the event loop after it is written: calls whose bytes were already waiting
 * in a socket by then had been sent before anybody could know. `knownAfterMs` allows a caller in another process
 * more real time to read it.
 */
export class Told {
  readonly #knownAfterMs: number
  #until = 0
  #knownSince = 0
  #generation = 0

  constructor(knownAfterMs: number) {
    this.#knownAfterMs = knownAfterMs
  }

  /** `until` in the simulator's time. */
  spentUntil(until: number): void {
    const generation = this.#generation
    const know = (): void => {
      if (generation !== this.#generation || until <= this.#until) return
      this.#until = until
      this.#knownSince = performance.now()
    }
    if (this.#knownAfterMs > 0) setTimeout(know, this.#knownAfterMs).unref()
    else setImmediate(() => setImmediate(know))
  }

  /** The account has been told that there is something left after all. */
  hasRoom(): void {
    this.#generation += 1
    this.#until = 0
  }

  /** Whether it is known at `now` in the simulator's time, to a call sent at `sentAt` of the performance clock. */
  isKnown(now: number, sentAt: number = Infinity): boolean {
    return now < this.#until && sentAt >= this.#knownSince
  }
}
