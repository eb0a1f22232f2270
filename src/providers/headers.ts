import type { RawReply } from './provider.ts'

type Headers = RawReply['headers']

/** Longer values are nobody's clock; cutting them off first keeps foreign megabytes of digits away from the readers. */
const maxLength = 64
/** 10 digits of seconds are 317 years: enough for every honest answer, and still exact as a number. */
const decimal = /^\d{1,10}(?:\.\d{1,9})?$/
const epochDigits = /^\d{9,14}(?:\.\d{1,9})?$/
/** `Date.parse` takes "-1" for the year 2001, so only the shapes that HTTP and ISO 8601 know are let through. */
const httpDate = /^[A-Z][a-z]{2,8}, \d/
const asctime = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d /
const isoDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d/
const isoZone = /(?:[Zz]|[+-]\d\d:?\d\d)$/

/** The first value of a header, without the spaces around it; undefined when absent, empty or absurdly long. */
export function readHeader(headers: Headers, name: string): string | undefined {
  const value = headers[name]
  const first = typeof value === 'string' ? value : value?.[0]
  if (first === undefined || first.length > maxLength) return undefined
  const trimmed = first.trim()
  return trimmed === '' ? undefined : trimmed
}

/** A date of HTTP or ISO 8601 in epoch milliseconds. */
function readDate(text: string): number | undefined {
  if (text.length > maxLength) return undefined
  let value = text
  if (asctime.test(text)) value = `${text} GMT`
  else if (isoDate.test(text)) value = isoZone.test(text) ? text : `${text}Z`
  else if (!httpDate.test(text)) return undefined
  const parsed = Date.parse(value)
  return Number.isNaN(parsed) ? undefined : parsed
}

/** Seconds as a number or a decimal string, in milliseconds; undefined for anything negative, unreal or absurd. */
export function readSecondsMs(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || text.length > maxLength) return undefined
  const trimmed = text.trim()
  return decimal.test(trimmed) ? Math.ceil(Number(trimmed) * 1000) : undefined
}

/** A point in time as milliseconds, seconds or ISO text. The size tells the unit: below 1e11 it is seconds. */
export function readEpoch(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || text.length > maxLength) return undefined
  const trimmed = text.trim()
  if (!epochDigits.test(trimmed)) return readDate(trimmed)
  const number = Number(trimmed)
  return Math.round(number < 1e11 ? number * 1000 : number)
}

/**
 * How long to wait, from `retry-after-ms` or `retry-after` (seconds, or a date). A date is measured against the answer's
 * own `date` header, so a wrong clock on our side does not shift it. Undefined when absent, past or absurd.
 */
export function readRetryAfterMs(headers: Headers, now: number): number | undefined {
  const milliseconds = readHeader(headers, 'retry-after-ms')
  if (milliseconds !== undefined && decimal.test(milliseconds)) return Math.ceil(Number(milliseconds))
  const value = readHeader(headers, 'retry-after')
  if (value === undefined) return undefined
  const seconds = readSecondsMs(value)
  if (seconds !== undefined) return seconds
  const until = readDate(value)
  if (until === undefined) return undefined
  const waitMs = until - (readDate(readHeader(headers, 'date') ?? '') ?? now)
  return waitMs > 0 ? waitMs : undefined
}

/**
 * When a rate-limit window ends, as told by an `x-ratelimit-reset` value: a point in time, or a distance in seconds, as
 * the IETF draft on RateLimit headers has it.
 */
export function readReset(value: unknown, now: number): number | undefined {
  const at = readEpoch(value)
  if (at !== undefined) return at
  const distanceMs = readSecondsMs(value)
  return distanceMs === undefined ? undefined : now + distanceMs
}
