import type { View } from './view.ts'

const dayMs = 86_400_000

/** A moment on the clock of the reader, with its weekday or date when it is not of the next hours: `17:40`, `Mon 00:00`. */
export function clockTime(epochMs: number, { now, timeZone }: Pick<View, 'now' | 'timeZone'>): string {
  const zone = timeZone === undefined ? {} : { timeZone }
  const time = format(epochMs, { ...zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const away = Math.abs(epochMs - now)
  if (away < dayMs) return time
  if (away < 6 * dayMs) return `${format(epochMs, { ...zone, weekday: 'short' })} ${time}`
  return `${format(epochMs, { ...zone, day: 'numeric', month: 'short' })} ${time}`
}

/** The whole moment: `2026-11-23 12:00:05`. */
export function dateTime(epochMs: number, { timeZone }: Pick<View, 'timeZone'>): string {
  const text = format(epochMs, {
    ...(timeZone === undefined ? {} : { timeZone }),
    dateStyle: 'short',
    timeStyle: 'medium',
    hourCycle: 'h23',
    locale: 'sv-SE',
  })
  return text
}

/** What stands behind a moment on the reader's clock, so that it is clear in UTC too: `UTC (in 5m)`, `(00:00 UTC, in 5m)`. */
export function utcToo(epochMs: number, view: Pick<View, 'now' | 'timeZone'>, more: string): string {
  const utc = clockTime(epochMs, { now: view.now, timeZone: 'UTC' })
  return clockTime(epochMs, view) === utc ? `UTC (${more})` : `(${utc} UTC, ${more})`
}

/** `42s`, `12m`, `11h 59m`, `3d 4h`. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  if (seconds < 60) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`
}

const formats = new Map<string, Intl.DateTimeFormat>()

function format(
  epochMs: number,
  { locale = 'en-GB', ...options }: Intl.DateTimeFormatOptions & { readonly locale?: string },
): string {
  const id = JSON.stringify([locale, options])
  const known = formats.get(id) ?? new Intl.DateTimeFormat(locale, options)
  formats.set(id, known)
  return known.format(epochMs)
}
