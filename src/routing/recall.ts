import type { LedgerStore, Owner, WindowCount } from '../ledger/ledger.ts'
import type { Account } from '../limits/account.ts'
import type { Credential } from '../limits/credential.ts'
import { windowEnd, windowStart } from '../limits/window.ts'
import type { AccountNews, WindowName } from '../providers/provider.ts'
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
  const limits = upstreams.flatMap(({ pool }) =>
    pool.accounts.flatMap(({ counters }) => counters.map(({ limit }) => limit)),
  )
  const keys = new Map(upstreams.map(({ provider, pool }) => [provider.name, keysOf(pool.accounts)]))
  for (const window of windows) {
    // Days and months for what clients spend too: a ceiling may be set at any time.
    const asked = window === 'day' || window === 'month' || limits.some((limit) => limit.window === window)
    if (!asked) continue
    // Also what a clock counted in the next one before it was set back, but not what one did that was years ahead: every
    // start would count that again.
    const until = windowEnd(window, windowEnd(window, now))
    const counts = await store.counts(windowStart(window, now), until)
    spending.restore(window, counts)
    for (const counted of counts) {
      const upstream = upstreams.find(({ provider }) => provider.name === counted.provider)
      // By the secret, not by its name: a new key under an old name is another account's.
      const owned = keys.get(counted.provider)?.get(counted.fingerprint) ?? []
      if (upstream !== undefined) recount(upstream, owned, window, counted)
    }
  }
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

function recount(
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
