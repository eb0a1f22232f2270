import type { Json } from '../json.ts'
import { dayWindow } from '../windows.ts'
import { limitRemaining, type OpenRouterAccount, type OpenRouterKey, type OpenRouterSide } from './side.ts'

/** The free counter as the key endpoint sees it: up to `keyStaleMs` old. */
function readFreeCounter(
  account: OpenRouterAccount,
  staleMs: number,
  now: number,
): { readonly used: number; readonly limit: number; readonly remaining: number } {
  const age = account.reading === undefined ? Infinity : now - account.reading.at
  if (age < 0 || age >= staleMs) account.reading = { at: now, used: account.day.count(now) }
  const used = account.reading!.used
  return { used, limit: account.perDay, remaining: Math.max(0, account.perDay - used) }
}

/** The `data` of GET /key. Reading it costs no request; a reading of nothing left counts as being told. */
export function writeKeyInfo(side: OpenRouterSide, key: OpenRouterKey, now: number): Json {
  const { owner, spent } = key
  const counter = readFreeCounter(owner, side.settings.keyStaleMs, now)
  const shows = side.settings.keyShowsFreeRequests
  // A stale zero from before midnight says nothing about the new day.
  if (shows && counter.remaining === 0) owner.told.spentUntil(dayWindow(owner.reading?.at ?? now).until)
  return {
    label: `${key.value.slice(0, 12)}...${key.value.slice(-4)}`,
    is_management_key: false,
    is_provisioning_key: false,
    limit: key.limitUsd,
    limit_remaining: limitRemaining(key, now),
    limit_reset: key.limitReset,
    include_byok_in_limit: false,
    usage: spent.total,
    usage_daily: spent.daily.count(now),
    usage_weekly: spent.weekly.count(now),
    usage_monthly: spent.monthly.count(now),
    byok_usage: 0,
    byok_usage_daily: 0,
    byok_usage_weekly: 0,
    byok_usage_monthly: 0,
    is_free_tier: owner.creditsBought === 0,
    creator_user_id: owner.userId,
    expires_at: null,
    allowed_data_regions: ['global'],
    ...(shows ? { free_model_daily_requests: counter } : {}),
    rate_limit: { requests: -1, interval: '10s', note: 'This field is deprecated and safe to ignore.' },
  }
}
