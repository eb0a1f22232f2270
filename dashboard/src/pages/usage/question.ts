import { query } from '../../api/ask.ts'
import type { UsageGroup } from '../../api/types.ts'

export const ranges = ['today', '7d', '30d', '90d', 'custom'] as const
export const groups = ['model', 'key', 'client', 'provider'] as const
export const measures = ['usd', 'free', 'tokens', 'requests'] as const

export type Group = (typeof groups)[number]
export type Measure = (typeof measures)[number]

/** What the page shows, as it stands in its address. */
export interface Question {
  readonly range: (typeof ranges)[number]
  /** Days of a custom range, UTC; both are included. */
  readonly from: string
  readonly to: string
  readonly by: Group
  /** Left out: what there is something of. */
  readonly show: Measure | undefined
  /** The model whose price tells what free calls are worth; empty: what `auto` costs. */
  readonly reference: string
}

export function readQuestion(members: Readonly<Record<string, string | undefined>>): Question {
  const { range, from, to, by, show, reference } = members
  return {
    range: ranges.find((each) => each === range) ?? '7d',
    from: dayOf(from),
    to: dayOf(to),
    by: groups.find((each) => each === by) ?? 'model',
    show: measures.find((each) => each === show),
    reference: reference?.trim() ?? '',
  }
}

function dayOf(text: string | undefined): string {
  return text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) && Number.isFinite(Date.parse(text)) ? text : ''
}

/** The address at which a question is found again. */
export function addressOf({ range, from, to, by, show, reference }: Question): string {
  const days = range === 'custom' ? { from, to } : {}
  return `/dashboard/usage${query({ range, ...days, by, show, reference })}`
}

/** Whether all of a range is given. */
export function isComplete({ range, from }: Question): boolean {
  return range !== 'custom' || from !== ''
}

/** Today is shown by hours, everything else by days. */
export function stepOf({ range }: Question): 'hour' | 'day' {
  return range === 'today' ? 'hour' : 'day'
}

export const stepMs = { hour: 3_600_000, day: 86_400_000 } as const

/** The question as the admin API is asked it, in the words of `switchyard usage`. */
export function reportPath(question: Question, by: readonly UsageGroup[]): string {
  const { range, from, to, reference } = question
  const since = range === 'custom' ? from : range
  const until = range === 'custom' && to !== '' ? dayAfter(to) : undefined
  return `usage/report${query({ since, until, by: by.join(','), reference })}`
}

function dayAfter(day: string): string {
  return new Date(Date.parse(day) + stepMs.day).toISOString().slice(0, 10)
}
