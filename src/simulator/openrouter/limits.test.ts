import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askOpenRouter, freeModel, get, post, says, start, stillClock } from '../fixtures/client.ts'
import { startSimulator } from '../index.ts'
import type { Json } from '../json.ts'

const midnight = Date.UTC(2026, 10, 24)
const nextMinute = start - (start % 60_000) + 60_000

test('the 51st free call of a day is refused until UTC midnight', async () => {
  const clock = stillClock()
  const account = { userId: 'user_x', foreignUsed: 48 }
  await using sim = await startSimulator({ clock, openrouter: { accounts: [account] } })
  assert.equal((await askOpenRouter(sim)).status, 200)
  assert.equal((await askOpenRouter(sim)).status, 200)
  const refused = await askOpenRouter(sim)
  assert.equal(refused.status, 429)
  // As in https://github.com/Gitlawb/openclaude/issues/936, with the members added since August 2026.
  assert.deepEqual(refused.json, {
    error: {
      message:
        'Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day',
      code: 429,
      metadata: {
        headers: {
          'X-RateLimit-Limit': '50',
          'X-RateLimit-Remaining': '0',
          'X-RateLimit-Reset': String(midnight),
        },
        limit_source: 'openrouter_free_tier_daily',
        remedy_hint:
          'Wait for the daily reset (see X-RateLimit-Reset), or purchase credits to raise your free-model daily limit.',
        provider_name: null,
      },
    },
    user_id: 'user_x',
  })
  assert.equal(refused.headers.get('x-ratelimit-reset'), String(midnight))
  assert.equal(refused.headers.get('retry-after'), null)
  clock.set(midnight - 1)
  assert.equal((await askOpenRouter(sim)).status, 429)
  clock.advance(1)
  assert.equal((await askOpenRouter(sim)).status, 200)
})

test('bought credits lift the day to 1000, and refused calls raise the count past it', async () => {
  const clock = stillClock()
  const account = { creditsBought: 9, foreignUsed: 1059 }
  await using sim = await startSimulator({ clock, openrouter: { accounts: [account], keyStaleMs: 0 } })
  const refused = await askOpenRouter(sim)
  const error = refused.json['error'] as Json
  assert.equal(error['message'], 'Rate limit exceeded: free-models-per-day-high-balance. ')
  const { data } = (await get(`${sim.openrouterUrl}/key`, sim.keys.openrouter[0])).json as { data: Json }
  assert.deepEqual(data['free_model_daily_requests'], { used: 1060, limit: 1000, remaining: 0 })
})

test('the 21st free call of a minute waits for the next minute', async () => {
  const clock = stillClock()
  await using sim = await startSimulator({ clock, openrouter: { accounts: [{ userId: 'user_x' }] } })
  for (let call = 0; call < 20; call += 1) assert.equal((await askOpenRouter(sim)).status, 200)
  const refused = await askOpenRouter(sim)
  assert.deepEqual(refused.json, {
    error: {
      message: 'Rate limit exceeded: free-models-per-min. ',
      code: 429,
      metadata: {
        headers: {
          'X-RateLimit-Limit': '20',
          'X-RateLimit-Remaining': '0',
          'X-RateLimit-Reset': String(nextMinute),
        },
        limit_source: 'openrouter_free_tier_per_minute',
        remedy_hint: 'Slow down requests to free models, or retry after the per-minute window resets.',
        provider_name: null,
      },
    },
    user_id: 'user_x',
  })
  clock.set(nextMinute)
  assert.equal((await askOpenRouter(sim)).status, 200)
})

test('old errors carry no source, headers can be left out, resets can be seconds', async () => {
  const openrouter = {
    accounts: [{ perDay: 0, userId: 'user_x' }],
    oldErrors: true,
    rateLimitHeaders: false,
    resetUnit: 's' as const,
  }
  await using sim = await startSimulator({ clock: stillClock(), openrouter })
  const refused = await askOpenRouter(sim)
  const { metadata } = refused.json['error'] as { metadata: Json }
  assert.deepEqual(Object.keys(metadata), ['headers', 'provider_name'])
  assert.equal((metadata['headers'] as Json)['X-RateLimit-Reset'], String(midnight / 1000))
  assert.equal(refused.headers.get('x-ratelimit-limit'), null)
})

test('which limit speaks first can be chosen', async () => {
  for (const [firstLimit, source] of [
    ['day', 'openrouter_free_tier_daily'],
    ['minute', 'openrouter_free_tier_per_minute'],
  ] as const) {
    const openrouter = { accounts: [{ perDay: 0, perMinute: 0 }], firstLimit }
    await using sim = await startSimulator({ openrouter })
    const { metadata } = (await askOpenRouter(sim)).json['error'] as { metadata: Json }
    assert.equal(metadata['limit_source'], source)
  }
})

test('all keys of an account share its limits; another account has its own', async () => {
  const accounts = [{ perDay: 2, keys: ['one', 'two'] }, { keys: ['three'] }]
  await using sim = await startSimulator({ openrouter: { accounts } })
  assert.deepEqual(sim.keys.openrouter, ['one', 'two', 'three'])
  assert.equal((await askOpenRouter(sim, 0)).status, 200)
  assert.equal((await askOpenRouter(sim, 1)).status, 200)
  assert.equal((await askOpenRouter(sim, 0)).status, 429)
  assert.equal((await askOpenRouter(sim, 1)).status, 429)
  assert.equal((await askOpenRouter(sim, 2)).status, 200)
})

test('paid models are outside the free limits', async () => {
  await using sim = await startSimulator({ openrouter: { accounts: [{ perDay: 0, balance: 1 }] } })
  assert.equal((await askOpenRouter(sim, 0, { model: 'google/gemma-4-31b-it', max_tokens: 9 })).status, 200)
  assert.equal((await askOpenRouter(sim, 0, { model: 'openrouter/free' })).status, 429)
})

test('shared capacity of one model: per minute and per day', async () => {
  const openrouter = { accounts: [{ userId: 'user_x' }] }
  await using sim = await startSimulator({ clock: stillClock(), openrouter })
  sim.addFault({ provider: 'openrouter', kind: 'rate-shared-minute', model: freeModel })
  sim.addFault({ provider: 'openrouter', kind: 'rate-shared-day' })
  const minute = (await askOpenRouter(sim)).json as { error: { message: string; metadata: Json } }
  assert.match(
    minute.error.message,
    /^Rate limit exceeded: cohere\/north-mini-code-20260617\/[0-9a-f-]{36}\. High demand for cohere\/north-mini-code:free on OpenRouter - limited to 15 requests per minute\. Please retry shortly\.$/,
  )
  assert.equal(minute.error.metadata['limit_source'], 'openrouter_shared_capacity')
  assert.deepEqual(minute.error.metadata['headers'], {
    'X-RateLimit-Limit': '15',
    'X-RateLimit-Remaining': '0',
    'X-RateLimit-Reset': String(nextMinute),
  })
  const day = (await askOpenRouter(sim)).json as { error: { message: string; metadata: Json } }
  assert.match(
    day.error.message,
    /^Rate limit exceeded: limit_rpd\/cohere\/north-mini-code-20260617\/[0-9a-f-]{36}\. Daily limit reached for cohere\/north-mini-code:free via Cohere\. Credits don't affect this cap\.$/,
  )
  assert.equal((day.error.metadata['headers'] as Json)['X-RateLimit-Reset'], String(midnight))
  assert.equal((await askOpenRouter(sim)).status, 200)
})

test('an upstream 429, without and with a hint', async () => {
  await using sim = await startSimulator({ openrouter: { accounts: [{ userId: 'user_x' }] } })
  sim.addFault({ provider: 'openrouter', kind: 'upstream-429' })
  sim.addFault({ provider: 'openrouter', kind: 'upstream-429', retryAfterSeconds: 14.237 })
  const bare = await askOpenRouter(sim)
  const raw =
    'cohere/north-mini-code:free is temporarily rate-limited upstream. Please retry shortly, or add your own key to accumulate your rate limits: https://openrouter.ai/settings/integrations'
  const remedy =
    'Retry shortly, add your own provider key (https://openrouter.ai/settings/integrations), or route to another provider.'
  assert.deepEqual(bare.json, {
    error: {
      message: 'Provider returned error',
      code: 429,
      metadata: {
        raw,
        provider_name: 'Cohere',
        is_byok: false,
        limit_source: 'upstream_provider_shared_pool',
        remedy_hint: remedy,
      },
    },
    user_id: 'user_x',
  })
  assert.equal(bare.headers.get('retry-after'), null)
  const hinted = await askOpenRouter(sim)
  assert.equal(hinted.headers.get('retry-after'), '15')
  const { metadata } = hinted.json['error'] as { metadata: Json }
  assert.equal(metadata['retry_after_seconds'], 15)
  assert.equal(metadata['retry_after_seconds_raw'], 14.237)
  assert.deepEqual(metadata['headers'], { 'Retry-After': '15' })
})

test('an edge block is a page, not JSON, and counts for nobody', async () => {
  const openrouter = { accounts: [{ perDay: 1 }] }
  await using sim = await startSimulator({ openrouter })
  sim.addFault({ provider: 'openrouter', kind: 'edge-block' })
  const blocked = await askOpenRouter(sim)
  assert.equal(blocked.status, 429)
  assert.match(blocked.headers.get('content-type') ?? '', /^text\/html/)
  assert.match(blocked.text, /error code: 1015/)
  assert.equal((await askOpenRouter(sim)).status, 200)
})

test('the free counter of GET /key is up to a minute old', async () => {
  const clock = stillClock()
  await using sim = await startSimulator({ clock })
  const used = async (path: string): Promise<unknown> => {
    const { data } = (await get(sim.openrouterUrl + path, sim.keys.openrouter[0])).json as { data: Json }
    return (data['free_model_daily_requests'] as Json)['used']
  }
  assert.equal(await used('/key'), 0)
  await askOpenRouter(sim)
  assert.equal(await used('/auth/key'), 0)
  clock.advance(59_999)
  assert.equal(await used('/key'), 0)
  clock.advance(1)
  assert.equal(await used('/key'), 1)
})

test('money: negative and empty balances, thin ones, key caps', async () => {
  const paid = { model: 'anthropic/claude-haiku-4.5' }
  const keys = [{ key: 'capped', limitUsd: 0 }]
  const accounts = [{ balance: -0.01 }, {}, { balance: 0.1 }, { balance: 50, keys }]
  await using sim = await startSimulator({ openrouter: { accounts } })
  const source = async (number: number, more: Json): Promise<unknown> => {
    const { status, json } = await askOpenRouter(sim, number, more)
    if (status !== 402) return status
    const { metadata } = json['error'] as { metadata: Json }
    return [metadata['limit_source'], metadata['reason']]
  }
  assert.deepEqual(await source(0, {}), ['openrouter_credits', undefined])
  assert.deepEqual(await source(1, paid), ['openrouter_credits', undefined])
  assert.equal(await source(1, {}), 200)
  assert.deepEqual(await source(2, paid), ['openrouter_credits', 'weight_exceeds_budget'])
  assert.equal(await source(2, { ...paid, max_tokens: 100 }), 200)
  assert.deepEqual(await source(3, paid), ['openrouter_key_limit', undefined])
  assert.equal(await source(3, {}), 200)
})

test('a key cap can answer 403, as captured', async () => {
  const accounts = [{ balance: 5, keys: [{ limitUsd: 0, limitReset: 'daily' as const }] }]
  await using sim = await startSimulator({ openrouter: { accounts, keyLimitStatus: 403 } })
  const refused = await askOpenRouter(sim, 0, { model: 'google/gemma-4-31b-it' })
  assert.equal(refused.status, 403)
  assert.match(refused.text, /Key limit exceeded \(daily limit\)/)
})

test('a paid call costs its tokens', async () => {
  await using sim = await startSimulator({ openrouter: { accounts: [{ balance: 1 }] } })
  const key = sim.keys.openrouter[0]
  const body = says('Hello there', { model: 'anthropic/claude-haiku-4.5', max_tokens: 100 })
  const { json } = await post(`${sim.openrouterUrl}/chat/completions`, key, body)
  assert.equal(json['model'], 'anthropic/claude-4.5-haiku-20251001')
  const usage = json['usage'] as Json
  assert.equal(usage['cost'], 3 * 0.000001 + 6 * 0.000005)
  const { data } = (await get(`${sim.openrouterUrl}/key`, key)).json as { data: Json }
  assert.equal(data['usage_daily'], usage['cost'])
})
