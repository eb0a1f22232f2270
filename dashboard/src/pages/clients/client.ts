import type { BookedClient, SpendingStatus } from '../../api/types.ts'

/** What GET /admin/clients answers. */
export interface Clients {
  readonly configFile: string
  readonly clients: readonly Client[]
}

export interface Client extends BookedClient {
  /** Null while the ledger cannot tell. */
  readonly requestsToday: number | null
  readonly spentTodayUsd: number | null
  /** Null while the ledger cannot tell, or is still being added up. */
  readonly spentMonthUsd: number | null
}

/** Terms as they are typed in. */
export interface TypedTerms {
  readonly freeOnly: boolean
  readonly usdPerDay: string
  readonly usdPerMonth: string
}

export const openTerms: TypedTerms = { freeOnly: false, usdPerDay: '', usdPerMonth: '' }

export function typedTerms({ freeOnly, usdPerDay, usdPerMonth }: BookedClient): TypedTerms {
  return {
    freeOnly,
    usdPerDay: usdPerDay === null ? '' : String(usdPerDay),
    usdPerMonth: usdPerMonth === null ? '' : String(usdPerMonth),
  }
}

/** As the gateway takes them: a budget that was left empty is none. */
export function termsOf({ freeOnly, usdPerDay, usdPerMonth }: TypedTerms): {
  readonly freeOnly: boolean
  readonly usdPerDay: number | null
  readonly usdPerMonth: number | null
} {
  const budget = (text: string): number | null => (text.trim() === '' ? null : Number(text))
  return { freeOnly, usdPerDay: budget(usdPerDay), usdPerMonth: budget(usdPerMonth) }
}

/** The ceiling that a budget is, with what is held for calls in flight. */
export function ceilingOf(
  spending: readonly SpendingStatus[],
  client: string,
  window: 'day' | 'month',
): SpendingStatus | undefined {
  return spending.find(({ name }) => name === `client ${client}, per ${window}`)
}
