export const hourMs = 3_600_000
export const dayMs = 86_400_000

/** Times up to which something is kept or done. The last two are beginnings of UTC days. */
export interface Bounds {
  /** Every ended attempt that began before is in the sums; none that began later is. */
  readonly rolled: number
  /** Single attempts that began before are not kept. */
  readonly rows: number
  /** Sums of hours before are not kept. */
  readonly hours: number
}

export interface Piece {
  readonly from: 'days' | 'hours' | 'rows'
  readonly since: number
  readonly until: number
}

/**
 * What a range of time is put together from: whole days, whole hours, and rows where it begins or ends inside an hour or
 * is not added up yet. Sums come before rows, and the newest first. Where the rows of an edge are gone the range is
 * widened to the hour, where the hours are gone to the day.
 */
export function piecesOf(
  range: { readonly since: number; readonly until: number },
  bounds: Bounds,
  wanted: { readonly hourly: boolean; readonly byHour: boolean },
): readonly Piece[] {
  const { hourly, byHour } = wanted
  const unitAt = (at: number): number => (hourly && at >= bounds.hours ? hourMs : dayMs)
  const since = range.since < bounds.rows ? floor(range.since, unitAt(range.since)) : range.since
  const until = range.until < bounds.rows ? ceil(range.until, unitAt(range.until)) : range.until
  const pieces: Piece[] = []
  const add = (from: Piece['from'], start: number, end: number): void => {
    if (start < end) pieces.push({ from, since: start, until: end })
  }
  const addRows = (start: number, end: number): void => add('rows', start, Math.min(end, bounds.rolled))
  const addHours = (start: number, end: number): void => {
    const [first, last] = hourly ? [ceil(start, hourMs), floor(end, hourMs)] : [end, end]
    if (first >= last) return addRows(start, end)
    addRows(start, first)
    add('hours', first, last)
    addRows(last, end)
  }
  // Sums hold nothing of what is not added up yet, so the last of their days may be taken whole.
  const end = until >= bounds.rolled ? ceil(bounds.rolled, dayMs) : until
  const firstDay = ceil(since, dayMs)
  const lastDay = byHour
    ? Math.min(floor(end, dayMs), hourly ? bounds.hours : bounds.rows)
    : floor(end, dayMs)
  if (firstDay < lastDay) {
    addHours(since, firstDay)
    add('days', firstDay, lastDay)
    addHours(lastDay, end)
  } else {
    addHours(since, end)
  }
  add('rows', Math.max(since, bounds.rolled), until)
  return pieces.sort((a, b) => Number(a.from === 'rows') - Number(b.from === 'rows') || b.until - a.until)
}

export function floor(at: number, unitMs: number): number {
  return Math.floor(at / unitMs) * unitMs
}

function ceil(at: number, unitMs: number): number {
  return Math.ceil(at / unitMs) * unitMs
}
