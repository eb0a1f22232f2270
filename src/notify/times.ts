/** Hours in which only some messages may pass. Minutes since midnight in `zone`; `from` after `until` goes over midnight. */
export interface QuietHours {
  readonly from: number
  readonly until: number
  /** IANA name; undefined: the machine's own. */
  readonly zone: string | undefined
}

export function isQuiet({ from, until, zone }: QuietHours, now: number): boolean {
  const minute = minuteIn(zone, now)
  return from < until ? minute >= from && minute < until : minute >= from || minute < until
}

/** Whether the platform knows a zone by this name. */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone)
    return true
  } catch {
    return false
  }
}

/** "Mon 23 Nov 18:00 UTC (19:00 Europe/Berlin)": UTC because services count by it, local because people live by it. */
export function shownTime(at: number, zone: string | undefined): string {
  const utc = stamp(at, 'UTC')
  const local = stamp(at, zone)
  const name = zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  if (local === utc) return `${utc} UTC`
  const sameDay = local.slice(0, -5) === utc.slice(0, -5)
  return `${utc} UTC (${sameDay ? local.slice(-5) : local} ${name})`
}

/** "2 d 3 h", "11 h 20 min", "5 min": the two largest parts. */
export function shownLength(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000))
  const parts = [
    [Math.floor(minutes / 1440), 'd'],
    [Math.floor(minutes / 60) % 24, 'h'],
    [minutes % 60, 'min'],
  ] as const
  const first = parts.findIndex(([amount]) => amount > 0)
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ')
}

function minuteIn(zone: string | undefined, now: number): number {
  const [hours = 0, minutes = 0] = stamp(now, zone).slice(-5).split(':').map(Number)
  return hours * 60 + minutes
}

function stamp(at: number, zone: string | undefined): string {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  const part = (name: Intl.DateTimeFormatPartTypes): string => parts.get(name) ?? ''
  return `${part('weekday')} ${part('day')} ${part('month')} ${part('hour')}:${part('minute')}`
}

const formats = new Map<string | undefined, Intl.DateTimeFormat>()

function formatOf(zone: string | undefined): Intl.DateTimeFormat {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      ...(zone === undefined ? {} : { timeZone: zone }),
    })
    formats.set(zone, format)
  }
  return format
}
