import type { UsageGroup, UsageLine, UsageReport } from '../../api/types.ts'
import type { Stack } from '../../parts/stack.ts'
import { type Measure, stepMs } from './question.ts'

/** Names that have a bar of their own. */
export const mostNames = 8
/** The rest is drawn under this name. */
export const restName = 'others'

export interface Series {
  /** Beginnings of hours or days, epoch milliseconds; also of those in which nothing was used. */
  readonly times: readonly number[]
  /** The largest first, then the rest. */
  readonly stacks: readonly Stack[]
}

type Sums = Omit<UsageLine, 'group'>

export function measured(line: Sums, measure: Measure): number {
  switch (measure) {
    case 'usd':
      return line.usd
    case 'free':
      return line.freeValueUsd ?? 0
    case 'tokens':
      return line.inputTokens + line.outputTokens
    case 'requests':
      return line.requests
  }
}

/** What there is something of: money, else what free calls are worth, else calls. */
export function usualMeasure(total: Sums): Measure {
  if (total.usd > 0) return 'usd'
  return (total.freeValueUsd ?? 0) > 0 ? 'free' : 'requests'
}

/** Beginnings of all hours or days of a report's range; of a day that is shown by hours, also of those to come. */
export function timesOf({ since, until }: Pick<UsageReport, 'since' | 'until'>, step: number): number[] {
  const first = Math.floor(Date.parse(since) / step) * step
  const isFromMidnight = first % stepMs.day === 0
  const whole = isFromMidnight ? stepMs.day : step
  const end = Math.ceil(Date.parse(until) / whole) * whole
  return Array.from(
    { length: Math.max(1, Math.round((end - first) / step)) },
    (_, index) => first + index * step,
  )
}

/** A report by time and one other group, as bars: the largest names by themselves, the others together. */
export function seriesOf(report: UsageReport, measure: Measure, step: number): Series {
  const times = timesOf(report, step)
  const [time, by] = report.by
  const first = times[0] ?? 0
  const rows = report.rows.map((line) => ({
    name: by === undefined ? 'all' : (line.group[by] ?? ''),
    index: Math.floor((momentOf(line, time) - first) / step),
    value: measured(line, measure),
  }))
  const sums = new Map<string, number>()
  for (const { name, value } of rows) sums.set(name, (sums.get(name) ?? 0) + value)
  const byValue = [...sums].filter(([, value]) => value > 0).toSorted(([, x], [, y]) => y - x)
  // One that is left over alone keeps its name.
  const most = byValue.length === mostNames + 1 ? byValue.length : mostNames
  const bars = new Map(byValue.slice(0, most).map(([name]) => [name, times.map(() => 0)]))
  const rest = times.map(() => 0)
  for (const { name, index, value } of rows) {
    const values = bars.get(name) ?? rest
    if (index in values) values[index] = (values[index] ?? 0) + value
  }
  const stacks = [...bars].map(([name, values], place) => ({
    name: name === '' ? 'none' : name,
    values,
    isRest: place >= mostNames,
  }))
  return byValue.length <= most
    ? { times, stacks }
    : { times, stacks: [...stacks, { name: restName, values: rest, isRest: true }] }
}

/** NaN where the report is by no time. */
function momentOf({ group }: UsageLine, time: UsageGroup | undefined): number {
  return Date.parse((time === undefined ? undefined : group[time]) ?? '')
}
