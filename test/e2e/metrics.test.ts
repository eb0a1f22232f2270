import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { openConfigGround } from '../support/config-ground.ts'
import { until } from '../support/probe.ts'
import { adminKey, ask, clientKey, metricsKey, openStand, type Stand } from '../support/stand.ts'

const openMetrics = 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5'

async function scrape(stand: Stand, accept = ''): Promise<{ readonly type: string; readonly text: string }> {
  const reply = await fetch(`${stand.gateway.url}/metrics`, {
    headers: { authorization: `Bearer ${metricsKey}`, accept },
  })
  assert.equal(reply.status, 200)
  return { type: reply.headers.get('content-type') ?? '', text: await reply.text() }
}

/** The sum of the samples that carry all of these labels. */
function sum(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  const lines = text
    .split('\n')
    .filter(
      (line) =>
        (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) &&
        wanted.every((each) => line.includes(each)),
    )
  return lines.reduce(
    (total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1).replace('+Inf', 'Infinity')),
    0,
  )
}

async function say(stand: Stand, rest: Record<string, unknown> = {}, headers = {}): Promise<number> {
  const reply = await stand.chat(ask('hello', rest), { headers })
  await reply.text()
  return reply.status
}

test('requests and calls are counted by how they ended, with tokens, cost and times', async () => {
  await using stand = await openStand()
  assert.equal(await say(stand), 200)
  assert.equal(await say(stand, { stream: true }), 200)
  assert.equal(await say(stand, { model: 'gemma4:31b' }), 200)
  assert.equal(await say(stand, { model: 'no-such-model' }), 404)
  assert.equal(await say(stand, { messages: 'wrong' }), 400)
  stand.simulator.addFault({ provider: 'openrouter', kind: 'user-not-found' })
  assert.equal(await say(stand), 200)
  const { text } = await scrape(stand)
  const requests = (labels: Record<string, string>): number => sum(text, 'switchyard_requests_total', labels)
  assert.equal(requests({ client: 'default', dialect: 'openai-chat', outcome: 'ok' }), 4)
  assert.equal(requests({ provider: 'openrouter', outcome: 'ok' }), 3)
  assert.equal(requests({ provider: 'none', outcome: 'model_not_found' }), 1)
  assert.equal(requests({ provider: 'none', outcome: 'invalid_request' }), 1)
  const attempts = (labels: Record<string, string>): number => sum(text, 'switchyard_attempts_total', labels)
  assert.equal(attempts({ provider: 'openrouter', lane: 'free', outcome: 'done' }), 3)
  assert.equal(attempts({ provider: 'openrouter', outcome: 'failed', fault: 'credential' }), 1)
  assert.equal(attempts({ provider: 'ollama', lane: 'paid', outcome: 'done' }), 1)
  assert.ok(sum(text, 'switchyard_tokens_total', { model: 'openrouter/free', type: 'input' }) > 0)
  assert.ok(sum(text, 'switchyard_tokens_total', { model: 'gemma4:31b', type: 'output' }) > 0)
  assert.ok(sum(text, 'switchyard_cost_dollars_total', { provider: 'ollama', client: 'default' }) > 0)
  assert.equal(sum(text, 'switchyard_time_to_first_content_seconds_count', { provider: 'openrouter' }), 1)
  assert.equal(sum(text, 'switchyard_request_duration_seconds_count'), 6)
  assert.equal(sum(text, 'switchyard_overhead_seconds_count'), 6)
  assert.ok(
    sum(text, 'switchyard_overhead_seconds_sum') < sum(text, 'switchyard_request_duration_seconds_sum'),
  )
  assert.equal(sum(text, 'switchyard_wasted_calls_total'), 0)
  assert.match(text, /^nodejs_eventloop_lag_p99_seconds \d/m)
  assert.match(text, /^process_resident_memory_bytes \d/m)
})

test('what began and broke is told apart from what its client left', async () => {
  await using stand = await openStand({ simulator: { chunkDelayMs: 5 } })
  stand.simulator.addFault({ provider: 'openrouter', kind: 'cut' })
  await say(stand, { stream: true })
  const leaving = new AbortController()
  const reply = await stand.chat(ask('repeat 2000 words', { stream: true }), { signal: leaving.signal })
  await reply.body?.getReader().read()
  leaving.abort()
  let text = ''
  await until(async () => {
    text = (await scrape(stand)).text
    return sum(text, 'switchyard_requests_total') === 2
  }, 'both requests are counted')
  assert.equal(sum(text, 'switchyard_requests_total', { outcome: 'truncated' }), 1)
  assert.equal(sum(text, 'switchyard_requests_total', { outcome: 'client_closed' }), 1)
  assert.equal(sum(text, 'switchyard_attempts_total', { outcome: 'truncated', fault: 'broken-stream' }), 1)
  assert.equal(sum(text, 'switchyard_attempts_total', { outcome: 'aborted' }), 1)
  assert.equal(sum(text, 'switchyard_calls_in_flight'), 0)
})

test('quota, rests, spent accounts and budgets are as the status says', async (t) => {
  const ground = await openConfigGround(t, 'policy: { ceilings: [{ usdPerDay: 0.000001 }] }', {
    openrouter: { accounts: [{ foreignUsed: 49, userId: 'user_a' }] },
  })
  const stand = await ground.start()
  assert.equal(await say(stand), 200)
  assert.notEqual(await say(stand, { model: 'gemma4:31b', max_tokens: 1000 }), 200)
  const { text } = await scrape(stand)
  const day = { provider: 'openrouter', window: 'day' }
  assert.equal(sum(text, 'switchyard_quota_used', day), 50)
  assert.equal(sum(text, 'switchyard_quota_limit', day), 50)
  assert.equal(sum(text, 'switchyard_quota_reset_timestamp_seconds', day), Date.UTC(2026, 10, 24) / 1000)
  assert.equal(sum(text, 'switchyard_accounts', { provider: 'openrouter', state: 'spent' }), 1)
  assert.equal(sum(text, 'switchyard_accounts', { provider: 'openrouter', state: 'usable' }), 0)
  assert.equal(sum(text, 'switchyard_budget_limit_dollars', { budget: 'per day' }), 0.000001)
  assert.equal(sum(text, 'switchyard_budget_refusals_total', { budget: 'per day' }), 1)
  assert.equal(sum(text, 'switchyard_store_healthy'), 1)
})

test('a name that a client made up is no label of its own, and no key is shown', async () => {
  await using stand = await openStand()
  for (let call = 0; call < 5; call++) {
    stand.simulator.addFault({
      provider: 'openrouter',
      kind: 'custom',
      status: 404,
      body: '{"error":{"message":"No endpoints found for this model","code":404}}',
    })
    await say(stand, { model: `invented/name-${call}:free` }, { 'x-switchyard-provider': 'openrouter' })
  }
  stand.simulator.addFault({ provider: 'openrouter', kind: 'user-not-found' })
  await say(stand)
  const { text } = await scrape(stand)
  assert.doesNotMatch(text, /invented/)
  assert.ok(sum(text, 'switchyard_cooldown_remaining_seconds', { kind: 'credential' }) > 0)
  for (const secret of [clientKey, adminKey, metricsKey, 'sk-or-']) assert.ok(!text.includes(secret), secret)
})

test('the form follows the Accept header, scrape after scrape', async () => {
  await using stand = await openStand()
  await say(stand)
  for (const round of [1, 2]) {
    const open = await scrape(stand, openMetrics)
    assert.equal(open.type, 'application/openmetrics-text; version=1.0.0; charset=utf-8')
    assert.match(
      open.text,
      /# TYPE switchyard_requests counter\nswitchyard_requests_total\{/,
      `round ${round}`,
    )
    assert.match(open.text, /# UNIT switchyard_cost_dollars dollars\n/)
    assert.ok(open.text.endsWith('\n# EOF\n'))
    const old = await scrape(stand)
    assert.equal(old.type, 'text/plain; version=0.0.4; charset=utf-8')
    assert.match(old.text, /# TYPE switchyard_requests_total counter\nswitchyard_requests_total\{/)
    assert.doesNotMatch(old.text, /# EOF|# UNIT/)
  }
})

test('scrapes at the same time each see everything', async () => {
  await using stand = await openStand()
  await say(stand)
  const pages = await Promise.all(Array.from({ length: 10 }, () => scrape(stand)))
  assert.deepEqual(
    new Set(pages.map(({ text }) => sum(text, 'switchyard_quota_limit', { window: 'day' }))),
    new Set([150]),
  )
})

test('a program that embeds the router does not load the metrics library', async () => {
  const index = new URL('../../src/index.ts', import.meta.url).href
  const script = `
    await import(${JSON.stringify(index)})
    const { createRequire } = await import('node:module')
    console.log(Object.keys(createRequire(${JSON.stringify(index)}).cache).filter((path) => path.includes('prometheus-io')).length)`
  const count = async (code: string): Promise<string> =>
    (await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code])).stdout.trim()
  assert.equal(await count(script), '0')
  // Negative control: once loaded it would be seen.
  const metrics = new URL('../../src/metrics/metrics.ts', import.meta.url).href
  const control = script.replace(
    'await import(',
    `await (await import(${JSON.stringify(metrics)})).createMetrics(); await import(`,
  )
  assert.notEqual(await count(control), '0')
})
