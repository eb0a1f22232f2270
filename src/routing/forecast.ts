/** What had been used of a window, or of several together, at some moment. */
export interface Sample {
  /** Epoch milliseconds. */
  readonly at: number
  readonly used: number
}

/** Where the pace of late leads. */
export interface Forecast {
  /** In the units of the samples. */
  readonly perHour: number
  /** Epoch milliseconds at which nothing is left; undefined: what is left lasts until the window ends. */
  readonly spentAt?: number
}

const hourMs = 3_600_000
/** A shorter look says more about one burst than about the day. */
const leastMs = 900_000
const spanMs = 2 * hourMs

/**
 * When a window will be spent at the pace of the last two hours. The samples may reach over the start of a window: what
 * is used then falls, and only growth counts. Undefined while less than a quarter of an hour is known.
 */
export function forecastOf(
  samples: readonly Sample[],
  window: { readonly left: number; readonly resetsAt: number },
  now: number,
): Forecast | undefined {
  const late = samples.filter(({ at }) => at <= now && now - at <= spanMs)
  const [first] = late
  if (first === undefined || now - first.at < leastMs) return undefined
  let grown = 0
  let { used } = first
  for (const each of late) {
    grown += Math.max(0, each.used - used)
    used = each.used
  }
  const perHour = (grown / (now - first.at)) * hourMs
  if (window.left <= 0) return { perHour, spentAt: now }
  const spentAt = now + Math.ceil((window.left / perHour) * hourMs)
  return spentAt < window.resetsAt ? { perHour, spentAt } : { perHour }
}
