import type { Comparison } from '../ledger/ledger.ts'
import type { Forecast } from '../routing/forecast.ts'
import type { ProviderStatus, Status } from '../routing/status.ts'

/** All that conditions are derived from. */
export interface Outlook {
  readonly now: number
  readonly status: Status
  readonly forecasts: readonly PoolForecast[]
  /** The services' figures of past days beside our own. */
  readonly comparisons: readonly Comparison[]
  /** Subjects that have been told and whose end has not. */
  readonly told: ReadonlySet<string>
  readonly tastes: Tastes
}

/** What the operator decides about messages. */
export interface Tastes {
  /** IANA name for times beside UTC; undefined: the machine's own. */
  readonly zone: string | undefined
  readonly forecastMinutes: number
  /** How far apart the figures of a past day must be. */
  readonly differencePercent: number
  /** No call that costs anything is made. */
  readonly freeOnly: boolean
}

export interface PoolForecast extends Forecast {
  readonly provider: string
  readonly window: string
  readonly left: number
  readonly resetsAt: number
}

/** Foreign words on one line, short, well formed, without control or direction characters. */
export function quoted(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/gu, ' ').trim()
  // Telegram refuses a message with half a surrogate pair in it.
  return (line.length > 200 ? `${line.slice(0, 199)}…` : line).toWellFormed()
}

/** Who takes the calls of a pool that is spent, in words. */
export function fallbackOf({ status, tastes }: Outlook, provider: ProviderStatus): string {
  const order = ['free', 'included', 'paid']
  const next = status.providers
    .filter(
      ({ name, health, lane }) =>
        name !== provider.name && health === 'ok' && (lane === 'free' || !tastes.freeOnly),
    )
    .toSorted((left, right) => order.indexOf(left.lane) - order.indexOf(right.lane))[0]
  if (next === undefined)
    return 'Nothing else is left: requests are refused until then, with the time in the answer.'
  const cost = { free: 'free', included: 'part of a plan', paid: 'paid' }[next.lane]
  return `Requests for "auto" go to ${next.title} meanwhile (${cost}).`
}
