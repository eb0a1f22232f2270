import type { Account } from './account.ts'
import type { Credential } from './credential.ts'

/**
 * Whether what is known forbids a call that has just been given its lease. Asked apart from the code that gave it and by
 * other means, so that a mistake there is seen. `accounts` are those of the pool.
 */
export function knownSpent(
  accounts: readonly Account[],
  {
    credential,
    model,
    free,
  }: { readonly credential: Credential; readonly model: string; readonly free: boolean },
  now: number,
): boolean {
  const account = accounts.find(({ keys }) => keys.includes(credential))
  if (account === undefined) return false
  const rests = [account.rests.all, credential.rest, account.models.get(model)]
  if (free) rests.push(account.rests.free)
  if (rests.some((rest) => rest?.active(now) === true)) return true
  // The call itself is counted already. Tokens and dollars are taken at their most and may go over by one call.
  return [...account.countersFor(free)].some(
    (counter) =>
      counter.limit.metric === 'requests' && counter.max !== undefined && counter.used(now) > counter.max,
  )
}
