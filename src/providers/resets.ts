import type { RestUntil } from './provider.ts'

export const minuteMs: number = 60_000
export const hourMs: number = 3_600_000
export const dayMs: number = 86_400_000
const fiveHoursMs = 5 * hourMs
const weekMs = 7 * dayMs
/** Thursday 1970-01-01 to the first Monday. */
const firstMondayMs = 4 * dayMs

/** The next whole multiple of `windowMs` on a grid that starts at `offsetMs`; always later than `now`. */
function nextOnGrid(now: number, windowMs: number, offsetMs = 0): number {
  return (Math.floor((now - offsetMs) / windowMs) + 1) * windowMs + offsetMs
}

function nextMonth(now: number): number {
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
}

/**
 * When a rest ends that the service itself put no time on. All windows are aligned to UTC and the end is always later
 * than `now`. Undefined: no window is known, the growing short cooldown applies.
 */
export function resetTime(rests: RestUntil | undefined, now: number): number | undefined {
  switch (rests) {
    case 'next-minute':
      return nextOnGrid(now, minuteMs)
    case 'next-day':
      return nextOnGrid(now, dayMs)
    case 'next-5h':
      // Sessions end for everybody when unix seconds % 18000 is 0 (github.com/Sarrius/pi-multi-account/issues/30).
      return nextOnGrid(now, fiveHoursMs)
    case 'next-monday':
      return nextOnGrid(now, weekMs, firstMondayMs)
    case 'next-month':
      return nextMonth(now)
    case 'released':
      return Number.POSITIVE_INFINITY
    case 'hour':
      return now + hourMs
    case 'short':
    case undefined:
      return undefined
  }
}
