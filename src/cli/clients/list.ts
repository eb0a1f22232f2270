import { dollars } from '../../ledger/price.ts'
import { cleaned } from '../printable.ts'
import { table } from '../terminal/table.ts'
import { viewOf } from '../terminal/view.ts'
import { openBook } from './book.ts'

/** `switchyard clients`: who may use the gateway, on which terms, and what they spent. */
export async function listClients(flags: {
  readonly json?: boolean
  readonly config?: string
}): Promise<void> {
  const book = await openBook(flags)
  const rows = cleaned(await book.list())
  if (flags.json === true) {
    console.log(JSON.stringify(rows, undefined, 2))
    return
  }
  const spent = [
    { title: 'REQUESTS TODAY', align: 'right' },
    { title: 'SPENT TODAY', align: 'right' },
    { title: 'THIS MONTH', align: 'right' },
  ] as const
  const columns = [
    { title: 'CLIENT' },
    { title: 'FREE ONLY' },
    { title: 'A DAY' },
    { title: 'A MONTH' },
    ...(book.running ? spent : []),
    { title: 'KEY FROM', least: 10 },
  ]
  const cells = rows.map((row) => [
    row.name,
    row.freeOnly ? 'yes' : 'no',
    budget(row.usdPerDay),
    budget(row.usdPerMonth),
    ...(book.running
      ? [String(row.requestsToday ?? '?'), money(row.spentTodayUsd), money(row.spentMonthUsd)]
      : []),
    row.keyFrom ?? 'needs none',
  ])
  for (const line of table(columns, cells, viewOf())) console.log(line)
  if (rows.every(({ builtIn }) => builtIn))
    console.log('No clients of your own yet: switchyard clients add NAME')
}

function budget(usd: number | null): string {
  return usd === null ? '' : dollars(usd * 1e9)
}

/** Null: the ledger cannot tell now, or is still being added up. */
function money(usd: number | null): string {
  return usd === null ? '?' : dollars(usd * 1e9)
}
