import { readEpoch, readHeader, readSecondsMs } from '../headers.ts'
import type { RawReply } from '../provider.ts'
import { dayMs, hourMs, minuteMs } from '../resets.ts'

const unitMs: Readonly<Record<string, number>> = {
  d: dayMs,
  h: hourMs,
  m: minuteMs,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
}
const durationShape = /^(?:\d{1,9}(?:\.\d{1,12})?(?:ms|us|µs|ns|[dhms]))+$/
const durationPart = /(\d{1,9}(?:\.\d{1,12})?)(ms|us|µs|ns|[dhms])/g

/** A duration as Go writes it ("1m30.5s", "12ms"), in milliseconds. */
export function readDurationMs(text: string): number | undefined {
  const trimmed = text.trim()
  if (trimmed.length > 40 || !durationShape.test(trimmed)) return undefined
  let totalMs = 0
  for (const [, count, unit] of trimmed.matchAll(durationPart))
    totalMs += Number(count) * (unitMs[unit ?? ''] ?? 0)
  return Math.ceil(totalMs)
}

/** When a window ends: a Go duration, a point in time in seconds or milliseconds, or a distance in seconds. */
function readResetAt(value: string, now: number): number | undefined {
  const distanceMs = readDurationMs(value)
  if (distanceMs !== undefined) return now + distanceMs
  const at = readEpoch(value)
  if (at !== undefined) return at
  const secondsMs = readSecondsMs(value)
  return secondsMs === undefined ? undefined : now + secondsMs
}

const remainingName = /^((?:x-)?ratelimit)-remaining(-[a-z-]{1,40})?$/

/**
 * When the last of the spent windows ends. Services send one pair of headers a window (`x-ratelimit-remaining-requests`,
 * `x-ratelimit-reset-requests`) in every answer, so the reset of a window with something left says nothing.
 */
export function readSpentReset(headers: RawReply['headers'], now: number): number | undefined {
  let told = false
  const ends: number[] = []
  for (const name of Object.keys(headers)) {
    const found = remainingName.exec(name)
    if (found === null) continue
    told = true
    const remaining = Number(readHeader(headers, name) ?? Number.NaN)
    const reset = readHeader(headers, `${found[1]}-reset${found[2] ?? ''}`)
    const at = reset === undefined || remaining > 0 ? undefined : readResetAt(reset, now)
    if (at !== undefined) ends.push(at)
  }
  if (ends.length > 0) return Math.max(...ends)
  const only = told
    ? undefined
    : (readHeader(headers, 'x-ratelimit-reset') ?? readHeader(headers, 'ratelimit-reset'))
  return only === undefined ? undefined : readResetAt(only, now)
}

const waitDuration =
  /\b(?:try again|retry|wait) (?:in |after |for )?((?:\d{1,9}(?:\.\d{1,12})?(?:ms|[dhms]))+)(?![\w])/i
const waitWords =
  /\b(?:try again|retry|wait) (?:in |after |for )?(\d{1,9}(?:\.\d{1,12})?) (milliseconds?|seconds?|minutes?|hours?)\b/i
const wordMs: Readonly<Record<string, number>> = { mill: 1, seco: 1000, minu: minuteMs, hour: hourMs }

/** The wait that a message asks for: "try again in 7.66s", "Please retry in 12s", "Please wait 46 seconds". */
export function readWaitMs(message: string): number | undefined {
  const duration = waitDuration.exec(message)?.[1]
  if (duration !== undefined) return readDurationMs(duration.toLowerCase())
  const found = waitWords.exec(message)
  const unit = wordMs[found?.[2]?.slice(0, 4).toLowerCase() ?? '']
  return unit === undefined ? undefined : Math.ceil(Number(found?.[1]) * unit)
}

const clockIn = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  hourCycle: 'h23',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
})

function sinceMidnightMs(at: number): number {
  const parts = Object.fromEntries(clockIn.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
  return (
    (parts['hour'] ?? 0) * hourMs +
    (parts['minute'] ?? 0) * minuteMs +
    (parts['second'] ?? 0) * 1000 +
    (at % 1000)
  )
}

/** The next midnight in California, where Google's quotas of a day end (ai.google.dev/gemini-api/docs/rate-limits). */
export function nextPacificMidnight(now: number): number {
  const guess = now + dayMs - sinceMidnightMs(now)
  // On the two days a year with 23 or 25 hours the guess is an hour off.
  const off = sinceMidnightMs(guess)
  return off > dayMs / 2 ? guess + dayMs - off : guess - off
}
