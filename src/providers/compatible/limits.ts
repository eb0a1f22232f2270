import { ConfigError } from '../../errors.ts'
import type { Limit, Metric, WindowName } from '../provider.ts'

const windows: readonly WindowName[] = ['minute', 'hour', 'day', 'week', 'month']
/** How each metric is written in a config file. */
const metrics: Readonly<Record<string, Metric>> = {
  requests: 'requests',
  tokens: 'tokens',
  usd: 'nano-usd',
  inFlight: 'in-flight',
}
const written: string = Object.keys(metrics).join(', ')

/**
 * Reads declared limits: `{ requests: 30, per: minute }`, `{ tokens: 6000, per: minute }`, `{ usd: 5, per: month }`,
 * `{ inFlight: 4 }`. Throws ConfigError naming the entry; `where` stands in front, such as `groq.limits`.
 */
export function readLimits(entries: unknown, where = 'limits'): Limit[] {
  if (!Array.isArray(entries)) {
    throw new ConfigError(
      `${where} must be a list, such as [{ requests: 30, per: minute }]; got ${shown(entries)}`,
    )
  }
  const limits = entries.map((entry, index) => readLimit(entry, `${where}[${index}]`))
  for (const [index, limit] of limits.entries()) {
    const first = limits.findIndex(({ name }) => name === limit.name)
    if (first !== index)
      throw new ConfigError(`${where}[${index}] repeats ${where}[${first}]: one ceiling a metric and window`)
  }
  return limits
}

function readLimit(entry: unknown, where: string): Limit {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    throw new ConfigError(`${where} must look like { requests: 30, per: minute }; got ${shown(entry)}`)
  const { per, ...counts } = entry as Record<string, unknown>
  const [first, ...others] = Object.entries(counts)
  if (first === undefined) throw new ConfigError(`${where} says what to count by exactly one of: ${written}`)
  const [key, count] = first
  const metric = Object.hasOwn(metrics, key) ? metrics[key] : undefined
  if (metric === undefined)
    throw new ConfigError(`${where} has "${key.slice(0, 40)}"; it can count ${written}`)
  if (others.length > 0)
    throw new ConfigError(
      `${where} counts ${Object.keys(counts).slice(0, 5).join(' and ')}; write one entry for each`,
    )
  const max = readMax(key, count, where)
  if (metric === 'in-flight') {
    if (per !== undefined)
      throw new ConfigError(`${where}: inFlight counts calls at the same time and takes no "per"`)
    return { name: metric, metric, max, lane: 'all' }
  }
  const window = windows.find((each) => each === per)
  if (window === undefined) {
    const got = per === undefined ? '"per" is missing' : `"per" is ${shown(per)}`
    throw new ConfigError(`${where}: ${got}; it takes ${windows.join(', ')}`)
  }
  return { name: `${key}-${window}`, metric, window, max, lane: 'all' }
}

function readMax(key: string, count: unknown, where: string): number {
  const max = typeof count === 'number' && key === 'usd' ? Math.round(count * 1e9) : count
  if (typeof max === 'number' && Number.isSafeInteger(max) && max > 0) return max
  const kind = key === 'usd' ? 'an amount of dollars above 0' : 'a whole number above 0'
  throw new ConfigError(`${where}: ${key} takes ${kind}; got ${shown(count)}`)
}

/** What was found, short enough for a message. */
export function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 60)
}
