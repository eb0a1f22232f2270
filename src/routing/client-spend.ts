import type { LedgerStore } from '../ledger/ledger.ts'
import { windowStart } from '../limits/window.ts'
import type { MonthSpend } from './month-spend.ts'

/** What one client did in the running UTC day and month. */
export interface ClientSpend {
  readonly client: string
  readonly requestsToday: number
  readonly todayNanoUsd: number
  /** Undefined while the month is being added up. */
  readonly monthNanoUsd: number | undefined
}

/** Of every client that the ledger knows of this month. */
export async function clientSpend(
  store: Pick<LedgerStore, 'usage'>,
  month: MonthSpend,
  now: number,
): Promise<readonly ClientSpend[]> {
  const since = windowStart('day', now)
  const [rows, before] = await Promise.all([
    store.usage({ since, until: now + 1, by: ['client'] }),
    month.before(store, now),
  ])
  const today = new Map(rows.map((row) => [row.names[0] ?? '', row]))
  return [...new Set([...today.keys(), ...(before?.keys() ?? [])])].map((client) => {
    const todayNanoUsd = today.get(client)?.nanoUsd ?? 0
    return {
      client,
      requestsToday: today.get(client)?.requests ?? 0,
      todayNanoUsd,
      monthNanoUsd: before === undefined ? undefined : (before.get(client) ?? 0) + todayNanoUsd,
    }
  })
}
