import type { LedgerStore, Owner, WindowCount } from '../ledger/ledger.ts'
import type { Account } from '../limits/account.ts'
import type { Credential } from '../limits/credential.ts'
import { windowEnd, windowStart } from '../limits/window.ts'
import type { AccountNews, Limit, WindowName } from '../providers/provider.ts'
import type { Spending } from './spending.ts'
import type { Upstream } from './upstream.ts'

const windows: readonly WindowName[] = ['minute', 'hour', 'day', 'week', 'month']

/** Takes over what earlier processes left in the ledger: who owns which key, who rests, what the running windows have used. */
export async function recall(
  upstreams: readonly Upstream[],
  spending: Spending,
  store: LedgerStore,
  now: number,
): Promise<void> {
  const { holds, owners } = store.opening
  for (const { provider, pool } of upstreams) {
    pool.hear(
      knownOwners(
        pool.accounts,
        owners.filter((owner) => owner.provider === provider.name),
      ),
    )
    pool.restore(holds)
  }
  const limits = upstreams.flatMap(({ pool }) => pool.accounts.flatMap(limitsOf))
  const use = await readUse(limits, store, now)
  for (const { window, counts } of use) spending.restore(window, counts)
  for (const upstream of upstreams) recount(upstream, upstream.pool.accounts, use)
}

/** What calls of before used in one kind of the windows that still run. */
export interface WindowUse {
  readonly window: WindowName
  readonly counts: readonly WindowCount[]
}

/** Of the windows of these limits; of days and months in any case, for what clients spend: a ceiling may be set at any time. */
export async function readUse(
  limits: readonly Limit[],
  store: Pick<LedgerStore, 'counts'>,
  now: number,
): Promise<readonly WindowUse[]> {
  const asked = windows.filter(
    (window) => window === 'day' || window === 'month' || limits.some((limit) => limit.window === window),
  )
  const use: WindowUse[] = []
  for (const window of asked) {
    // Also what a clock counted in the next one before it was set back, but not what one did that was years ahead: every
    // start would count that again.
    const until = windowEnd(window, windowEnd(window, now))
    use.push({ window, counts: await store.counts(windowStart(window, now), until) })
  }
  return use
}

/** Counts for these accounts what was used with their secrets. Once each: what is counted is added. */
export function recount(upstream: Upstream, accounts: readonly Account[], use: readonly WindowUse[]): void {
  const keys = keysOf(accounts)
  for (const { window, counts } of use) {
    for (const counted of counts) {
      if (counted.provider !== upstream.provider.name) continue
      // By the secret, not by its name: a new key under an old name is another account's.
      recountWindow(upstream, keys.get(counted.fingerprint) ?? [], window, counted)
    }
  }
}

export function limitsOf({ counters }: Account): readonly Limit[] {
  return counters.map(({ limit }) => limit)
}

/** What was once read about the accounts behind these keys. */
function knownOwners(
  accounts: readonly Account[],
  owners: readonly Owner[],
): { readonly credential: Credential; readonly news: AccountNews }[] {
  const byFingerprint = new Map(owners.map((owner) => [owner.fingerprint, owner.account]))
  return accounts
    .flatMap(({ keys }) => keys)
    .flatMap((credential) => {
      const account = byFingerprint.get(credential.fingerprint)
      return account === undefined ? [] : [{ credential, news: { account, limits: [] } }]
    })
}

interface Owned {
  readonly account: Account
  readonly key: Credential
}

/** One key of each account that a secret opens, by the fingerprint of the secret. */
function keysOf(accounts: readonly Account[]): Map<string, Owned[]> {
  const found = new Map<string, Owned[]>()
  for (const account of accounts) {
    for (const key of account.keys) {
      const owned = found.get(key.fingerprint) ?? []
      if (owned.at(-1)?.account !== account) owned.push({ account, key })
      found.set(key.fingerprint, owned)
    }
  }
  return found
}

function recountWindow(
  { pool }: Upstream,
  owned: readonly Owned[],
  window: WindowName,
  counted: WindowCount,
): void {
  const used = {
    requests: counted.count,
    tokens: counted.tokens,
    'nano-usd': counted.nanoUsd,
    'in-flight': 0,
  }
  // Once for each key that the secret stands under; which of them spent it does not matter to the service.
  if (window === 'day') for (const { key } of owned) pool.respend(key.name, counted.nanoUsd)
  for (const { account, key } of owned) {
    for (const { limit } of account.counters) {
      if (limit.window === window && (limit.lane === 'all' || limit.lane === counted.lane))
        pool.recount(key.name, limit.name, used[limit.metric])
    }
  }
}
