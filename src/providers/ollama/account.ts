import type { Json, JsonObject } from '../../chat/types.ts'
import { readCount, readList, readObject, readText } from '../bodies.ts'
import type { AccountNews, Capacity, DayNews, Fetcher, LimitNews } from '../provider.ts'

/**
 * Reads whose key it is, what is left and what was used on the last days, by metadata calls that run no inference: `POST /api/me`
 * (github.com/ollama/ollama, api/client.go `Whoami`; undocumented for keys), `GET /api/balance` and `GET /api/usage`
 * (docs.ollama.com/api/balance, …/api/cloud-usage; ten reads a minute per user, of which this takes three). Local servers have none of them: then
 * nothing is known.
 */
export async function account(get: Fetcher): Promise<AccountNews> {
  const [me, balance, usage] = await Promise.all([
    tolerant(get('/api/me', {})),
    tolerant(get('/api/balance')),
    tolerant(get('/api/usage?range=7d')),
  ])
  const name = readText(me['name']) ?? readText(me['id'])
  const capacity = readBalance(balance)
  const days = readDays(usage)
  const past = pastOf(days)
  return {
    ...(name !== undefined && { account: name }),
    limits: [...readPlan(me), ...todayOf(days, readTime(usage['until']))],
    ...(past.length > 0 && { pastDays: past }),
    ...(capacity !== undefined && { capacity }),
  }
}

/** What was used of one UTC day. Undefined dollars: some of its requests were of an older plan, which is not billed by use. */
interface Day {
  readonly start: number
  readonly complete: boolean
  readonly requests: number | undefined
  readonly dollars: number | undefined
}

/** The buckets by UTC day, whatever their length; one that crosses midnight makes its day unknown. */
function readDays(usage: JsonObject): readonly Day[] {
  const days = new Map<number, Day>()
  for (const entry of readList(usage['buckets'])) {
    const bucket = readObject(entry)
    const from = readTime(bucket?.['from'])
    const until = readTime(bucket?.['until'])
    if (bucket === undefined || from === undefined || until === undefined) continue
    const start = Math.floor(from / dayMs) * dayMs
    const fits = until <= start + dayMs
    const before = days.get(start)
    days.set(start, {
      start,
      complete: bucket['partial'] !== true && (before?.complete ?? from === start) && fits,
      requests: plus(before, before?.requests, fits ? readCount(bucket['request_count']) : undefined),
      dollars: plus(before, before?.dollars, fits ? readDollars(bucket['usage_usd']) : undefined),
    })
  }
  return [...days.values()]
}

function plus(
  before: Day | undefined,
  total: number | undefined,
  value: number | undefined,
): number | undefined {
  if (before === undefined) return value
  return total === undefined || value === undefined ? undefined : total + value
}

function todayOf(days: readonly Day[], until: number | undefined): readonly LimitNews[] {
  if (until === undefined) return []
  const today = days.find(({ start }) => start === Math.floor(until / dayMs) * dayMs)
  if (today === undefined) return []
  return figuresOf(today).map((figure) => ({ ...figure, maxAgeMs: usageLagMs }))
}

function pastOf(days: readonly Day[]): readonly DayNews[] {
  return days
    .filter(({ complete }) => complete)
    .flatMap((day) => figuresOf(day).map((figure) => ({ ...figure, day: day.start })))
}

function figuresOf({ requests, dollars }: Day): readonly { readonly limit: string; readonly used: number }[] {
  return [
    ...(requests === undefined ? [] : [{ limit: 'day', used: requests }]),
    ...(dollars === undefined ? [] : [{ limit: 'usd-day', used: Math.round(dollars * 1e9) }]),
  ]
}

const dayMs = 86_400_000
// The documentation says that new usage can lag, and not how much.
const usageLagMs = 300_000

async function tolerant(reading: Promise<Json>): Promise<JsonObject> {
  return readObject(await reading.catch((): Json => null)) ?? {}
}

// Calls at once by plan, as the pricing page said (github.com/srnoob2570/ollama-cloud-pricing-bench/issues/3). Of
// pay-as-you-go nobody has said; a refusal teaches it.
const callsAtOnce: Readonly<Record<string, number>> = { free: 1, pro: 3, max: 10, team: 10 }

function readPlan(me: JsonObject): readonly LimitNews[] {
  const plan = readText(me['plan'])
    ?.toLowerCase()
    .replace(/^legacy_/, '')
  const max = plan === undefined ? undefined : callsAtOnce[plan]
  return max === undefined ? [] : [{ limit: 'in-flight', max }]
}

/** Both shapes: credit in dollars, and the session and week of older plans in percent. */
function readBalance(balance: JsonObject): Capacity | undefined {
  const included = readObject(balance['included'])
  const purchased = readDollars(readObject(balance['purchased'])?.['balance_usd'])
  const windows = [readWindow(included?.['session']), readWindow(included?.['weekly'])].filter(
    (each) => each !== undefined,
  )
  if (windows.length > 0) {
    const spent = windows.filter((each) => each.percent <= 0)
    if (spent.length === 0 || (purchased ?? 0) > 0) return { lane: 'all', left: true }
    const until = Math.max(...spent.map((each) => each.resetsAt))
    return { lane: 'all', left: false, why: 'the plan’s included use is spent', until }
  }
  const credit = readDollars(included?.['balance_usd'])
  if (credit === undefined && purchased === undefined) return undefined
  if ((credit ?? 0) + (purchased ?? 0) > 0) return { lane: 'all', left: true }
  const renewed = readTime(readObject(included?.['period'])?.['until'])
  const renews = renewed !== undefined && (readDollars(included?.['allowance_usd']) ?? 0) > 0
  return { lane: 'all', left: false, why: 'the credit is spent', ...(renews && { until: renewed }) }
}

function readWindow(
  value: Json | undefined,
): { readonly percent: number; readonly resetsAt: number } | undefined {
  const window = readObject(value)
  const percent = window?.['remaining_percent']
  const resetsAt = readTime(window?.['resets_at'])
  return typeof percent === 'number' && Number.isFinite(percent) && resetsAt !== undefined
    ? { percent, resetsAt }
    : undefined
}

function readDollars(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

function readTime(value: Json | undefined): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isFinite(time) ? time : undefined
}
