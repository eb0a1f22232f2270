/**
 * Until when an account has been told that it is spent. A call that arrives in that time is wasted.
 *
 * A refusal counts as known two turns of the event loop after it is written: calls whose bytes were already waiting
 * in a socket by then had been sent before anybody could know. `knownAfterMs` allows a caller in another process
 * more real time to read it.
 */
export class Told {
  readonly #knownAfterMs: number
  #until = 0
  #generation = 0

  constructor(knownAfterMs: number) {
    this.#knownAfterMs = knownAfterMs
  }

  spentUntil(until: number): void {
    const generation = this.#generation
    const know = (): void => {
      if (generation === this.#generation && until > this.#until) this.#until = until
    }
    if (this.#knownAfterMs > 0) setTimeout(know, this.#knownAfterMs).unref()
    else setImmediate(() => setImmediate(know))
  }

  /** The account has been told that there is something left after all. */
  hasRoom(): void {
    this.#generation += 1
    this.#until = 0
  }

  isKnown(now: number): boolean {
    return now < this.#until
  }
}
