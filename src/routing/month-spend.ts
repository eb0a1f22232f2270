import type { LedgerStore } from '../ledger/ledger.ts'
import { windowStart } from '../limits/window.ts'

/**
 * What the days of this month before today cost, added up once a day: of a large ledger that takes seconds, and whoever asks
 * meanwhile is not kept waiting.
 */
export class MonthSpend {
  #day: number | undefined
  #nanoUsd: number | undefined

  /** Undefined while it is being added up. */
  async before(store: Pick<LedgerStore, 'usage'>, now: number): Promise<number | undefined> {
    const until = windowStart('day', now)
    if (this.#day === until) return this.#nanoUsd
    this.#day = until
    this.#nanoUsd = undefined
    const adding = this.#add(store, until, windowStart('month', now))
    await Promise.race([adding, soon()])
    return this.#nanoUsd
  }

  async #add(store: Pick<LedgerStore, 'usage'>, until: number, since: number): Promise<void> {
    try {
      const rows = since === until ? [] : await store.usage({ since, until, by: [] })
      if (this.#day === until) this.#nanoUsd = rows[0]?.nanoUsd ?? 0
    } catch {
      // The store says so itself where it matters; the next one who asks tries again.
      if (this.#day === until) this.#day = undefined
    }
  }
}

const patienceMs = 300

function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, patienceMs).unref())
}
