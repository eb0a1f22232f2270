/** The windows in which services count requests. Both are aligned to UTC, the same for every account. */
export type WindowName = 'minute' | 'day'

const lengthMs: Readonly<Record<WindowName, number>> = { minute: 60_000, day: 86_400_000 }

/** When the window that holds `now` began, in epoch milliseconds. */
export function windowStart(window: WindowName, now: number): number {
  const length = lengthMs[window]
  return Math.floor(now / length) * length
}

/** When the window that holds `now` ends: the first instant of the next one. */
export function windowEnd(window: WindowName, now: number): number {
  return windowStart(window, now) + lengthMs[window]
}
