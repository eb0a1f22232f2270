import { query } from '../../api/ask.ts'

/** What a search can ask for, under the names that the address of the page and the admin API share. */
export const filterNames = [
  'text',
  'client',
  'model',
  'key',
  'provider',
  'lane',
  'state',
  'fault',
  'since',
  'until',
] as const

export type FilterName = (typeof filterNames)[number]

/** A search; a name that is left out does not matter. Times are ISO texts. */
export type Filter = Readonly<Partial<Record<FilterName, string>>>

/** Of an address of the page; what it holds beside a search is not looked at. */
export function readFilter(members: Readonly<Record<string, string | undefined>>): Filter {
  const given = filterNames.flatMap((name) => {
    const value = members[name]?.trim() ?? ''
    return value === '' ? [] : [[name, value] as const]
  })
  return Object.fromEntries(given)
}

/** Where on the page one is beside the search. */
export interface Place {
  /** Only attempts older than this one. */
  readonly before?: number | undefined
  /** The request that is looked at. */
  readonly id?: string | undefined
}

/** The address at which a search is found again. */
export function addressOf(filter: Filter, { before, id }: Place = {}): string {
  return `/dashboard/requests${query({ ...filter, before, id })}`
}

/** The search as the admin API is asked for it. */
export function questionOf(filter: Filter, limit: number, before: number | undefined): string {
  return `attempts${query({ limit, before, ...filter })}`
}

/** A whole number of an address; undefined where it is none. */
export function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** An ISO time as an input of the browser takes it: to the minute, in the reader's own time zone. */
export function localInput(iso: string | undefined): string {
  const at = Date.parse(iso ?? '')
  if (!Number.isFinite(at)) return ''
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** The other way; empty where it is no time. */
export function isoOfInput(local: string): string {
  const at = Date.parse(local)
  return Number.isFinite(at) ? new Date(at).toISOString() : ''
}
