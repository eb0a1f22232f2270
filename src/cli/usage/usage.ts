import { RequestError } from '../../errors.ts'
import { type UsageGroup, usageGroups, type UsageQuery, type UsageRow } from '../../ledger/ledger.ts'
import type { Listing, PricedModel } from '../../routing/listing.ts'
import { readSqliteStore } from '../../stores/sqlite-reader.ts'
import { type Local, openLocal } from '../local.ts'
import { readListing } from '../models/models.ts'
import { cleaned } from '../printable.ts'
import { withProgress } from '../terminal/progress.ts'
import { viewOf } from '../terminal/view.ts'
import { Upstreams } from '../upstreams.ts'
import { readRange } from './range.ts'
import { csvOf, renderUsage } from './render.ts'
import { reportOf } from './report.ts'

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
  const by = readGroups(flags.by)
  const now = Date.now()
  const since = flags.since ?? (by.includes('hour') ? 'today' : '7d')
  const range = readRange({ since, ...(flags.until === undefined ? {} : { until: flags.until }) }, now)
  const local = openLocal()
  const [rows, reference] = await withProgress(
    'Adding up the ledger',
    Promise.all([read(local, { ...range, by }), readReference(local, flags.reference)]),
  )
  const report = reportOf(cleaned(rows), range, by, reference)
  if (flags.json === true) console.log(JSON.stringify(report, undefined, 2))
  else console.log(flags.csv === true ? csvOf(report) : renderUsage(report, viewOf(now)))
}

function readGroups(text: string): readonly UsageGroup[] {
  const words = text.split(',').map((word) => word.trim())
  return words.map((word) => {
    const found = usageGroups.find((group) => group === word)
    if (found !== undefined) return found
    throw new RequestError(
      'invalid_request',
      `--by takes ${usageGroups.join(', ')}, or several with commas; got "${word.slice(0, 20)}"`,
    )
  })
}

async function read(local: Local, { since, until, by }: UsageQuery): Promise<readonly UsageRow[]> {
  const query = new URLSearchParams({
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    by: by.join(','),
  })
  const live = await local.ask<{ readonly rows: readonly UsageRow[] }>(`/admin/usage?${String(query)}`)
  if (live !== undefined) return live.rows
  using store = readSqliteStore(local.loaded.home.ledgerFile)
  return store?.usage({ since, until, by }) ?? []
}

/** The model that was asked for, else what `auto` costs without free quota. Undefined: no price is known. */
async function readReference(local: Local, name: string | undefined): Promise<PricedModel | undefined> {
  if (name !== undefined) {
    const { listing } = await readListing(local)
    const found = listing.models.find(({ id, provider }) => id === name || `${provider}/${id}` === name)
    if (found?.price !== undefined) return cleaned(found)
    throw new RequestError(
      'model_not_found',
      found === undefined
        ? `no provider lists a model "${name.slice(0, 100)}"; "switchyard models" shows them`
        : `no price is known for "${name}"; choose another --reference`,
    )
  }
  const live = await local.ask<Listing>('/admin/models')
  if (live !== undefined) return cleaned(live.reference)
  // Prices of the tables do; nothing is fetched for a default.
  await using upstreams = new Upstreams(local.loaded)
  return upstreams.priced().reference
}
