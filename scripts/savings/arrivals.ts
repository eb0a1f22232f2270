/** How a day's requests are laid over the day. */
export type Shape = 'burst' | 'spread' | 'night'

/** Requests that come at one moment. */
export interface Arrival {
  readonly at: number
  readonly requests: number
}

export const minuteMs = 60_000
export const hourMs = 3_600_000
export const dayMs = 86_400_000

/** Where each shape lies in the UTC day; the night begins on the evening before. */
export const spans: Readonly<Record<Shape, { readonly fromMs: number; readonly lengthMs: number }>> = {
  burst: { fromMs: 9 * hourMs, lengthMs: hourMs },
  spread: { fromMs: 0, lengthMs: dayMs },
  night: { fromMs: -2 * hourMs, lengthMs: 8 * hourMs },
}

/**
 * The arrivals of one UTC day: `requests` at fixed gaps, in groups of `parallel`. `phases` shift them by a part of a gap,
 * so that days do not all hit the borders of minutes alike: one for what began before midnight, one for what begins this
 * day. A night is cut at midnight: the day holds the end of one and the beginning of the next.
 */
export function arrivalsOf(
  day: number,
  asked: { readonly shape: Shape; readonly requestsPerDay: number; readonly parallel: number },
  phases: readonly [earlier: number, later: number],
): readonly Arrival[] {
  const { fromMs, lengthMs } = spans[asked.shape]
  const gapMs = lengthMs / asked.requestsPerDay
  const times = Array.from({ length: asked.requestsPerDay }, (_, index) => {
    const offset = (phase: number): number => Math.floor(fromMs + (index + phase) * gapMs)
    const [earlier, later] = phases
    return offset(earlier) < 0 ? day + dayMs + offset(later) : day + offset(fromMs < 0 ? earlier : later)
  }).sort((left, right) => left - right)
  const arrivals: Arrival[] = []
  for (let first = 0; first < times.length; first += asked.parallel) {
    arrivals.push({
      at: times[first] ?? day,
      requests: Math.min(asked.parallel, times.length - first),
    })
  }
  return arrivals
}

/** How many of one day's requests could be free at the very best, whichever account takes which of them. */
export function reachableOf(
  arrivals: readonly Arrival[],
  ceilings: { readonly minute: number; readonly day: number },
): number {
  const minutes = new Map<number, number>()
  for (const { at, requests } of arrivals) {
    const minute = Math.floor(at / minuteMs)
    minutes.set(minute, (minutes.get(minute) ?? 0) + requests)
  }
  const through = [...minutes.values()].reduce((sum, count) => sum + Math.min(count, ceilings.minute), 0)
  return Math.min(through, ceilings.day)
}
