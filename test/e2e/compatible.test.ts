import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type ConfigGround, openConfigGround } from '../support/config-ground.ts'
import { chatAnswer, type PlayedService, startPlayedService } from '../support/played-service.ts'
import { ask, noon, type Stand, wasteOf } from '../support/stand.ts'

const oneAccount = { OPENROUTER_API_KEY_2: '', OPENROUTER_API_KEY_3: '' }
const onlyGroq = { ...oneAccount, OPENROUTER_API_KEY_1: '', OLLAMA_API_KEY_1: '', OLLAMA_API_KEY_2: '' }

interface Setup {
  readonly service: PlayedService
  readonly ground: ConfigGround
}

/** A service of one's own with two models, described in the config file. */
async function openService(
  t: TestContext,
  members: string,
  play: { readonly usage?: readonly [number, number]; readonly delayMs?: number } = {},
): Promise<Setup> {
  const service = await startPlayedService({
    get: (path) => (path === '/v1/models' ? { data: [{ id: 'llama-8b' }, { id: 'llama-70b' }] } : undefined),
    post: async ({ body }) => {
      if (play.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, play.delayMs))
      return { status: 200, body: chatAnswer(String(body['model']), play.usage) }
    },
  })
  const config = `
providers:
  groq:
    compatible: ${service.url}/v1
    keys: [{ key: gsk-test-0123456789 }]
    ${members}`
  const ground = await openConfigGround(t, config)
  t.after(() => service[Symbol.asyncDispose]())
  return { service, ground }
}

/** Asks so often, one after the other, and counts who answered; a refusal counts under its status. */
async function run(
  stand: Stand,
  count: number,
  rest: Record<string, unknown> = {},
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let call = 0; call < count; call++) {
    const reply = await stand.chat(ask('hello', rest))
    await reply.text()
    const who =
      reply.status === 200 ? (reply.headers.get('x-switchyard-provider') ?? '') : String(reply.status)
    counts[who] = (counts[who] ?? 0) + 1
  }
  return counts
}

test('auto takes a free service of one’s own after the built-in free lane and before the paid one', async (t) => {
  const { service, ground } = await openService(t, 'lane: free\n    limits: [{ requests: 5, per: minute }]')
  const stand = await ground.start({ environment: oneAccount })
  assert.deepEqual(await run(stand, 30), { openrouter: 20, groq: 5, ollama: 5 })
  ground.simulator.clock.set(noon + 60_000)
  assert.deepEqual(await run(stand, 26), { openrouter: 20, groq: 5, ollama: 1 })
  assert.deepEqual(
    service.calls.map(({ path, authorization, body }) => [path, authorization, body['model']]),
    Array.from({ length: 10 }, () => ['/v1/chat/completions', 'Bearer gsk-test-0123456789', 'llama-8b']),
  )
  assert.deepEqual(wasteOf(ground.simulator), { wasted: 0, refused: 0 })
})

test('a model named with the service in front goes there without it; a listed one also by its bare name', async (t) => {
  const { service, ground } = await openService(t, 'lane: free')
  const stand = await ground.start()
  for (const model of ['groq/llama-70b', 'llama-70b', 'groq/not-listed-yet'])
    assert.deepEqual(await run(stand, 1, { model }), { groq: 1 })
  assert.deepEqual(
    service.calls.map(({ body }) => body['model']),
    ['llama-70b', 'llama-70b', 'not-listed-yet'],
  )
  const listed = (await stand.core.models()).filter(({ provider }) => provider === 'groq')
  assert.deepEqual(
    listed.map(({ id }) => id),
    ['llama-8b', 'llama-70b'],
  )
})

test('a limit of tokens holds, by what the calls really used', async (t) => {
  const { service, ground } = await openService(
    t,
    'lane: free\n    limits: [{ tokens: 1000, per: minute }]',
    {
      usage: [200, 200],
    },
  )
  const stand = await ground.start({ environment: onlyGroq })
  const wish = { max_tokens: 300 }
  assert.deepEqual(await run(stand, 4, wish), { groq: 2, 429: 2 })
  ground.simulator.clock.set(noon + 60_000)
  assert.deepEqual(await run(stand, 4, wish), { groq: 2, 429: 2 })
  assert.equal(service.calls.length, 4)
})

test('a limit of calls in flight holds: the others wait for their turn, and all are answered', async (t) => {
  const { service, ground } = await openService(t, 'lane: free\n    limits: [{ inFlight: 2 }]', {
    delayMs: 20,
  })
  const stand = await ground.start({ environment: onlyGroq })
  const counts = await Promise.all(Array.from({ length: 8 }, () => run(stand, 1)))
  assert.deepEqual(
    counts.map(({ groq }) => groq),
    Array.from({ length: 8 }, () => 1),
  )
  assert.equal(service.peak, 2)
})

test('negative control: without that limit the calls are in flight together', async (t) => {
  const { service, ground } = await openService(t, 'lane: free', { delayMs: 50 })
  const stand = await ground.start({ environment: onlyGroq })
  await Promise.all(Array.from({ length: 8 }, () => run(stand, 1)))
  assert.ok(service.peak > 2, `${service.peak} at a time`)
})

test('requests, tokens and dollars go on counting over a restart', async (t) => {
  const limits =
    'limits: [{ requests: 8, per: day }, { tokens: 100000, per: month }, { usd: 0.01, per: week }]'
  const { service, ground } = await openService(
    t,
    `lane: paid\n    ${limits}\n    prices: { llama-8b: { inputUsdPerMillion: 1, outputUsdPerMillion: 1 } }`,
    { usage: [500, 500] },
  )
  const wish = { model: 'groq/llama-8b', max_tokens: 500 }
  let stand = await ground.start({ environment: onlyGroq })
  assert.deepEqual(await run(stand, 5, wish), { groq: 5 })
  stand = await ground.start({ environment: onlyGroq })
  const windows = (await stand.core.status()).providers.find(({ name }) => name === 'groq')?.accounts[0]
    ?.windows
  assert.deepEqual(
    windows?.map(({ metric, used }) => [metric, used]),
    [
      ['requests', 5],
      ['tokens', 5000],
      ['nano-usd', 5_000_000],
    ],
  )
  assert.deepEqual(
    windows?.map((window) => window.provider),
    [undefined, undefined, undefined],
    'our own count is not shown as the service’s',
  )
  assert.deepEqual(await run(stand, 5, wish), { groq: 3, 429: 2 })
  ground.simulator.clock.set(Date.UTC(2026, 10, 24, 0, 0, 1))
  // Eight tenths of a cent are spent of this week's one.
  assert.deepEqual(await run(stand, 4, wish), { groq: 2, 429: 2 })
  ground.simulator.clock.set(Date.UTC(2026, 10, 30, 0, 0, 1))
  assert.deepEqual(await run(stand, 1, wish), { groq: 1 })
  assert.equal(service.calls.length, 11)
})

test('a paid service of one’s own stands last in line, and ceilings watch it', async (t) => {
  const { ground } = await openService(
    t,
    'lane: paid\n    prices: { llama-8b: { inputUsdPerMillion: 1, outputUsdPerMillion: 1 } }\npolicy: { ceilings: [{ lane: paid, usdPerDay: 0.002 }] }',
    { usage: [500, 500] },
  )
  const stand = await ground.start({ environment: onlyGroq })
  assert.deepEqual(await run(stand, 4, { max_tokens: 500 }), { groq: 2, 429: 2 })
})
