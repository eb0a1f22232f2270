import type { LedgerStore } from '../ledger/ledger.ts'
import { windowStart } from '../limits/window.ts'
import type { MonthSpend, SpentByClient } from './month-spend.ts'

/** What clients did in the running UTC day and month; who did nothing is left out. */
export interface ClientSpend {
  readonly today: ReadonlyMap<string, { readonly requests: number; readonly nanoUsd: number }>
  /** Undefined while the month is being added up. */
  readonly monthNanoUsd: SpentByClient | undefined
}

export async function clientSpend(
  store: Pick<LedgerStore, 'usage'>,
  month: MonthSpend,
  now: number,
): Promise<ClientSpend> {
  const [rows, before] = await Promise.all([
    store.usage({ since: windowStart('day', now), until: now + 1, by: ['client'] }),
    month.before(store, now),
  ])
  const today = new Map(rows.map((row) => [row.names[0] ?? '', row]))
  if (before === undefined) return { today, monthNanoUsd: undefined }
  const spent = new Map(before)
  for (const [client, { nanoUsd }] of today) spent.set(client, (spent.get(client) ?? 0) + nanoUsd)
  return { today, monthNanoUsd: spent }
}
