import type { AccountStatus, Cooldown, KeyStatus, ProviderStatus } from '../../api/types.ts'

export type KeyState = 'ready' | 'resting' | 'disabled'

/** A key with all that decides whether it takes calls now. */
export interface KeyRow {
  /** Unlike that of any other row. */
  readonly id: string
  readonly provider: string
  readonly account: AccountStatus
  readonly key: KeyStatus
  readonly state: KeyState
  /** Who rests so that this key takes no calls, or fewer: itself, its account, the whole service. */
  readonly rests: readonly { readonly who: string; readonly rest: Cooldown }[]
}

/** Every key, accounts together, in the gateway's own order. */
export function keyRows(providers: readonly ProviderStatus[]): readonly KeyRow[] {
  return providers.flatMap((provider) =>
    provider.accounts.flatMap((account) => account.keys.map((key) => keyRow(provider, account, key))),
  )
}

function keyRow(provider: ProviderStatus, account: AccountStatus, key: KeyStatus): KeyRow {
  const rests = [
    ...(key.cooldown === undefined ? [] : [{ who: 'The key', rest: key.cooldown }]),
    ...account.cooldowns.map((rest) => ({
      who: rest.lane === undefined ? 'Its account' : `The ${rest.lane} lane of its account`,
      rest,
    })),
    ...(provider.cooldown === undefined ? [] : [{ who: 'The whole service', rest: provider.cooldown }]),
  ]
  return {
    id: rowId(provider.name, key.name),
    provider: provider.name,
    account,
    key,
    state: key.disabled ? 'disabled' : rests.length > 0 ? 'resting' : 'ready',
    rests,
  }
}

export function rowId(provider: string, key: string): string {
  return `${provider} ${key}`
}

/** Which keys are shown. */
export interface KeyFilter {
  readonly text: string
  readonly provider: string
  readonly state: '' | KeyState | 'in-flight' | 'failed'
}

export const keyStates: readonly (readonly [KeyFilter['state'], string])[] = [
  ['', 'all'],
  ['ready', 'ready'],
  ['resting', 'resting'],
  ['disabled', 'disabled'],
  ['in-flight', 'in flight'],
  ['failed', 'with failures today'],
]

/** From the page's query; what it does not know is as if it were not there. */
export function keyFilterOf(query: Partial<Readonly<Record<string, string>>>): KeyFilter {
  const state = keyStates.find(([each]) => each === query['state'])?.[0] ?? ''
  return { text: query['q'] ?? '', provider: query['provider'] ?? '', state }
}

/** All words are in its name, its masked form or its account's name. */
export function fits(row: KeyRow, { text, provider, state }: KeyFilter): boolean {
  const { key, account } = row
  const words = text.toLowerCase().split(/\s+/)
  const told = `${key.name} ${key.masked} ${account.id}`.toLowerCase()
  return (
    (provider === '' || row.provider === provider) &&
    (state === '' || isIn(row, state)) &&
    words.every((word) => told.includes(word))
  )
}

function isIn({ key, state }: KeyRow, wanted: Exclude<KeyFilter['state'], ''>): boolean {
  if (wanted === 'in-flight') return key.inFlight > 0
  if (wanted === 'failed') return key.today.failed > 0
  return state === wanted
}
