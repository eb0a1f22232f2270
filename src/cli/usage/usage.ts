import { readSqliteStore } from '../../stores/sqlite-reader.ts'
import { csvOf } from '../../routing/usage-csv.ts'
import { answerUsage, readUsageQuestion, type UsageQuestion } from '../../routing/usage-question.ts'
import type { UsageReport } from '../../routing/usage-report.ts'
import { type Local, openLocal } from '../local.ts'
import { readListing } from '../models/models.ts'
import { cleaned } from '../printable.ts'
import { withProgress } from '../terminal/progress.ts'
import { viewOf } from '../terminal/view.ts'
import { Upstreams } from '../upstreams.ts'
import { typed } from '../wrong-usage.ts'
import { renderUsage } from './render.ts'

export interface UsageFlags {
  readonly by: string
  readonly since?: string
  readonly until?: string
  readonly reference?: string
  readonly json?: boolean
  readonly csv?: boolean
}

/** `switchyard usage`: sums of the ledger over a range of time: a week by days, today by hours, unless told. */
export async function showUsage(flags: UsageFlags): Promise<void> {
  const now = Date.now()
  const { by, since, until, reference } = flags
  const question = typed(() =>
    readUsageQuestion({ by, since, until, reference }, now, (param) => `--${param}`),
  )
  const local = openLocal()
  const report = cleaned(
    await withProgress(
      'Adding up the ledger',
      askRunning(local, flags).then((live) => live ?? readFile(local, question)),
    ),
  )
  if (flags.json === true) console.log(JSON.stringify(report, undefined, 2))
  else console.log(flags.csv === true ? csvOf(report) : renderUsage(report, viewOf(now)))
}

/** The words as they were given: a gateway knows its own time, which in a sandbox may be another. */
function askRunning(local: Local, flags: UsageFlags): Promise<UsageReport | undefined> {
  const { by, since, until, reference } = flags
  const query = new URLSearchParams()
  for (const [name, word] of Object.entries({ by, since, until, reference }))
    if (word !== undefined) query.set(name, word)
  return local.ask<UsageReport>(`/admin/usage/report?${String(query)}`)
}

async function readFile(local: Local, question: UsageQuestion): Promise<UsageReport> {
  using store = readSqliteStore(local.loaded.home.ledgerFile)
  return await answerUsage(
    {
      usage: async (query) => store?.usage(query) ?? [],
      listing: async () => {
        if (question.reference !== undefined) return (await readListing(local)).listing
        // Prices of the tables do; nothing is fetched for a default.
        await using upstreams = new Upstreams(local.loaded)
        return upstreams.priced()
      },
    },
    question,
  )
}
