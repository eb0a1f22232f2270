import type { Usage } from '../chat/types.ts'
import type { Peak, Price } from './provider.ts'

/**
 * What a call that began at `at` costs in nano-dollars, cached input counted apart. Undefined for token counts that are
 * none: a ledger keeps what it is told.
 */
export function chargeFor(price: Price, usage: Usage, at: number): number | undefined {
  const { input, output } = usage
  const cached = Math.min(usage.cached ?? 0, input)
  const written = Math.min(usage.cacheWrite ?? 0, input - cached)
  if (![input, output, cached, written].every((count) => Number.isFinite(count) && count >= 0))
    return undefined
  const base =
    (input - cached - written) * price.input +
    cached * (price.cached ?? price.input) +
    written * (price.cacheWrite ?? price.input) +
    output * price.output +
    (price.request ?? 0)
  const total = Math.round(
    base * (price.peak !== undefined && isPeak(price.peak, at) ? price.peak.factor : 1),
  )
  return Number.isSafeInteger(total) ? total : undefined
}

/** What a call of at most `input` tokens may be charged with, whatever its hour and whatever of it a cache keeps. */
export function dearestOf(price: Price, input: number): Price {
  const met = (price.dearer ?? []).filter(({ fromInput }) => input >= fromInput)
  const most = (name: 'input' | 'output' | 'request'): number =>
    Math.max(price[name] ?? 0, ...met.map((each) => each[name] ?? 0))
  return {
    input: Math.max(most('input'), price.cacheWrite ?? 0),
    output: most('output'),
    request: most('request'),
    ...(price.peak && { peak: price.peak }),
  }
}

const dayMs = 86_400_000

function isPeak({ weekdays, fromMs, untilMs }: Peak, at: number): boolean {
  const sinceMidnightMs = ((at % dayMs) + dayMs) % dayMs
  return weekdays.includes(new Date(at).getUTCDay()) && sinceMidnightMs >= fromMs && sinceMidnightMs < untilMs
}

/** A price as config files write it: in dollars a million tokens, the way price pages do. */
export interface PriceSetting {
  readonly inputUsdPerMillion: number
  readonly outputUsdPerMillion: number
  /** Left out: cached input costs what other input costs. */
  readonly cachedUsdPerMillion?: number | undefined
  readonly peak?: PeakSetting | undefined
}

/** Hours in which calls cost `factor` times as much. UTC. */
export interface PeakSetting {
  readonly factor: number
  /** Left out: every day. */
  readonly days?: readonly DayName[] | undefined
  /** `12:00`. */
  readonly from: string
  /** Not later than `24:00`, and later than `from`. */
  readonly until: string
}

export const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
export type DayName = (typeof dayNames)[number]

/** A dollar a million tokens is 1000 nano-dollars a token. */
const nanoPerUsdPerMillion = 1000

/** Only for settings that were checked. */
export function readPrice(setting: PriceSetting): Price {
  const { inputUsdPerMillion, outputUsdPerMillion, cachedUsdPerMillion: cached, peak } = setting
  return {
    input: inputUsdPerMillion * nanoPerUsdPerMillion,
    output: outputUsdPerMillion * nanoPerUsdPerMillion,
    ...(cached === undefined ? {} : { cached: cached * nanoPerUsdPerMillion }),
    ...(peak === undefined ? {} : { peak: readPeak(peak) }),
  }
}

function readPeak({ factor, days = dayNames, from, until }: PeakSetting): Peak {
  const weekdays = days.map((day) => dayNames.indexOf(day))
  return { factor, weekdays, fromMs: minuteOfDay(from) * 60_000, untilMs: minuteOfDay(until) * 60_000 }
}

/** Minutes since midnight of `HH:MM`; NaN for anything else. */
export function minuteOfDay(text: string): number {
  const found = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(text)
  const minutes = found === null ? Number.NaN : Number(found[1]) * 60 + Number(found[2])
  return minutes <= 24 * 60 ? minutes : Number.NaN
}
