import { RequestError } from '../errors.ts'
import { windowStart } from '../limits/window.ts'

const dayMs = 86_400_000
const units: Readonly<Record<string, number>> = { h: 3_600_000, d: dayMs }

/** Epoch milliseconds; `until` is not included. */
export interface Range {
  readonly since: number
  readonly until: number
}

/** What the two ends are called where they are given: `since`, or `--since` on a command line. */
export type NameOf = (param: string) => string

/**
 * `today`, `month`, `7d` (that many UTC days, today included), `12h`, or an ISO date or time, of UTC unless it names
 * another zone. `until` is not included.
 */
export function readRange(
  given: { readonly since: string; readonly until?: string },
  now: number,
  nameOf: NameOf = (param) => param,
): Range {
  const since = readMoment(given.since, 'since', now, nameOf)
  const until = given.until === undefined ? now + 1 : readMoment(given.until, 'until', now, nameOf)
  if (since < until) return { since, until }
  throw new RequestError(
    'invalid_request',
    `the range is empty: ${nameOf('since')} must be before ${nameOf('until')}`,
    'since',
  )
}

function readMoment(text: string, param: string, now: number, nameOf: NameOf): number {
  if (text === 'today') return windowStart('day', now)
  if (text === 'month') return windowStart('month', now)
  const back = /^(\d{1,4})([hd])$/.exec(text)
  if (back !== null) {
    const [, count, unit = 'd'] = back
    const ms = Number(count) * (units[unit] ?? dayMs)
    return unit === 'h' ? now - ms : windowStart('day', now) - ms + dayMs
  }
  const at = readTime(text)
  if (Number.isFinite(at)) return at
  throw new RequestError(
    'invalid_request',
    `${nameOf(param)} takes today, month, 7d, 12h, or a date such as 2026-11-23; got "${text.slice(0, 30)}"`,
    param,
  )
}

const isoTime = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/

/**
 * NaN for anything but a date, or a time of one. `Date.parse` alone takes a time without a zone for local, and 30 February
 * for 2 March.
 */
function readTime(text: string): number {
  const [, date = '', time = '00:00', zone = 'Z'] = isoTime.exec(text) ?? []
  const midnight = Date.parse(`${date}T00:00Z`)
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(date)) return Number.NaN
  return Date.parse(`${date}T${time}${zone}`)
}
