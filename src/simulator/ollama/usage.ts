import type { Json } from '../json.ts'
import { dayMs, dayWindow, hourMs, hourWindow } from '../windows.ts'
import type { TokenUse } from './models.ts'

interface Bucket {
  requests: number
  usd: number
  input: number
  cached: number
  output: number
}

const keptHours = 31 * 24 + 1

interface RangeFacts {
  readonly granularity: 'hour' | 'day'
  readonly step: number
  readonly steps: number
}

export type UsageRange = '24h' | '7d' | '30d'

const ranges: Readonly<Record<UsageRange, RangeFacts>> = {
  '24h': { granularity: 'hour', step: hourMs, steps: 24 },
  '7d': { granularity: 'day', step: dayMs, steps: 7 },
  '30d': { granularity: 'day', step: dayMs, steps: 30 },
}

export function isUsageRange(value: string): value is UsageRange {
  return Object.hasOwn(ranges, value)
}

function emptyBucket(): Bucket {
  return { requests: 0, usd: 0, input: 0, cached: 0, output: 0 }
}

function add(to: Bucket, from: Bucket): void {
  to.requests += from.requests
  to.usd += from.usd
  to.input += from.input
  to.cached += from.cached
  to.output += from.output
}

/** Legacy plans show the number of requests only. */
function writeBucket(bucket: Bucket, isLegacy: boolean): Json {
  if (isLegacy) return { request_count: bucket.requests }
  return {
    request_count: bucket.requests,
    usage_usd: Number(bucket.usd.toFixed(8)),
    input_tokens: bucket.input,
    cached_input_tokens: bucket.cached,
    output_tokens: bucket.output,
  }
}

function isoSeconds(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** An account's usage by the hour, for a month. */
export class UsageHistory {
  readonly #hours = new Map<number, Bucket>()

  add(now: number, use: TokenUse, usd: number): void {
    const hour = hourWindow(now).from
    let bucket = this.#hours.get(hour)
    if (bucket === undefined) {
      this.#hours.set(hour, (bucket = emptyBucket()))
      for (const oldest of this.#hours.keys()) {
        if (this.#hours.size <= keptHours) break
        this.#hours.delete(oldest)
      }
    }
    bucket.requests += 1
    bucket.usd += usd
    bucket.input += use.promptTokens
    bucket.cached += use.cachedTokens
    bucket.output += use.outputTokens
  }

  /** GET /api/usage (https://docs.ollama.com/api/cloud-usage.md): empty buckets included, oldest first. */
  write(range: UsageRange, scope: string, isLegacy: boolean, now: number): string {
    const { granularity, step, steps } = ranges[range]
    const last = (step === hourMs ? hourWindow(now) : dayWindow(now)).from
    const totals = emptyBucket()
    const buckets: Json[] = []
    for (let from = last - steps * step; from <= last; from += step) {
      const bucket = emptyBucket()
      for (const [hour, held] of this.#hours) if (hour >= from && hour < from + step) add(bucket, held)
      add(totals, bucket)
      const partial = from === last
      buckets.push({
        from: isoSeconds(from),
        until: isoSeconds(partial ? now : from + step),
        ...(partial ? { partial } : {}),
        ...writeBucket(bucket, isLegacy),
      })
    }
    return JSON.stringify({
      range,
      scope,
      granularity,
      from: isoSeconds(last - steps * step),
      until: isoSeconds(now),
      totals: writeBucket(totals, isLegacy),
      buckets,
    })
  }
}
