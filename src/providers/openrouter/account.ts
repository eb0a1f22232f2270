import type { JsonObject } from '../../chat/types.ts'
import { readCount, readObject, readText } from '../bodies.ts'
import type { AccountNews, Fetcher } from '../provider.ts'

// The counter was seen to be up to a minute old; a little more, to be sure.
const maxAgeMs = 90_000

/**
 * Reads whose key it is and how much of the day's free quota that account has used, from `GET /key`. The call spends no
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
    limits: known
      ? [{ limit: 'day', ...(max !== undefined && { max }), ...(used !== undefined && { used, maxAgeMs }) }]
      : [],
  }
}

/**
 * The owner of the free quota: the organisation, else the person. Error bodies name the same one as `user_id`, so the
 * ids are kept as they are. A workspace is a part of an account and stands in only when nothing better is told.
 */
function readAccount(key: JsonObject): string | undefined {
  return readText(key['organization_id']) ?? readText(key['creator_user_id']) ?? readText(key['workspace_id'])
}
