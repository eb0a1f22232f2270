import type { Comparison } from '../ledger/ledger.ts'
import type { AccountNews, DayNews, Limit } from '../providers/provider.ts'
import type { Account } from './account.ts'
import type { Credential } from './credential.ts'
import { windowStart } from './window.ts'

/**
 * A service's figures of UTC days beside our own counts: of the running day as last heard, of an earlier one where both
 * sides still know it, and of what one key spent today.
 */
export function comparisonsOf(
  provider: string,
  account: Account,
  key: Credential,
  news: AccountNews,
  now: number,
): readonly Comparison[] {
  const today = windowStart('day', now)
  const facts = { provider, account: account.id, at: now }
  const running = account.counters.flatMap((counter): Comparison[] => {
    const { limit } = counter
    const heard = limit.window === 'day' ? counter.heard(now) : undefined
    // An older figure stands written already.
    if (heard === undefined || heard.at !== now || !isCompared(limit.metric)) return []
    const figures = { service: heard.used, ours: heard.counted, complete: false }
    return [{ ...facts, ...figures, metric: limit.metric, name: nameOf(limit), day: today }]
  })
  const past = (news.pastDays ?? []).flatMap((day) =>
    pastDay(account, day, now).map((each) => ({ ...facts, ...each })),
  )
  const told = key.budget.told(now)
  if (told === undefined || told.at !== now) return [...running, ...past]
  const spent = { service: told.service, ours: told.ours, complete: false }
  return [
    ...running,
    ...past,
    { ...facts, ...spent, key: key.name, metric: 'nano-usd', name: 'spent', day: today },
  ]
}

function pastDay(
  account: Account,
  { limit, day, used }: DayNews,
  now: number,
): readonly Pick<Comparison, 'name' | 'day' | 'metric' | 'service' | 'ours' | 'complete'>[] {
  const counter = account.counters.find((each) => each.limit.name === limit)
  const metric = counter?.limit.metric
  const ours = counter?.ownIn(day, now)
  if (counter === undefined || ours === undefined || metric === undefined || !isCompared(metric)) return []
  return [{ name: nameOf(counter.limit), day, metric, service: used, ours, complete: true }]
}

function nameOf({ metric, lane }: Limit): string {
  if (metric === 'nano-usd') return 'spent'
  return lane === 'free' ? 'free requests' : 'requests'
}

function isCompared(metric: string): metric is Comparison['metric'] {
  return metric === 'requests' || metric === 'nano-usd'
}
