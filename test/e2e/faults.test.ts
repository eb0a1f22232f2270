import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import OpenAI from 'openai'
import { createMovableClock } from '../../src/clock.ts'
import { startSimulator } from '../../src/simulator/index.ts'
import { takeApart, until } from '../support/probe.ts'
import { closedPort } from '../support/raw-upstream.ts'
import { ask, clientKey, noon, openStand, type Stand, wasteOf } from '../support/stand.ts'

const paid = { model: 'gpt-oss:20b' }
const nextMonday = Date.UTC(2026, 10, 30)
/** Turns of the 5-hour grid: https://github.com/Sarrius/pi-multi-account/issues/30. */
const sessionEnd = (Math.floor(noon / 18_000_000) + 1) * 18_000_000

interface ErrorBody {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly code: string
    readonly param: null
    readonly metadata: {
      readonly retry_after: number
      readonly resets_at: number
      readonly pools: readonly { readonly provider: string; readonly returns_at: string }[]
    }
  }
}

function callsOf(stand: Stand): number {
  const { openrouter, ollama } = stand.simulator.counters()
  return openrouter.calls + ollama.calls
}

/** The names of the keys that answer `count` calls. */
async function keysOf(stand: Stand, count: number, rest: Record<string, unknown>): Promise<Set<string>> {
  const names = new Set<string>()
  for (let call = 0; call < count; call++) {
    const reply = await stand.chat(ask('hello', rest))
    assert.equal(reply.status, 200, await reply.text())
    names.add(reply.headers.get('x-switchyard-key') ?? '')
  }
  return names
}

test('all spent: 429 with the true seconds to the first return, the pools and their times, and no upstream call', async () => {
  await using stand = await openStand({
    simulator: { ollama: { accounts: [{ plan: 'legacy_pro', weeklyRequests: 1 }] } },
  })
  stand.clock.set(noon + 17_300)
  // Twenty a minute on each of three accounts, one a week on the paid one, and the refusal that tells so.
  for (let call = 0; call < 61; call++) assert.equal((await stand.chat(ask('hello'))).status, 200)
  await stand.chat(ask('hello'))
  const before = callsOf(stand)
  for (const stream of [true, false]) {
    const reply = await stand.chat(ask('hello', { stream }))
    assert.equal(reply.status, 429)
    assert.equal(reply.headers.get('retry-after'), '43')
    assert.equal(reply.headers.get('x-should-retry'), null)
    const { error } = (await reply.json()) as ErrorBody
    assert.deepEqual([error.type, error.code, error.param], ['rate_limit_error', 'rate_limit_exceeded', null])
    assert.deepEqual([error.metadata.retry_after, error.metadata.resets_at], [43, (noon + 60_000) / 1000])
    assert.deepEqual(
      error.metadata.pools.map((pool) => [pool.provider, Date.parse(pool.returns_at)]),
      [
        ['openrouter', noon + 60_000],
        ['ollama', nextMonday],
      ],
    )
    for (const word of ['OpenRouter', '2026-11-23T12:01:00.000Z', 'Ollama Cloud', '2026-11-30T00:00:00.000Z'])
      assert.ok(error.message.includes(word), error.message)
  }
  // The paid pool alone returns too late for a client to wait for.
  const named = await stand.chat(ask('hello', paid))
  assert.equal(named.headers.get('retry-after'), '86400')
  assert.equal(named.headers.get('x-should-retry'), 'false')
  const client = new OpenAI({ apiKey: clientKey, baseURL: `${stand.gateway.url}/v1` })
  await assert.rejects(
    client.chat.completions.create({ ...paid, messages: [{ role: 'user', content: 'hello' }] }),
    OpenAI.RateLimitError,
  )
  assert.equal(callsOf(stand), before)
  assert.equal(wasteOf(stand.simulator).wasted, 0)
  stand.clock.set(noon + 60_000)
  assert.deepEqual(await keysOf(stand, 1, {}), new Set(['OPENROUTER_API_KEY_1']))
})

test('a limit told at the end of a stream is a limit: that key is left alone, and its account not named to the client', async () => {
  await using stand = await openStand()
  stand.simulator.addFault({
    provider: 'ollama',
    kind: 'error-line',
    afterChunks: 20,
    body: 'you (secret-name) have reached your weekly usage limit, upgrade for higher limits',
  })
  const read = takeApart(await (await stand.chat(ask('repeat 40 words', { ...paid, stream: true }))).text())
  assert.equal(read.errors.length, 1)
  assert.match(read.errors[0] ?? '', /weekly usage limit/)
  assert.doesNotMatch(read.errors[0] ?? '', /secret-name/)
  assert.equal((await keysOf(stand, 4, paid)).size, 1)
  stand.clock.set(nextMonday)
  assert.equal((await keysOf(stand, 4, paid)).size, 2)
})

test('who rests: each fault takes out what it is about, and nothing else', async (t) => {
  // Paid keys left for the model that failed, and for another one.
  const cases = [
    ['unauthorized-plain', 1, 1],
    ['requires-subscription', 1, 2],
    ['extra-usage', 1, 2],
    ['session-limit', 1, 1],
    ['weekly-limit', 1, 1],
    ['slot-timeout', 1, 1],
  ] as const
  for (const [kind, same, other] of cases) {
    await t.test(kind, async () => {
      await using stand = await openStand()
      stand.simulator.addFault({ provider: 'ollama', kind })
      const reply = await stand.chat(ask('hello', paid))
      assert.deepEqual([reply.status, reply.headers.get('x-switchyard-attempts')], [200, '2'])
      assert.equal((await keysOf(stand, 6, paid)).size, same)
      assert.equal((await keysOf(stand, 6, { model: 'gpt-oss:120b' })).size, other)
      assert.equal(wasteOf(stand.simulator).wasted, 0)
    })
  }
})

test('a key that is refused is never sent again, while the others go on', async () => {
  await using stand = await openStand()
  stand.simulator.addFault({ provider: 'openrouter', kind: 'user-not-found' })
  assert.deepEqual(
    await keysOf(stand, 41, {}),
    new Set(['OPENROUTER_API_KEY_2', 'OPENROUTER_API_KEY_3', 'OLLAMA_API_KEY_1']),
  )
  assert.equal(stand.simulator.counters().openrouter.accounts['openrouter-1']?.calls, 1)
})

test('free models refused for money or by privacy leave one account; a busy free model sends the call on', async () => {
  for (const kind of [
    'insufficient-credits',
    'data-policy',
    'no-endpoints',
    'upstream-429',
    'rate-shared-day',
  ] as const) {
    await using stand = await openStand()
    stand.simulator.addFault({ provider: 'openrouter', kind })
    const reply = await stand.chat(ask('hello'))
    assert.equal(reply.status, 200, `${kind}: ${await reply.text()}`)
    assert.equal(wasteOf(stand.simulator).wasted, 0)
  }
})

test('limits of session and week hold over a restart until their stated time, without one wasted call', async () => {
  for (const [kind, ends] of [
    ['session-limit', sessionEnd],
    ['weekly-limit', nextMonday],
  ] as const) {
    await using simulator = await startSimulator({ clock: createMovableClock({ start: noon }), seed: 1 })
    const home = mkdtempSync(join(tmpdir(), 'switchyard-test-'))
    const reopen = (): Promise<Stand> => openStand({ sharing: simulator, home })
    try {
      {
        await using first = await reopen()
        simulator.addFault({ provider: 'ollama', kind, times: 2 })
        assert.equal((await first.chat(ask('hello', paid))).status, 429)
        assert.equal(callsOf(first), 2)
      }
      {
        await using second = await reopen()
        simulator.clock.set(ends - 1000)
        const reply = await second.chat(ask('hello', paid))
        assert.deepEqual([reply.status, reply.headers.get('retry-after')], [429, '1'])
        assert.equal(callsOf(second), 2)
      }
      await using third = await reopen()
      simulator.clock.set(ends)
      assert.equal((await keysOf(third, 2, paid)).size, 2)
      assert.equal(wasteOf(simulator).wasted, 0)
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  }
})

test('when everything fails, a request costs a bounded number of calls, and a crowd of them few more than one each', async () => {
  await using stand = await openStand()
  for (const provider of ['openrouter', 'ollama'] as const)
    stand.simulator.addFault({ provider, kind: 'reset', times: 'always' })
  const first = await stand.chat(ask('hello'))
  assert.equal(first.status, 503)
  const { error } = (await first.json()) as ErrorBody
  assert.match(error.message, /Ollama Cloud: the connection was cut.*OpenRouter: the connection was cut/)
  assert.ok(callsOf(stand) <= 4, `${callsOf(stand)} calls for one request`)
  for (let call = 0; call < 100; call++) assert.equal((await stand.chat(ask('hello'))).status, 503)
  // The budget's store and a fifth of the traffic.
  assert.ok(callsOf(stand) <= 101 + 20 + 21, `${callsOf(stand)} calls for 101 requests`)
})

test('a request may cost no more calls than the operator says', async () => {
  await using stand = await openStand({ routing: { attempts: 1 } })
  stand.simulator.addFault({ provider: 'openrouter', kind: 'reset' })
  assert.equal((await stand.chat(ask('hello'))).status, 503)
  assert.equal(callsOf(stand), 1)
})

test('what the request itself is to blame for is not tried again, and comes back as 400 in the service’s words', async () => {
  const bodies = {
    openrouter: '{"error":{"code":400,"message":"max_tokens must be at least 1"}}',
    ollama: '{"error":"prompt too long; exceeded max context length by 10 tokens"}',
  } as const
  for (const [provider, rest, words] of [
    ['openrouter', {}, /OpenRouter: max_tokens must be at least 1/],
    ['ollama', paid, /Ollama Cloud: prompt too long/],
  ] as const) {
    await using stand = await openStand()
    stand.simulator.addFault({ provider, kind: 'custom', status: 400, body: bodies[provider] })
    const reply = await stand.chat(ask('hello', rest))
    assert.equal(reply.status, 400)
    const { error } = (await reply.json()) as ErrorBody
    assert.match(error.message, words)
    assert.equal(error.type, 'invalid_request_error')
    assert.equal(callsOf(stand), 1)
    assert.equal((await stand.chat(ask('hello', rest))).status, 200)
  }
})

test('an outage is 503 and stays 503 while the providers rest: nobody is told of spent quota', async () => {
  const nowhere = `http://127.0.0.1:${await closedPort()}`
  await using stand = await openStand({
    environment: { OPENROUTER_BASE_URL: nowhere, OLLAMA_BASE_URL: nowhere },
  })
  for (let call = 0; call < 3; call++) {
    const reply = await stand.chat(ask('hello'))
    assert.equal(reply.status, 503, await reply.clone().text())
    assert.match(((await reply.json()) as ErrorBody).error.message, /could not be reached/)
    // From the second call on both providers rest, and it is known until when.
    if (call > 0) assert.match(reply.headers.get('retry-after') ?? '', /^[1-9]\d?$/)
    assert.equal(reply.headers.get('x-ratelimit-remaining-requests'), null)
  }
})

test('sixty calls at once on accounts of twenty a minute: none refused, none wasted', async () => {
  await using stand = await openStand()
  const replies = await Promise.all(Array.from({ length: 60 }, () => stand.chat(ask('hello'))))
  assert.deepEqual(new Set(replies.map((reply) => reply.status)), new Set([200]))
  assert.deepEqual(wasteOf(stand.simulator), { wasted: 0, refused: 0 })
  assert.equal(stand.simulator.counters().openrouter.answered, 60)
  // The next find the minute spent and go to the paid lane, still without a refusal.
  const more = await Promise.all(Array.from({ length: 6 }, () => stand.chat(ask('hello'))))
  assert.deepEqual(
    new Set(more.map((reply) => reply.headers.get('x-switchyard-provider'))),
    new Set(['ollama']),
  )
  assert.deepEqual(wasteOf(stand.simulator), { wasted: 0, refused: 0 })
})

test('an error that no rule knows is kept once, without names and keys, and explained by its file', async () => {
  await using stand = await openStand()
  const [key] = stand.simulator.keys.openrouter
  const body = JSON.stringify({ error: { message: `the moon is full, ${key}, jane@example.com`, code: 418 } })
  for (let call = 0; call < 2; call++) {
    stand.simulator.addFault({
      provider: 'openrouter',
      kind: 'custom',
      status: 418,
      contentType: 'application/json',
      body,
    })
    assert.equal((await stand.chat(ask('hello'))).status, 200)
  }
  const folder = join(stand.home, 'unknown-errors')
  await until(() => existsSync(folder) && readdirSync(folder).length > 0, 'the body is kept')
  const files = readdirSync(folder)
  assert.equal(files.length, 1)
  const text = readFileSync(join(folder, files[0] ?? ''), 'utf8')
  assert.match(text, /the moon is full/)
  assert.ok(!text.includes(key ?? '-') && !text.includes('jane'))
})
