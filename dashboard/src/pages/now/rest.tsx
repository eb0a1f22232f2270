import type { Cooldown } from '../../api/types.ts'
import { clockTime, countdown } from '../../format/when.ts'

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
  const end = Date.parse(rest.until)
  const until = Number.isFinite(end)
    ? `until ${clockTime(end, now)} (in ${countdown(end - now)})`
    : 'until released by hand'
  return (
    <p class="rest">
      {who} rests {until}: {rest.why}
    </p>
  )
}
