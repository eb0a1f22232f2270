import type { Exchange } from '../exchange.ts'
import type { World } from '../world.ts'
import {
  balanceEmpty,
  extraUsageOnly,
  gatewayError,
  limitText,
  requiresSubscription,
  type OllamaRefusal,
} from './errors.ts'
import type { OllamaModelOptions } from './options.ts'
import { includedLeft, type OllamaAccount, type OllamaKey } from './side.ts'

/**
 * The key of a call: a bearer token, or, from a signed-in `ollama serve`, a signature (`?ts=` and
 * `<public key>:<signature>`), which stands for the first account.
 */
export function findKey(world: World, exchange: Exchange): OllamaKey | undefined {
  const header = exchange.header('authorization') ?? ''
  const bearer = /^bearer\s+(\S+)$/i.exec(header)?.[1]
  if (bearer !== undefined) return world.ollama.keys.get(bearer)
  if (exchange.query.has('ts') && header.includes(':')) return world.ollama.keys.values().next().value
  return undefined
}

/** What the plan says to this model: 403 and 402 that leave the key's other models alone. */
export function planRefusal(account: OllamaAccount, model: OllamaModelOptions): OllamaRefusal | undefined {
  if (account.allowed?.has(model.name) === false) {
    return gatewayError('requires-subscription', 403, requiresSubscription)
  }
  if (account.isLegacy && model.extraUsage === true && account.purchased <= 0) {
    return gatewayError('extra-usage', 402, extraUsageOnly)
  }
  return undefined
}

/** A limit of the account that is reached now: which one, and when it ends. */
function findSpent(
  account: OllamaAccount,
  now: number,
): { readonly window: 'session' | 'weekly' | 'monthly'; readonly until: number } | undefined {
  if (account.isLegacy) {
    if (account.weekly.count(now) >= account.weeklyAllowance) {
      return { window: 'weekly', until: account.weekly.window(now).until }
    }
    if (account.session.count(now) >= account.sessionAllowance) {
      return { window: 'session', until: account.session.window(now).until }
    }
    return undefined
  }
  if (includedLeft(account, now) + account.purchased > 0) return undefined
  // Without an included allowance nothing comes back by itself.
  const until = account.allowanceUsd > 0 ? account.includedSpent.window(now).until : Infinity
  return { window: 'monthly', until }
}

/** Whether the account has anything left for an ordinary model. */
export function spentUntil(account: OllamaAccount, now: number): number | undefined {
  return findSpent(account, now)?.until
}

/** The account's quota; an accepted call is counted at once. */
export function quotaRefusal(
  world: World,
  account: OllamaAccount,
  model: OllamaModelOptions,
  now: number,
): OllamaRefusal | undefined {
  const usesCredit = account.isLegacy && model.extraUsage === true
  const spent = usesCredit ? undefined : findSpent(account, now)
  if (spent === undefined) {
    account.session.add(now)
    account.weekly.add(now)
    return undefined
  }
  account.told.spentUntil(spent.until)
  if (spent.window === 'monthly' && world.ollama.settings.spentStatus === 402) {
    return gatewayError('balance-empty', 402, balanceEmpty)
  }
  return gatewayError(`${spent.window}-limit`, 429, limitText(account, spent.window))
}
