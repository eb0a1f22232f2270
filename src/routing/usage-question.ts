import { RequestError } from '../errors.ts'
import { type UsageGroup, usageGroups, type UsageQuery, type UsageRow } from '../ledger/ledger.ts'
import type { Listing, PricedModel } from './listing.ts'
import { type NameOf, type Range, readRange } from './usage-range.ts'
import { reportOf, type UsageReport } from './usage-report.ts'

/** What somebody wants added up, in the words of a command line or a query. */
export interface UsageWords {
  /** Groups with commas; default `day`. */
  readonly by?: string | undefined
  /** Default: a week by days, today by hours. */
  readonly since?: string | undefined
  /** Default: now. */
  readonly until?: string | undefined
  /** The model whose price tells what free calls are worth; default: what `auto` costs. */
  readonly reference?: string | undefined
}

export interface UsageQuestion extends Range {
  readonly by: readonly UsageGroup[]
  readonly reference: string | undefined
}

/** Throws RequestError that names the word which is not understood. */
export function readUsageQuestion(words: UsageWords, now: number, nameOf?: NameOf): UsageQuestion {
  const by = readGroups(words.by ?? 'day', nameOf)
  const since = words.since ?? (by.includes('hour') ? 'today' : '7d')
  const range = readRange(
    { since, ...(words.until === undefined ? {} : { until: words.until }) },
    now,
    nameOf,
  )
  return { ...range, by, reference: words.reference }
}

function readGroups(text: string, nameOf: NameOf = (param) => param): readonly UsageGroup[] {
  const words = new Set(text.split(',').map((word) => word.trim()))
  return [...words].map((word) => {
    const found = usageGroups.find((group) => group === word)
    if (found !== undefined) return found
    throw new RequestError(
      'invalid_request',
      `${nameOf('by')} takes ${usageGroups.join(', ')}, or several with commas; got "${word.slice(0, 20)}"`,
      'by',
    )
  })
}

/** Whom a question is put to: a running router, or a ledger file and what is known of prices. */
export interface UsageSources {
  usage(query: UsageQuery): Promise<readonly UsageRow[]>
  listing(): Promise<Listing>
}

/** Throws RequestError when the reference model is not listed, or has no price. */
export async function answerUsage(
  { usage, listing }: UsageSources,
  { since, until, by, reference }: UsageQuestion,
): Promise<UsageReport> {
  const [rows, listed] = await Promise.all([usage({ since, until, by }), listing()])
  return reportOf(rows, { since, until }, by, referenceOf(listed, reference))
}

/** Undefined: none was asked for, and no price is known. */
function referenceOf(listing: Listing, name: string | undefined): PricedModel | undefined {
  if (name === undefined) return listing.reference
  const found = listing.models.find(({ id, provider }) => id === name || `${provider}/${id}` === name)
  if (found?.price !== undefined) return found
  throw new RequestError(
    'model_not_found',
    found === undefined
      ? `no provider lists a model "${name.slice(0, 100)}"; "switchyard models" shows them`
      : `no price is known for "${name}"; choose another reference`,
    'reference',
  )
}
