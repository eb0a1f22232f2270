import type { Exchange } from '../exchange.ts'
import type { Json } from '../json.ts'
import type { World } from '../world.ts'
import { spentUntil } from './admission.ts'
import { gatewayError, handlerError, type OllamaRefusal } from './errors.ts'
import { includedLeft, type OllamaAccount, type OllamaKey } from './side.ts'
import { isUsageRange } from './usage.ts'

/** Readings of balance and usage per minute and user (https://docs.ollama.com/api/balance.md). */
const pollsPerMinute = 10

function pollRefusal(account: OllamaAccount, now: number): OllamaRefusal | undefined {
  if (account.polls.add(now) <= pollsPerMinute) return undefined
  const seconds = Math.max(1, Math.ceil((account.polls.window(now).until - now) / 1000))
  return gatewayError('poll-limit', 429, 'rate limit exceeded', { 'retry-after': String(seconds) })
}

function isoSeconds(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d+Z$/, 'Z')
}

function percentLeft(used: number, allowance: number): number {
  return allowance <= 0 ? 0 : Math.max(0, Math.round(100 - (100 * used) / allowance))
}

function writeBalance(account: OllamaAccount, now: number): Json {
  const purchased = { balance_usd: round(account.purchased) }
  if (account.isLegacy) {
    const { session, weekly } = account
    return {
      included: {
        session: {
          remaining_percent: percentLeft(session.count(now), account.sessionAllowance),
          resets_at: isoSeconds(session.window(now).until),
        },
        weekly: {
          remaining_percent: percentLeft(weekly.count(now), account.weeklyAllowance),
          resets_at: isoSeconds(weekly.window(now).until),
        },
      },
      purchased,
    }
  }
  // The shape without an allowance is nowhere documented; readers must accept null.
  if (account.plan === 'payg') return { included: null, purchased }
  const period = account.includedSpent.window(now)
  return {
    included: {
      balance_usd: round(includedLeft(account, now)),
      allowance_usd: account.allowanceUsd,
      period: { from: isoSeconds(period.from), until: isoSeconds(period.until) },
    },
    purchased,
  }
}

function round(usd: number): number {
  return Number(usd.toFixed(6))
}

/** GET /api/balance. */
export function readBalance(world: World, key: OllamaKey | undefined): string | OllamaRefusal {
  if (key === undefined) return handlerError('unknown-key', 401, 'unauthorized')
  const now = world.clock.now()
  const { owner } = key
  const refusal = pollRefusal(owner, now)
  if (refusal !== undefined) return refusal
  const until = spentUntil(owner, now)
  if (until === undefined) owner.told.hasRoom()
  else owner.told.spentUntil(until)
  return JSON.stringify(writeBalance(owner, now))
}

/** GET /api/usage. */
export function readUsage(
  world: World,
  exchange: Exchange,
  key: OllamaKey | undefined,
): string | OllamaRefusal {
  if (key === undefined) return handlerError('unknown-key', 401, 'unauthorized')
  const now = world.clock.now()
  const refusal = pollRefusal(key.owner, now)
  if (refusal !== undefined) return refusal
  const names = [...exchange.query.keys()]
  const odd = names.find((name, index) => names.indexOf(name) !== index || !['range', 'scope'].includes(name))
  if (odd !== undefined) return handlerError('bad-request', 400, `unsupported query parameter "${odd}"`)
  const range = exchange.query.get('range') ?? '7d'
  if (!isUsageRange(range)) return handlerError('bad-request', 400, `unsupported range "${range}"`)
  const scope = exchange.query.get('scope') ?? 'self'
  if (scope !== 'self' && scope !== 'team') {
    return handlerError('bad-request', 400, `unsupported scope "${scope}"`)
  }
  return key.owner.history.write(range, scope, key.owner.isLegacy, now)
}

/** POST /api/me. */
export function readMe(key: OllamaKey | undefined): string | OllamaRefusal {
  if (key === undefined) return handlerError('unknown-key', 401, 'unauthorized')
  const { id, name, plan } = key.owner
  return JSON.stringify({ id, email: `${name}@example.com`, name, plan: plan.replace('legacy_', '') })
}
