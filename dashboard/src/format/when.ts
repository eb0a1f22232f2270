const dayMs = 86_400_000

/** `17:40`, with the day where it is not today's, in the reader's own time zone. */
export function clockTime(at: number, now: number): string {
  const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const isToday = new Date(at).toDateString() === new Date(now).toDateString()
  if (isToday) return time.format(at)
  const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
  return `${day.format(at)} ${time.format(at)}`
}

/** `26 Nov, 17:40:02`: a moment that is over. */
export function moment(at: number): string {
  return new Intl.DateTimeFormat(undefined, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(at)
}

/** `12s`, `4m 20s`, `3h 04m`, `2d 5h`. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  if (seconds < 60) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m ${pad(seconds % 60)}s`
  if (ms < 2 * dayMs) return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`
  return `${Math.floor(ms / dayMs)}d ${Math.floor((ms % dayMs) / 3_600_000)}h`
}

/** `340 ms`, `1.2 s`, `2 m 05 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} m ${pad(Math.round((ms % 60_000) / 1000))} s`
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
