import type { WindowName } from '../providers/provider.ts'

const dayMs = 86_400_000
const lengthMs: Readonly<Record<Exclude<WindowName, 'month'>, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: dayMs,
  week: 7 * dayMs,
}
// 1970-01-01 was a Thursday; weeks begin on Monday.
const firstMonday = 4 * dayMs

/** When the window that holds `now` began, in epoch milliseconds. All windows are aligned to UTC. */
export function windowStart(window: WindowName, now: number): number {
  if (window === 'month') {
    const date = new Date(now)
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
  }
  const offset = window === 'week' ? firstMonday : 0
  return Math.floor((now - offset) / lengthMs[window]) * lengthMs[window] + offset
}

/** When the window that holds `now` ends: the first instant of the next one. */
export function windowEnd(window: WindowName, now: number): number {
  if (window === 'month') {
    const date = new Date(now)
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
  }
  return windowStart(window, now) + lengthMs[window]
}
