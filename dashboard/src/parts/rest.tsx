import type { Cooldown } from '../api/types.ts'
import { clockTime, countdown } from '../format/when.ts'

/** Who rests, until when, and why. */
export function Rest({
  who,
  rest,
  now,
}: {
  readonly who: string
  readonly rest: Cooldown
  readonly now: number
}) {
  return (
    <p class="rest">
      {who} rests {untilText(rest.until, now)}: {rest.why}
    </p>
  )
}

/** `until 17:40 (in 6h 12m)`; some rests only a person ends. */
export function untilText(until: string, now: number): string {
  const end = Date.parse(until)
  return Number.isFinite(end)
    ? `until ${clockTime(end, now)} (in ${countdown(end - now)})`
    : 'until released by hand'
}
