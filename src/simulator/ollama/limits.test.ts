import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askOllama, get, open, post, says, start, stillClock } from '../fixtures/client.ts'
import { startSimulator, type FaultKind, type OllamaOptions, type Simulator } from '../index.ts'
import type { Json } from '../json.ts'
import { costUsd } from './models.ts'

const ref = / \(ref: [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\)$/

async function refusal(sim: Simulator, more: Json = {}, number = 0): Promise<[number, string]> {
  const { status, json } = await askOllama(sim, number, more)
  return [status, String(json['error'])]
}

const legacy = (more: object): OllamaOptions => ({ accounts: [{ plan: 'legacy_pro', name: 'ada', ...more }] })

test('legacy windows: the session on its grid, the week until Monday', async () => {
  const clock = stillClock()
  const ollama = legacy({ sessionRequests: 1, weeklyRequests: 2 })
  await using sim = await startSimulator({ clock, ollama })
  assert.equal((await askOllama(sim)).status, 200)
  const [status, text] = await refusal(sim)
  assert.equal(status, 429)
  assert.match(text, ref)
  assert.equal(
    text.replace(ref, ''),
    'you (ada) have reached your session usage limit, upgrade for higher limits: https://ollama.com/upgrade or add extra usage: https://ollama.com/settings',
  )
  clock.set((Math.floor(start / 18_000_000) + 1) * 18_000_000)
  assert.equal((await askOllama(sim)).status, 200)
  clock.advance(18_000_000)
  assert.match((await refusal(sim))[1], /^you \(ada\) have reached your weekly usage limit, /)
  clock.set(Date.UTC(2026, 10, 30) - 1)
  assert.equal((await askOllama(sim)).status, 429)
  clock.advance(1)
  assert.equal((await askOllama(sim)).status, 200)
})

test('refusals carry no rate-limit headers', async () => {
  await using sim = await startSimulator({ ollama: legacy({ sessionRequests: 0 }) })
  const { headers } = await askOllama(sim)
  assert.deepEqual(
    [...headers.keys()].filter((name) => /ratelimit|retry/i.test(name)),
    [],
  )
})

test('credit is spent to the token, included first, and refused when gone', async () => {
  const clock = stillClock()
  const ollama = { accounts: [{ includedUsd: 0.000001, balanceUsd: 0.0000018 }], refs: false }
  await using sim = await startSimulator({ clock, ollama })
  const key = sim.keys.ollama[0]
  const balance = async (): Promise<unknown> => {
    const { included, purchased } = (await get(`${sim.ollamaUrl}/api/balance`, key)).json as Record<
      string,
      Json
    >
    return [included?.['balance_usd'], purchased?.['balance_usd']]
  }
  assert.deepEqual(await balance(), [0.000001, 0.000002])
  // Three tokens in at 0.14 and six out at 0.40 a million.
  assert.equal((await askOllama(sim)).status, 200)
  assert.deepEqual(await balance(), [0, 0])
  const [status, text] = await refusal(sim)
  assert.equal(status, 402)
  assert.match(text, /^your balance is empty/)
  clock.set(Date.UTC(2026, 11, 1))
  assert.deepEqual(await balance(), [60, 0])
  assert.equal((await askOllama(sim)).status, 200)
})

test('a spent month can answer 429', async () => {
  const ollama = { accounts: [{ includedUsd: 0, name: 'ada' }], spentStatus: 429 as const }
  await using sim = await startSimulator({ ollama })
  assert.match(String(await refusal(sim)), /^429,you \(ada\) have reached your monthly usage limit/)
})

test('what a plan may call: 403 and 402 for one model, the others go on', async () => {
  const accounts = [{ plan: 'legacy_free' as const }, { plan: 'legacy_pro' as const }]
  await using sim = await startSimulator({ ollama: { accounts, refs: false } })
  assert.deepEqual(await refusal(sim, { model: 'glm-5.3' }), [
    403,
    'this model requires a subscription, upgrade for access: https://ollama.com/upgrade',
  ])
  assert.equal((await askOllama(sim)).status, 200)
  assert.match(String(await refusal(sim, { model: 'kimi-k3' }, 1)), /^402,this model uses extra usage only/)
  assert.equal((await askOllama(sim, 1)).status, 200)
})

test('more requests than slots wait, then time out', async () => {
  const ollama = { accounts: [{ concurrency: 1, slotWaitMs: 20 }], refs: false }
  await using sim = await startSimulator({ ollama })
  sim.addFault({ provider: 'ollama', kind: 'no-headers' })
  const leaving = new AbortController()
  const body = says('Hello', { model: 'gemma4:31b' })
  const held = open(`${sim.ollamaUrl}/api/chat`, sim.keys.ollama[0], body, { signal: leaving.signal })
  while (sim.counters().ollama.inFlight === 0) await get(`${sim.url}/sim`)
  assert.deepEqual(await refusal(sim), [429, 'timed out waiting for a concurrent request slot'])
  leaving.abort()
  await assert.rejects(held)
  assert.equal((await askOllama(sim)).status, 200)
  assert.equal(sim.counters().ollama.peak, 2)
})

test('a slot that comes free goes to who waits', async () => {
  await using sim = await startSimulator({ chunkDelayMs: 1, ollama: { accounts: [{ concurrency: 1 }] } })
  const stream = { stream: true }
  const replies = await Promise.all([
    askOllama(sim, 0, stream),
    askOllama(sim, 0, stream),
    askOllama(sim, 0, stream),
  ])
  assert.deepEqual(
    replies.map(({ status }) => status),
    [200, 200, 200],
  )
})

test('scripted refusals', async () => {
  await using sim = await startSimulator({ ollama: { refs: false } })
  const cases: [FaultKind, number, RegExp][] = [
    ['session-limit', 429, /reached your session usage limit/],
    ['weekly-limit', 429, /reached your weekly usage limit/],
    ['monthly-limit', 429, /reached your monthly usage limit/],
    ['slot-timeout', 429, /^\{"error":"timed out waiting for a concurrent request slot"\}$/],
    ['overloaded', 503, /^\{"error":"Server overloaded, please retry shortly"\}$/],
    ['requires-subscription', 403, /requires a subscription/],
    ['extra-usage', 402, /extra usage only/],
    ['balance-empty', 402, /balance is empty/],
    ['plain-500', 500, /^Internal Server Error\n$/],
    ['unauthorized-plain', 401, /^unauthorized\n$/],
    ['error-5xx', 500, /^\{"error":"Internal Server Error"\}$/],
  ]
  for (const [kind, status, text] of cases) {
    sim.addFault({ provider: 'ollama', kind })
    const reply = await askOllama(sim)
    assert.equal(reply.status, status, kind)
    assert.match(reply.text, text)
  }
  assert.equal(sim.counters().ollama.refused, cases.length)
})

test('balance and usage: ten readings a minute per user, with Retry-After', async () => {
  const clock = stillClock()
  const ollama = { accounts: [{ keys: ['one', 'two'] }, { keys: ['three'] }] }
  await using sim = await startSimulator({ clock, ollama })
  for (let reading = 0; reading < 10; reading += 1) {
    const path = reading % 2 === 0 ? 'balance' : 'usage'
    assert.equal((await get(`${sim.ollamaUrl}/api/${path}`, reading < 5 ? 'one' : 'two')).status, 200)
  }
  const refused = await get(`${sim.ollamaUrl}/api/balance`, 'two')
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '45'])
  assert.equal((await get(`${sim.ollamaUrl}/api/balance`, 'three')).status, 200)
  clock.advance(45_000)
  assert.equal((await get(`${sim.ollamaUrl}/api/balance`, 'one')).status, 200)
})

test('the balance of both plans', async () => {
  const accounts = [
    { plan: 'max' as const, periodStart: '2026-09-15T09:30:00Z', balanceUsd: 25, includedUsd: 72.5 },
    { plan: 'legacy_pro' as const, sessionRequests: 4, sessionUsed: 1, weeklyRequests: 10, weeklyUsed: 6 },
    { plan: 'payg' as const },
  ]
  await using sim = await startSimulator({ clock: stillClock(), ollama: { accounts } })
  const read = async (number: number): Promise<Json> =>
    (await get(`${sim.ollamaUrl}/api/balance`, sim.keys.ollama[number])).json
  assert.deepEqual(await read(0), {
    included: {
      balance_usd: 72.5,
      allowance_usd: 300,
      period: { from: '2026-11-15T09:30:00Z', until: '2026-12-15T09:30:00Z' },
    },
    purchased: { balance_usd: 25 },
  })
  const grid = new Date((Math.floor(start / 18_000_000) + 1) * 18_000_000).toISOString()
  assert.deepEqual(await read(1), {
    included: {
      session: { remaining_percent: 75, resets_at: grid.replace('.000', '') },
      weekly: { remaining_percent: 40, resets_at: '2026-11-30T00:00:00Z' },
    },
    purchased: { balance_usd: 0 },
  })
  assert.deepEqual(await read(2), { included: null, purchased: { balance_usd: 10 } })
})

test('usage: hourly buckets with tokens, or requests only on a legacy plan', async () => {
  const clock = stillClock()
  const accounts = [{}, { plan: 'legacy_pro' as const }]
  await using sim = await startSimulator({ clock, ollama: { accounts, cachedShare: 0.5 } })
  const read = async (number: number, query: string): Promise<Json & { buckets: Json[] }> =>
    (await get(`${sim.ollamaUrl}/api/usage${query}`, sim.keys.ollama[number])).json as Json & {
      buckets: Json[]
    }
  await askOllama(sim, 0)
  await askOllama(sim, 1)
  clock.advance(3_600_000)
  await askOllama(sim, 0)
  const day = await read(0, '?range=24h')
  assert.deepEqual(
    [day.buckets.length, day['granularity'], day['from']],
    [25, 'hour', '2026-11-22T11:00:00Z'],
  )
  assert.deepEqual(
    [day.buckets.at(-2)?.['request_count'], day.buckets.at(-1)?.['partial'], day.buckets.at(-2)?.['partial']],
    [1, true, undefined],
  )
  const usd = 2 * ((2 * 0.14 + 1 * 0.05 + 6 * 0.4) / 1e6)
  assert.deepEqual(day['totals'], {
    request_count: 2,
    usage_usd: Number(usd.toFixed(8)),
    input_tokens: 6,
    cached_input_tokens: 2,
    output_tokens: 12,
  })
  assert.equal((await read(0, '')).buckets.length, 8)
  assert.equal((await read(0, '?range=30d')).buckets.length, 31)
  assert.deepEqual((await read(1, '?range=24h'))['totals'], { request_count: 1 })
  for (const query of ['?range=1h', '?range=24h&range=7d', '?group_by=model']) {
    assert.match(String((await read(0, query))['error']), /unsupported/)
  }
})

test('the sample of the usage documentation comes out to the cent', () => {
  const flash = { name: 'glm-5.3-flash', inputPrice: 0.15, cachedPrice: 0.03, outputPrice: 0.5 }
  const use = { promptTokens: 106_000, cachedTokens: 46_000, outputTokens: 13_600 }
  assert.equal(costUsd(flash, use, start).toFixed(5), '0.01718')
})

test('peak hours double the price of models that have them', () => {
  const peaking = { name: 'p', inputPrice: 1, cachedPrice: 1, outputPrice: 1, peaks: true }
  const use = { promptTokens: 1_000_000, cachedTokens: 0, outputTokens: 0 }
  const monday = (hour: number): number => costUsd(peaking, use, Date.UTC(2026, 10, 23, hour))
  assert.deepEqual([monday(11), monday(12), monday(17), monday(18)], [1, 2, 2, 1])
  assert.equal(costUsd(peaking, use, Date.UTC(2026, 10, 22, 13)), 1)
})

test('who is asking', async () => {
  await using sim = await startSimulator({ ollama: legacy({}) })
  const me = (await post(`${sim.ollamaUrl}/api/me`, sim.keys.ollama[0], {})).json
  assert.deepEqual([me['name'], me['plan']], ['ada', 'pro'])
  assert.deepEqual((await post(`${sim.ollamaUrl}/api/me`, 'nobody', {})).json, { error: 'unauthorized' })
})
