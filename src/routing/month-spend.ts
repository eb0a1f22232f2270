import type { LedgerStore } from '../ledger/ledger.ts'
import { windowStart } from '../limits/window.ts'

/** Nano-dollars by client. */
export type SpentByClient = ReadonlyMap<string, number>

/**
 * What the days of this month before today cost, added up once a day: of a large ledger that takes seconds, and whoever asks
 * meanwhile is not kept waiting.
 */
export class MonthSpend {
  #day: number | undefined
  #spent: SpentByClient | undefined

  /** Undefined while it is being added up. */
  async before(store: Pick<LedgerStore, 'usage'>, now: number): Promise<SpentByClient | undefined> {
    const until = windowStart('day', now)
    if (this.#day === until) return this.#spent
    this.#day = until
    this.#spent = undefined
    const adding = this.#add(store, until, windowStart('month', now))
    await Promise.race([adding, soon()])
    return this.#spent
  }

  async #add(store: Pick<LedgerStore, 'usage'>, until: number, since: number): Promise<void> {
    try {
      const rows = since === until ? [] : await store.usage({ since, until, by: ['client'] })
      const spent = new Map(rows.map(({ names, nanoUsd }) => [names[0] ?? '', nanoUsd]))
      if (this.#day === until) this.#spent = spent
    } catch {
      // The store says so itself where it matters; the next one who asks tries again.
      if (this.#day === until) this.#day = undefined
    }
  }
}

export function sumOf(spent: SpentByClient): number {
  return [...spent.values()].reduce((sum, nanoUsd) => sum + nanoUsd, 0)
}

const patienceMs = 300

function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, patienceMs).unref())
}
