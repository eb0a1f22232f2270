/** How fast something is used up. */
export interface Pace {
  readonly amount: number
  readonly overMs: number
}

/**
 * When what is left will be used up at this pace, in epoch milliseconds; `now` when nothing is left. Undefined: not
 * before it begins anew.
 */
export function emptyAt(
  pace: Pace,
  facts: { readonly left: number; readonly now: number; readonly resetsAt: number },
): number | undefined {
  const { left, now, resetsAt } = facts
  if (left <= 0) return now
  const { amount, overMs } = pace
  if (amount <= 0 || overMs <= 0) return undefined
  const at = Math.round(now + (left / amount) * overMs)
  return at < resetsAt ? at : undefined
}

/** A shorter time says too little about the hours to come. */
const leastMs = 1_800_000

/**
 * The pace of the last hours. It is taken over the time since the first of those hours in which anything was used, so that
 * a router that has just started is not taken for a slow one.
 */
export function paceOf(
  hours: readonly { readonly start: number; readonly amount: number }[],
  range: { readonly since: number; readonly now: number },
): Pace {
  const busy = hours.filter(({ amount }) => amount > 0)
  const first = Math.min(range.now, ...busy.map(({ start }) => start))
  return {
    amount: busy.reduce((sum, { amount }) => sum + amount, 0),
    overMs: Math.max(leastMs, range.now - Math.max(range.since, first)),
  }
}
