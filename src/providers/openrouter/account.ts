import type { Json, JsonObject } from '../../chat/types.ts'
import { readCount, readObject, readText } from '../bodies.ts'
import type { AccountNews, Fetcher, KeyNews } from '../provider.ts'

// The counter was seen to be up to a minute old; a little more, to be sure.
const maxAgeMs = 90_000

/**
 * Reads whose key it is, what it may spend, and how much of the day's free quota its account has used, from `GET /key`. The call spends no
 * quota; the counter it shows is up to a minute old (docs: https://openrouter.ai/docs/api_reference/limits).
 */
export async function account(get: Fetcher): Promise<AccountNews> {
  const key = readObject(readObject(await get('/key'))?.['data']) ?? {}
  const name = readAccount(key)
  const daily = readObject(key['free_model_daily_requests']) ?? {}
  const max = readCount(daily['limit'])
  const used = readCount(daily['used'])
  const known = max !== undefined || used !== undefined
  return {
    ...(name !== undefined && { account: name }),
    // That nothing is left stands in the figures; that something is ends a rest early.
    ...((readCount(daily['remaining']) ?? 0) > 0 && { capacity: { lane: 'free', left: true } as const }),
    // A key without a cap says so: what was told of one before is over then.
    ...(('limit' in key || 'usage_daily' in key) && { key: readKey(key) }),
    limits: known
      ? [{ limit: 'day', ...(max !== undefined && { max }), ...(used !== undefined && { used, maxAgeMs }) }]
      : [],
  }
}

/**
 * The key's own cap and what it spent today, in credits of one dollar. UTC days, weeks from Monday (docs:
 * https://openrouter.ai/docs/api_reference/limits).
 */
function readKey(key: JsonObject): KeyNews {
  const max = readDollars(key['limit'])
  const left = readDollars(key['limit_remaining'])
  const window = windows.get(readText(key['limit_reset']) ?? '')
  const spentToday = readDollars(key['usage_daily'])
  return {
    ...(max !== undefined &&
      left !== undefined && { cap: { max, left: Math.max(0, left), ...(window && { window }) } }),
    ...(spentToday !== undefined && { spentToday }),
  }
}

const windows: ReadonlyMap<string, 'day' | 'week' | 'month'> = new Map([
  ['daily', 'day'],
  ['weekly', 'week'],
  ['monthly', 'month'],
])

/** As nano-dollars; a negative remainder is nothing left. */
function readDollars(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? Math.round(value * 1e9) : undefined
}

/**
 * The owner of the free quota: the organisation, else the person. Error bodies name the same one as `user_id`, so the
 * ids are kept as they are. A workspace is a part of an account and stands in only when nothing better is told.
 */
function readAccount(key: JsonObject): string | undefined {
  return readText(key['organization_id']) ?? readText(key['creator_user_id']) ?? readText(key['workspace_id'])
}
