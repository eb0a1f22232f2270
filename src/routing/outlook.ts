import type { UsageQuery, UsageRow } from '../ledger/ledger.ts'
import type { Account } from '../limits/account.ts'
import type { LimitCounter } from '../limits/counter.ts'
import { emptyAt, type Pace, paceOf } from '../limits/forecast.ts'
import type { Limit, Metric } from '../providers/provider.ts'

/** How long what is left of one window will last, over all accounts of a provider. Times are ISO strings. */
export interface Outlook {
  /** Name of the limit. */
  readonly window: string
  readonly metric: Metric
  /** `free`: only calls of free models count. */
  readonly lane: 'free' | 'all'
  readonly max: number
  /** Of accounts that rest until the reset nothing is left, whatever they have. */
  readonly left: number
  /** Of the last three hours. */
  readonly perHour: number
  /** When nothing will be left at that pace. Missing: it outlasts the window. */
  readonly emptyAt?: string
  /** When the window begins anew. */
  readonly backAt: string
}

const hourMs = 3_600_000
const hours = 3

/** What the pace is read from. */
export function latelyQuery(now: number): UsageQuery {
  return { since: now - hours * hourMs, until: now + 1, by: ['provider', 'hour'] }
}

/** Of every window longer than a minute whose ceiling is known. `lately`: the answer to `latelyQuery`. */
export function outlooksOf(
  provider: string,
  accounts: readonly Account[],
  lately: readonly UsageRow[],
  now: number,
): readonly Outlook[] {
  const groups = new Map<string, { account: Account; counter: LimitCounter }[]>()
  for (const account of accounts) {
    for (const counter of account.counters) {
      const { limit, max } = counter
      if (limit.window === undefined || limit.window === 'minute' || max === undefined) continue
      groups.set(limit.name, [...(groups.get(limit.name) ?? []), { account, counter }])
    }
  }
  const own = lately.filter(({ names }) => names[0] === provider)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    const resetsAt = first?.counter.resetsAt(now)
    if (first === undefined || resetsAt === undefined) return []
    const { limit } = first.counter
    const left = group.reduce((sum, { account, counter }) => sum + leftOf(account, counter, now), 0)
    const pace = paceFor(limit, own, now)
    const end = emptyAt(pace, { left, now, resetsAt })
    return [
      {
        window: limit.name,
        metric: limit.metric,
        lane: limit.lane,
        max: group.reduce((sum, { counter }) => sum + (counter.max ?? 0), 0),
        left,
        perHour: Math.round(((pace.amount * hourMs) / pace.overMs) * 10) / 10,
        ...(end === undefined ? {} : { emptyAt: iso(end) }),
        backAt: iso(resetsAt),
      },
    ]
  })
}

function leftOf(account: Account, counter: LimitCounter, now: number): number {
  const resetsAt = counter.resetsAt(now) ?? now
  const { all, free } = account.rests
  const rests = [all, ...(counter.limit.lane === 'free' ? [free] : [])]
  const closed =
    rests.some((rest) => rest.until >= resetsAt) ||
    account.keys.every((key) => (key.resting(now)?.until ?? 0) >= resetsAt)
  return closed ? 0 : Math.max(0, (counter.max ?? 0) - counter.used(now))
}

function paceFor({ metric, lane }: Limit, rows: readonly UsageRow[], now: number): Pace {
  const amountOf = (row: UsageRow): number => {
    if (metric === 'nano-usd') return lane === 'free' ? 0 : row.nanoUsd
    if (metric === 'tokens') return lane === 'free' ? row.freeInput + row.freeOutput : row.input + row.output
    return lane === 'free' ? row.freeAttempts : row.attempts
  }
  const amounts = rows.map((row) => ({ start: Date.parse(row.names[1] ?? ''), amount: amountOf(row) }))
  return paceOf(amounts, { since: now - hours * hourMs, now })
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString()
}
