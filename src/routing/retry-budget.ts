import type { Clock } from '../clock.ts'

// Finagle's shape: retries may add a fifth to the traffic, and a quiet router may still retry a little every second.
const perRequest = 0.2
const perSecond = 1
const ceiling = 20

/**
 * Bounds the upstream calls that retries may add when everything fails, so that an outage is not made worse.
 * Trying another key because one is spent costs nothing here: it puts no load on a service in trouble.
 */
export class RetryBudget {
  readonly #clock: Clock
  #balance = ceiling
  #countedAt: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#countedAt = clock.now()
  }

  /** A new request came in. */
  deposit(): void {
    const now = this.#clock.now()
    const earned = perRequest + (Math.max(0, now - this.#countedAt) / 1000) * perSecond
    this.#balance = Math.min(ceiling, this.#balance + earned)
    this.#countedAt = now
  }

  /** Leaves the balance untouched when it does not suffice. */
  tryWithdraw(cost: number): boolean {
    if (cost > this.#balance) return false
    this.#balance -= cost
    return true
  }
}
