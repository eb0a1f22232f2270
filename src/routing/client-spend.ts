import type { LedgerStore } from '../ledger/ledger.ts'
import { windowStart } from '../limits/window.ts'

/** What clients did in the running UTC day and month; who did nothing is left out. */
export interface ClientSpend {
  readonly today: ReadonlyMap<string, { readonly requests: number; readonly nanoUsd: number }>
  readonly monthNanoUsd: ReadonlyMap<string, number>
}

export async function clientSpend(store: Pick<LedgerStore, 'usage'>, now: number): Promise<ClientSpend> {
  const [today, month] = await Promise.all(
    (['day', 'month'] as const).map((window) =>
      store.usage({ since: windowStart(window, now), until: now + 1, by: ['client'] }),
    ),
  )
  return {
    today: new Map(today?.map((row) => [row.names[0] ?? '', row])),
    monthNanoUsd: new Map(month?.map(({ names, nanoUsd }) => [names[0] ?? '', nanoUsd])),
  }
}
