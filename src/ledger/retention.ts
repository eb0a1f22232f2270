const dayMs = 86_400_000

/** For how long a ledger keeps what, in milliseconds; Infinity: for ever. */
export interface Retention {
  readonly attemptsMs: number
  /** Sums of hours. */
  readonly hoursMs: number
  /** Sums of days. */
  readonly daysMs: number
  /** What services counted of their days. */
  readonly comparisonsMs: number
}

/** A quarter of single calls, a year of hours to compare with, and days for good: a few hundred rows each. */
export const defaultRetention: Retention = {
  attemptsMs: 90 * dayMs,
  hoursMs: 400 * dayMs,
  daysMs: Infinity,
  comparisonsMs: 400 * dayMs,
}

/** The longest window of a ceiling or a limit: what was used of it is found again at every start. */
const longestMonthMs = 31 * dayMs

/** From days as a person writes them. Sums are kept at least as long as what they are sums of, those of days for a month. */
export function retentionOf(days: {
  readonly attempts?: number | undefined
  readonly hours?: number | undefined
  readonly days?: number | undefined
  readonly comparisons?: number | undefined
}): Retention {
  const ms = (count: number | undefined, fallback: number): number =>
    count === undefined ? fallback : count * dayMs
  const attemptsMs = ms(days.attempts, defaultRetention.attemptsMs)
  const hoursMs = Math.max(attemptsMs, ms(days.hours, defaultRetention.hoursMs))
  return {
    attemptsMs,
    hoursMs,
    daysMs: Math.max(hoursMs, longestMonthMs, ms(days.days, defaultRetention.daysMs)),
    comparisonsMs: ms(days.comparisons, defaultRetention.comparisonsMs),
  }
}
