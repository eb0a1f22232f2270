import { disabledHold } from '../../limits/holds.ts'
import type { Status } from '../../routing/status.ts'
import { readSqliteStore } from '../../stores/sqlite-reader.ts'
import type { Local } from '../local.ts'

/** A key as `keys --json` shows it. */
export interface KeyRow {
  readonly provider: string
  readonly name: string
  readonly masked: string
  /** Left out when it is the key's own. */
  readonly account?: string
  readonly state: 'ready' | 'resting' | 'disabled'
}

/** The keys of the running gateway; without one, those of the settings, with what the ledger knows of them. */
export async function readKeys(local: Local): Promise<readonly KeyRow[]> {
  const status = await local.ask<Status>('/admin/status')
  return status === undefined ? storedKeys(local) : status.providers.flatMap((each) => liveKeys(each))
}

function liveKeys({ name: provider, accounts }: Status['providers'][number]): KeyRow[] {
  return accounts.flatMap(({ id, keys }) =>
    keys.map(({ name, masked, disabled, cooldown }) => ({
      provider,
      name,
      masked: masked === '' ? '(none needed)' : masked,
      ...(id === name ? {} : { account: id }),
      state: disabled ? 'disabled' : cooldown === undefined ? 'ready' : 'resting',
    })),
  )
}

function storedKeys({ loaded }: Local): KeyRow[] {
  const now = Date.now()
  using store = readSqliteStore(loaded.home.ledgerFile)
  const holds = new Set(store?.holds(now).map(({ name }) => name))
  return loaded.providers.flatMap(({ provider, keys }) =>
    keys.map(({ name, secret, account }) => {
      const fingerprint = secret?.fingerprint ?? 'none'
      const disabled = disabledHold({ provider: provider.name, name, fingerprint }, now)
      return {
        provider: provider.name,
        name,
        masked: secret?.masked ?? '(none needed)',
        ...(account === undefined ? {} : { account }),
        state: holds.has(disabled.name) ? 'disabled' : 'ready',
      }
    }),
  )
}
