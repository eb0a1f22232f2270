import type { AccountStatus, ProviderStatus, WindowStatus } from '../routing/status.ts'
import type { Condition } from './changes.ts'
import { fallbackOf, type Outlook } from './outlook.ts'
import { shownLength, shownTime } from './times.ts'

/** Rests that mean that money or quota is used up; those for a full minute are everyday life. */
const spentKinds: ReadonlySet<string> = new Set(['quota', 'credits'])

/** A pool none of whose accounts can take a call of its lane before a window longer than a minute ends. */
export function spentPools(outlook: Outlook): Condition[] {
  return outlook.status.providers.flatMap((provider) => {
    const found = spentPool(provider, outlook.now)
    return found === undefined ? [] : [describe(provider, found, outlook)]
  })
}

interface SpentPool {
  /** Accounts that are spent; the others have no key that works. */
  readonly spent: number
  /** Epoch milliseconds; Infinity: nobody can say. */
  readonly backAt: number
}

function spentPool(provider: ProviderStatus, now: number): SpentPool | undefined {
  const backs = provider.accounts.map((account) => backOf(account, provider, now))
  if (backs.length === 0 || backs.includes('usable')) return undefined
  const times = backs.filter((back) => typeof back === 'number')
  return times.length === 0 ? undefined : { spent: times.length, backAt: Math.min(...times) }
}

/** When a spent account returns; `usable` when it is not spent, `dead` when no key of it works. */
function backOf(account: AccountStatus, provider: ProviderStatus, now: number): number | 'usable' | 'dead' {
  const free = provider.lane === 'free'
  const keys = account.keys.filter(({ cooldown }) => cooldown?.kind !== 'credential')
  if (keys.length === 0) return 'dead'
  const rests = account.cooldowns
    .filter(({ kind, lane }) => spentKinds.has(kind) && (free || lane !== 'free'))
    .map(({ until }) => timeOf(until))
  const windows = account.windows
    .filter((window) => isSpent(window, free))
    .map(({ resetsAt }) => timeOf(resetsAt))
  // A key's own spending cap bounds paid calls only; the account goes on while one of its keys may.
  const caps = free ? [] : keys.map(({ cap }) => (cap?.leftUsd === 0 ? timeOf(cap.resetsAt) : now))
  const capped = caps.length > 0 && caps.every((until) => until > now) ? [Math.min(...caps)] : []
  const ends = [...rests, ...windows, ...capped]
  return ends.length === 0 ? 'usable' : Math.max(...ends)
}

function isSpent({ metric, window, lane, remaining }: WindowStatus, free: boolean): boolean {
  if (metric === 'in-flight' || window === 'minute' || (lane === 'free' && !free)) return false
  return remaining !== undefined && remaining <= 0
}

function timeOf(until: string | undefined): number {
  const at = Date.parse(until ?? '')
  return Number.isNaN(at) ? Infinity : at
}

function describe(provider: ProviderStatus, { spent, backAt }: SpentPool, outlook: Outlook): Condition {
  const { now, tastes } = outlook
  const { accounts, title, lane, name } = provider
  const what = lane === 'free' ? 'free quota' : 'quota'
  const dead = accounts.length - spent
  const who =
    accounts.length === 1
      ? 'Its account has used up what it may call.'
      : `${spent} of ${accounts.length} accounts have used up what they may call${dead === 0 ? '' : `; the other ${dead} have no key that works`}.`
  const known = Number.isFinite(backAt)
  const back = known
    ? `Back: ${shownTime(backAt, tastes.zone)}, in ${shownLength(backAt - now)}.`
    : 'Nobody can say when it is back. "switchyard status" shows what it waits for; "switchyard keys release NAME" tries again.'
  return {
    subject: `pool/${name}`,
    kind: 'pool-spent',
    words: { title: `${title}: ${what} is spent`, lines: [who, back, fallbackOf(outlook, provider)] },
    ...(known ? { until: backAt } : {}),
    over: {
      kind: 'pool-back',
      words: { title: `${title}: ${what} is back`, lines: ['Calls go there again. Nothing to do.'] },
    },
  }
}

/** A pool that at the pace of late will be spent within the time the operator wants to know, before its window ends. */
export function forecastPools({ now, status, forecasts, tastes }: Outlook): Condition[] {
  return forecasts.flatMap((forecast) => {
    const { spentAt, perHour, left, resetsAt } = forecast
    const provider = status.providers.find(({ name }) => name === forecast.provider)
    if (provider === undefined || spentAt === undefined || left <= 0) return []
    if (spentAt - now > tastes.forecastMinutes * 60_000) return []
    return [
      {
        // Once for each window: a pace that goes up and down is no news.
        subject: `forecast/${provider.name}/${forecast.window}/${resetsAt}`,
        kind: 'forecast' as const,
        words: {
          title: `${provider.title}: spent in about ${shownLength(spentAt - now)}`,
          lines: [
            `${amount(forecast.window, left)} left; at the pace of the last hours (${amount(forecast.window, perHour)} an hour) that lasts until ${shownTime(spentAt, tastes.zone)}.`,
            `The window begins anew ${shownTime(resetsAt, tastes.zone)}.`,
            'To make it last: send less, or keep a part for some clients ("reserve" in the policy).',
          ],
        },
        until: spentAt,
        keepUntil: resetsAt,
      },
    ]
  })
}

function amount(window: string, value: number): string {
  return window.startsWith('nano-usd')
    ? `$${(value / 1e9).toFixed(2)}`
    : `${Math.ceil(value)} ${window.split('/')[0]}`
}
