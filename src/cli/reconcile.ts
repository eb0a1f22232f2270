import type { Comparison } from '../ledger/ledger.ts'
import { dollars } from '../ledger/price.ts'
import { windowStart } from '../limits/window.ts'
import { readSqliteStore } from '../stores/sqlite-reader.ts'
import { openLocal } from './local.ts'
import { cleaned } from './printable.ts'
import { withProgress } from './terminal/progress.ts'
import { WrongUsage } from './wrong-usage.ts'

const dayMs = 86_400_000
const mostDays = 366

/** `switchyard reconcile`: what each service counted of its UTC days beside our ledger, newest day first. */
export async function reconcile(flags: { readonly days: string; readonly json?: boolean }): Promise<void> {
  const days = Number(flags.days)
  if (!Number.isInteger(days) || days < 1 || days > mostDays)
    throw new WrongUsage(`--days takes a number from 1 to ${mostDays}; got "${flags.days}"`)
  const local = openLocal()
  const since = windowStart('day', Date.now()) - (days - 1) * dayMs
  const comparisons = cleaned(
    await withProgress(
      'Asking the gateway',
      local
        .ask<{ readonly comparisons: readonly Comparison[] }>('/admin/reconcile', {
          since: new Date(since).toISOString(),
        })
        .then((live) => live?.comparisons ?? readStored(local.loaded.home.ledgerFile, since)),
    ),
  )
  if (flags.json === true) console.log(JSON.stringify(comparisons.map(toJson), undefined, 2))
  else console.log(render(comparisons))
}

function readStored(path: string, since: number): readonly Comparison[] {
  using store = readSqliteStore(path)
  return store?.comparisons(since) ?? []
}

function toJson({ day, at, service, ours, ...rest }: Comparison): object {
  return {
    day: new Date(day).toISOString().slice(0, 10),
    ...rest,
    service,
    ours,
    difference: service - ours,
    at: new Date(at).toISOString(),
  }
}

function render(comparisons: readonly Comparison[]): string {
  if (comparisons.length === 0)
    return 'No service has told figures of its own for these days yet. A running gateway asks every ten minutes.'
  const lines: string[] = []
  let day: number | undefined
  for (const each of comparisons) {
    if (each.day !== day) lines.push(`${new Date(each.day).toISOString().slice(0, 10)} (UTC)`)
    day = each.day
    lines.push(`  ${line(each)}`)
  }
  const differing = comparisons.filter(({ service, ours }) => service !== ours).length
  lines.push(
    differing === 0
      ? 'Every figure agrees.'
      : `${differing} of ${comparisons.length} figures differ. More at the service: other programs use the account, or calls were cut before their cost was known. Less: its figures lag behind.`,
  )
  return lines.join('\n')
}

function line({ provider, account, key, metric, name, service, ours, at, complete }: Comparison): string {
  const amount = (value: number): string => (metric === 'nano-usd' ? dollars(value) : String(value))
  const more = service - ours
  const sign = more > 0 ? '+' : ''
  const verdict = more === 0 ? 'agrees' : `differs by ${sign}${amount(more)}`
  const when = complete ? 'whole day' : `as of ${new Date(at).toISOString().slice(11, 16)}`
  return `${provider} ${account}${key === undefined ? '' : ` ${key}`}, ${name}: service ${amount(service)}, ledger ${amount(ours)}, ${verdict} (${when})`
}
