import type { KeyTotal } from '../../ledger/ledger.ts'
import { dollars } from '../../ledger/price.ts'
import { windowEnd, windowStart } from '../../limits/window.ts'
import { readSqliteStore } from '../../stores/sqlite-reader.ts'
import { counted, table } from '../terminal/table.ts'
import type { View } from '../terminal/view.ts'
import { clockTime, countdown } from '../terminal/when.ts'

/** What the ledger knows while no gateway runs: calls of today (UTC), and who rests. */
export interface Stored {
  readonly today: readonly (Omit<KeyTotal, 'nanoUsd'> & { readonly usd: number })[]
  readonly cooldowns: readonly {
    readonly name: string
    readonly kind: string
    readonly why: string
    /** ISO time, or `released by hand`. */
    readonly until: string
  }[]
}

export function readStored(path: string, now: number): Stored {
  using store = readSqliteStore(path)
  const totals = store?.totals(windowStart('day', now), windowEnd('day', now)) ?? []
  const holds = store?.holds(now) ?? []
  return {
    today: totals.map(({ nanoUsd, ...total }) => ({ ...total, usd: nanoUsd / 1e9 })),
    cooldowns: holds.map(({ name, until, kind, why }) => ({
      name,
      kind,
      why,
      until: Number.isFinite(until) ? new Date(until).toISOString() : 'released by hand',
    })),
  }
}

/** Without colours: what it shows is foreign text that has yet to be made printable. */
export function renderStored(url: string, { today, cooldowns }: Stored, view: View): string {
  const lines = [`No gateway answers at ${url}; this is what the ledger holds of today (UTC).`]
  lines.push(
    ...table(
      [{}, { align: 'right' }, { align: 'right' }, { align: 'right' }],
      today.map(({ key, attempts, failed, usd }) => [
        key,
        counted(attempts, 'call'),
        `${failed} failed`,
        dollars(usd * 1e9),
      ]),
      { indent: 2 },
    ),
  )
  if (today.length === 0) lines.push('  no calls')
  for (const { name, why, until } of cooldowns) {
    const end = Date.parse(until)
    const when = Number.isFinite(end)
      ? `until ${clockTime(end, view)} (in ${countdown(end - view.now)})`
      : 'until released by hand'
    lines.push(`  ${whoRests(name)} rests ${when} (${why})`)
  }
  return lines.join('\n')
}

/** Of the name under which the ledger keeps a rest (`limits/holds`). */
function whoRests(name: string): string {
  const [, key, scope = ''] = /\/key\/(.*)#[^/]*\/(.*)$/s.exec(name) ?? []
  if (key === undefined) {
    const [, provider, model] = /^(.*?)\/(?:model\/(.*)|provider)$/s.exec(name) ?? []
    return model === undefined ? (provider ?? name) : `model ${model} of ${provider}`
  }
  if (scope.startsWith('model/')) return `model ${scope.slice('model/'.length)} for the account of ${key}`
  if (scope === 'account/free') return `the free quota of ${key}`
  return scope === 'account/all' ? `the account of ${key}` : `key ${key}`
}
