import { query } from '../../api/ask.ts'
import type { UsageGroup } from '../../api/types.ts'

/** Ranges that one can choose by name, in the words of `switchyard usage --since`. */
export const ranges = ['today', '7d', '30d', '90d'] as const
export const groups = ['model', 'key', 'client', 'provider'] as const
export const measures = ['usd', 'free', 'tokens', 'requests'] as const

export type Group = (typeof groups)[number]
export type Measure = (typeof measures)[number]

/** What the page shows, as it stands in its address. */
export interface Question {
  /** A word or a day, as the command takes it. */
  readonly since: string
  /** Not included; empty: now. */
  readonly until: string
  readonly by: Group
  /** Left out: what there is something of. */
  readonly show: Measure | undefined
  /** The model whose price tells what free calls are worth; empty: what `auto` costs. */
  readonly reference: string
}

export function readQuestion(members: Readonly<Record<string, string | undefined>>): Question {
  const { since, until, by, show, reference } = members
  return {
    since: since?.trim() || '7d',
    until: until?.trim() ?? '',
    by: groups.find((each) => each === by) ?? 'model',
    show: measures.find((each) => each === show),
    reference: reference?.trim() ?? '',
  }
}

/** The address at which a question is found again. */
export function addressOf(question: Question): string {
  return `/dashboard/usage${query({ ...question })}`
}

/** Hours are shown by hours, everything else by days. */
export function stepOf({ since, until }: Question): 'hour' | 'day' {
  return until === '' && (since === 'today' || /^\d{1,2}h$/.test(since)) ? 'hour' : 'day'
}

export const stepMs = { hour: 3_600_000, day: 86_400_000 } as const

/** The question as the admin API is asked it. */
export function reportPath(
  { since, until, reference }: Pick<Question, 'since' | 'until' | 'reference'>,
  by: readonly UsageGroup[],
): string {
  return `usage/report${query({ since, until, by: by.join(','), reference })}`
}

/** Whether a range is given by its days, not by a word. */
export function isByDays({ since, until }: Question): boolean {
  return until !== '' || /^\d{4}-/.test(since)
}

/** The last day that is included, for a range that ends before `until`. */
export function lastDay(until: string): string {
  return dayFrom(Date.parse(until) - 1)
}

/** The other way. */
export function dayAfter(day: string): string {
  return dayFrom(Date.parse(day) + stepMs.day)
}

/** Empty where it is no time. */
export function dayFrom(at: number): string {
  return Number.isFinite(at) ? new Date(at).toISOString().slice(0, 10) : ''
}
