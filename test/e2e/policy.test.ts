import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { dollarsSpent, openConfigGround } from '../support/config-ground.ts'
import { chatAnswer, ollamaAnswer, startPlayedService } from '../support/played-service.ts'
import { rowsOf } from '../support/probe.ts'
import { ask, openStand, type Stand, wasteOf } from '../support/stand.ts'

const tomorrow = Date.UTC(2026, 10, 24, 0, 0, 1)
const botKey = 'bot-key-0123456789'
const vipKey = 'vip-key-0123456789'
const bot = { headers: { authorization: `Bearer ${botKey}` } }
const vip = { headers: { authorization: `Bearer ${vipKey}` } }

interface Answer {
  readonly status: number
  readonly provider: string | null
  readonly code: string | undefined
  readonly message: string
}

async function send(
  stand: Stand,
  rest: Record<string, unknown> = {},
  options: { readonly headers?: Record<string, string> } = {},
  content = 'hello',
): Promise<Answer> {
  const reply = await stand.chat(ask(content, rest), options)
  const body = (await reply.json()) as {
    readonly error?: { readonly code?: string; readonly message: string }
  }
  return {
    status: reply.status,
    provider: reply.headers.get('x-switchyard-provider'),
    code: body.error?.code,
    message: body.error?.message ?? '',
  }
}

/** How many of these were answered, and the statuses of the others. */
function outcome(answers: readonly Answer[]): { readonly answered: number; readonly refusals: number[] } {
  const refused = answers.filter(({ status }) => status !== 200)
  return {
    answered: answers.length - refused.length,
    refusals: [...new Set(refused.map(({ status }) => status))],
  }
}

// A thousand tokens of output cost 0.04 cents on this model, and the answer is as long as it may be.
const paid = { model: 'gemma4:31b', max_tokens: 1000 }
const longWish = 'repeat 2000 words'
const sendPaid = (stand: Stand, options: { readonly headers?: Record<string, string> } = {}) =>
  send(stand, paid, options, longWish)

async function sendUntilRefused(stand: Stand, options = {}): Promise<{ answered: number; last: Answer }> {
  for (let answered = 0; answered < 200; answered++) {
    const last = await sendPaid(stand, options)
    if (last.status !== 200) return { answered, last }
  }
  return assert.fail('no ceiling held')
}

test('free only: models that cost money are refused, and auto stays on the free lane when that is spent', async (t) => {
  const ground = await openConfigGround(t, 'policy: { freeOnly: true }', {
    openrouter: { accounts: [{ foreignUsed: 48 }] },
  })
  const stand = await ground.start()
  for (const model of ['gemma4:31b', 'google/gemma-4-31b-it']) {
    const refused = await send(stand, { model })
    assert.deepEqual([refused.status, refused.code], [403, 'policy_refused'], refused.message)
    assert.match(refused.message, /costs money/)
  }
  const forced = await send(stand, {}, { headers: { 'x-switchyard-provider': 'ollama' } })
  assert.deepEqual(
    [forced.status, forced.provider],
    [200, 'openrouter'],
    'a preference does not open the paid lane',
  )
  assert.equal((await send(stand, { model: 'cohere/north-mini-code:free' })).status, 200)
  const spent = await send(stand)
  assert.deepEqual([spent.status, spent.code], [429, 'rate_limit_exceeded'], spent.message)
  assert.equal(ground.simulator.counters().ollama.calls, 0)
  assert.deepEqual(wasteOf(ground.simulator), { wasted: 0, refused: 0 })
})

test('free only where nothing is free says so, and does not advise what was just asked for', async (t) => {
  const ground = await openConfigGround(t, 'policy: { freeOnly: true }')
  const stand = await ground.start({
    environment: { OPENROUTER_API_KEY_1: '', OPENROUTER_API_KEY_2: '', OPENROUTER_API_KEY_3: '' },
  })
  const refused = await send(stand)
  assert.deepEqual([refused.status, refused.code], [403, 'policy_refused'])
  assert.doesNotMatch(refused.message, /ask for "auto"/)
})

test('a free-only client stays on the free lane; others go on to the paid one', async (t) => {
  const config = `clients: [{ name: bot, key: ${botKey}, freeOnly: true }]`
  const ground = await openConfigGround(t, config, { openrouter: { accounts: [{ foreignUsed: 49 }] } })
  const stand = await ground.start()
  assert.equal((await send(stand, {}, bot)).provider, 'openrouter')
  assert.equal((await send(stand, {}, bot)).status, 429)
  assert.equal((await send(stand, paid, bot)).status, 403)
  assert.equal(ground.simulator.counters().ollama.calls, 0)
  assert.equal((await send(stand)).provider, 'ollama')
})

test('thirty calls at once do not overshoot a ceiling of a day, and the next day begins anew', async (t) => {
  const ceiling = 0.005
  const ground = await openConfigGround(t, `policy: { ceilings: [{ usdPerDay: ${ceiling} }] }`)
  const stand = await ground.start()
  const burst = outcome(await Promise.all(Array.from({ length: 30 }, () => sendPaid(stand))))
  assert.ok(burst.answered >= 6, `${burst.answered} answered`)
  assert.deepEqual(burst.refusals, [429])
  const { last } = await sendUntilRefused(stand)
  assert.deepEqual([last.status, last.code], [429, 'rate_limit_exceeded'])
  assert.match(last.message, /spending ceiling \(per day\).*2026-11-24T00:00:00/)
  const spent = await dollarsSpent(ground.simulator)
  assert.ok(spent <= ceiling && spent > 0.8 * ceiling, `spent ${spent}`)
  assert.equal((await send(stand)).provider, 'openrouter', 'free calls go on')

  ground.simulator.clock.set(tomorrow)
  const next = await sendUntilRefused(stand)
  assert.ok(next.answered >= 11, `${next.answered} answered on the next day`)
  const twoDays = await dollarsSpent(ground.simulator)
  assert.ok(twoDays - spent <= ceiling, `spent ${twoDays - spent} on the next day`)
})

test('negative control: without a ceiling the same calls cost more than it', async (t) => {
  const ground = await openConfigGround(t, '')
  const stand = await ground.start()
  const burst = await Promise.all(Array.from({ length: 30 }, () => sendPaid(stand)))
  assert.deepEqual(outcome(burst), { answered: 30, refusals: [] })
  assert.ok((await dollarsSpent(ground.simulator)) > 0.01)
})

test('a ceiling of a client stops that client alone', async (t) => {
  const config = `clients: [{ name: bot, key: ${botKey}, usdPerDay: 0.002 }]`
  const ground = await openConfigGround(t, config)
  const stand = await ground.start()
  const { answered, last } = await sendUntilRefused(stand, bot)
  assert.ok(answered === 4 && last.status === 429, `${answered} answered`)
  assert.match(last.message, /client bot, per day/)
  assert.ok((await dollarsSpent(ground.simulator)) <= 0.002)
  assert.equal((await sendPaid(stand)).status, 200)
})

test('a ceiling of the included lane does not stop the paid one', async (t) => {
  await using service = await startPlayedService({
    get: (path) => (path === '/v1/models' ? { data: [{ id: 'plan-model' }] } : undefined),
    post: () => ({ status: 200, body: chatAnswer('plan-model', [10, 1000]) }),
  })
  const config = `
policy: { ceilings: [{ lane: included, usdPerDay: 0.003 }] }
providers:
  plan:
    compatible: ${service.url}/v1
    lane: included
    prices: { plan-model: { inputUsdPerMillion: 0, outputUsdPerMillion: 1 } }`
  const ground = await openConfigGround(t, config)
  const stand = await ground.start()
  const wish = { model: 'plan-model', max_tokens: 1000 }
  const answers = []
  for (let call = 0; call < 5; call++) answers.push(await send(stand, wish))
  assert.deepEqual(outcome(answers), { answered: 3, refusals: [429] })
  assert.match(answers.at(-1)?.message ?? '', /included lane, per day/)
  assert.equal((await sendPaid(stand)).status, 200)
})

test('what was spent counts after a restart, of the day and of the month', async (t) => {
  const config = 'policy: { ceilings: [{ usdPerDay: 0.003, usdPerMonth: 0.005 }] }'
  const ground = await openConfigGround(t, config)
  let stand = await ground.start()
  assert.equal((await sendUntilRefused(stand)).answered, 7)
  stand = await ground.start()
  assert.equal((await sendPaid(stand)).status, 429)
  ground.simulator.clock.set(tomorrow)
  stand = await ground.start()
  const second = await sendUntilRefused(stand)
  assert.equal(second.answered, 5)
  assert.match(second.last.message, /per month/)
  assert.ok((await dollarsSpent(ground.simulator)) <= 0.005)
  ground.simulator.clock.set(Date.UTC(2026, 11, 1, 0, 0, 1))
  assert.equal((await sendPaid(stand)).status, 200)
})

test('a restart in the last second of a day does not carry its spending into the next one', async (t) => {
  const ground = await openConfigGround(t, 'policy: { ceilings: [{ usdPerDay: 0.003 }] }')
  assert.equal((await sendUntilRefused(await ground.start())).answered, 7)
  ground.simulator.clock.set(Date.UTC(2026, 10, 23, 23, 59, 59, 500))
  const stand = await ground.start()
  assert.equal((await sendPaid(stand)).status, 429)
  ground.simulator.clock.set(tomorrow)
  assert.equal((await sendUntilRefused(stand)).answered, 7)
})

const mystery = { name: 'mystery-1', inputPrice: 1, cachedPrice: 1, outputPrice: 1 }
const withMystery = { ollama: { models: [mystery, { ...mystery, name: 'gemma4:31b' }] } }

test('under a ceiling a model without a known price is refused in plain words; a price from the config opens it', async (t) => {
  const ceilings = 'policy: { ceilings: [{ usdPerDay: 5 }] }'
  const ground = await openConfigGround(t, ceilings, withMystery)
  const refused = await send(await ground.start(), { model: 'mystery-1' })
  assert.equal(refused.status, 402, refused.message)
  assert.match(refused.message, /spending ceiling applies and no price is known/)
  assert.equal(ground.simulator.counters().ollama.calls, 0)

  writeFileSync(
    join(ground.home, 'switchyard.yaml'),
    `${ceilings}\nproviders: { ollama: { prices: { mystery-1: { inputUsdPerMillion: 1, outputUsdPerMillion: 1 } } } }`,
  )
  assert.equal((await send(await ground.start(), { model: 'mystery-1' })).status, 200)
})

test('negative control: without a ceiling a model without a known price is called', async (t) => {
  const ground = await openConfigGround(t, '', withMystery)
  assert.equal((await send(await ground.start(), { model: 'mystery-1' })).status, 200)
})

test('the reserve: others stop at 80 % of the free day, and whom it is kept for goes on', async (t) => {
  const config = `
policy: { freeOnly: true, reserve: { share: 0.2, clients: [vip] } }
clients: [{ name: vip, key: ${vipKey} }]
providers: { openrouter: { limits: { minute: 1000 } } }`
  const ground = await openConfigGround(t, config, { openrouter: { accounts: [{ perMinute: 1000 }] } })
  const stand = await ground.start()
  const run = async (count: number, options = {}) => {
    const answers = []
    for (let call = 0; call < count; call++) answers.push(await send(stand, {}, options))
    return outcome(answers)
  }
  assert.deepEqual(await run(45), { answered: 40, refusals: [429] })
  assert.match((await send(stand)).message, /10 kept for others/)
  assert.deepEqual(await run(12, vip), { answered: 10, refusals: [429] })
  ground.simulator.clock.set(tomorrow)
  assert.deepEqual(await run(1), { answered: 1, refusals: [] })
  assert.deepEqual(wasteOf(ground.simulator), { wasted: 0, refused: 0 })
})

interface Bounds {
  readonly openrouter: readonly unknown[]
  readonly ollama: readonly unknown[]
}

/** Ceilings on the length of answers as the services received them. */
async function boundsSent(t: TestContext, config: string): Promise<Bounds> {
  await using openrouter = await startPlayedService({
    get: (path) =>
      path === '/models'
        ? {
            data: [
              { id: 'paid/model', pricing: { prompt: '0.000001', completion: '0.000001' } },
              { id: 'free/model:free', pricing: { prompt: '0', completion: '0' } },
            ],
          }
        : undefined,
  })
  await using ollama = await startPlayedService({ post: () => ({ status: 200, body: ollamaAnswer() }) })
  const home = mkdtempSync(join(tmpdir(), 'switchyard-policy-'))
  t.after(() => rmSync(home, { recursive: true, force: true }))
  writeFileSync(join(home, 'switchyard.yaml'), config)
  await using stand = await openStand({
    home,
    environment: { OPENROUTER_BASE_URL: openrouter.url, OLLAMA_BASE_URL: ollama.url },
  })
  for (const model of ['paid/model', 'free/model:free', 'gemma4:31b']) {
    for (const wish of [{}, { max_tokens: 50 }, { max_completion_tokens: 60 }]) {
      const answer = await send(stand, { model, ...wish })
      assert.equal(answer.status, 200, answer.message)
    }
  }
  const options = ({ body }: { body: Readonly<Record<string, unknown>> }): unknown =>
    (body['options'] as Record<string, unknown> | undefined)?.['num_predict']
  return {
    openrouter: openrouter.calls.map(({ body }) => body['max_tokens'] ?? body['max_completion_tokens']),
    ollama: ollama.calls.filter(({ path }) => path === '/api/chat').map(options),
  }
}

test('where a ceiling applies an answer of open length is bounded, and nowhere else', async (t) => {
  assert.deepEqual(await boundsSent(t, 'policy: { ceilings: [{ usdPerDay: 5 }] }'), {
    openrouter: [8192, 50, 60, undefined, 50, 60],
    ollama: [8192, 50, 60],
  })
  assert.deepEqual(await boundsSent(t, ''), {
    openrouter: [undefined, 50, 60, undefined, 50, 60],
    ollama: [undefined, 50, 60],
  })
})

test('what a request may cost is held for all its answers, and by the larger of two lengths', async (t) => {
  await using service = await startPlayedService({
    get: (path) => (path === '/v1/models' ? { data: [{ id: 'm' }] } : undefined),
    post: ({ body }) => {
      const { n = 1, max_tokens: length = 0 } = body as { n?: number; max_tokens?: number }
      return { status: 200, body: chatAnswer('m', [0, n * length]) }
    },
  })
  const config = `
policy: { ceilings: [{ usdPerDay: 0.0045 }] }
providers:
  own:
    compatible: ${service.url}/v1
    lane: paid
    prices: { m: { inputUsdPerMillion: 0, outputUsdPerMillion: 1 } }`
  for (const wish of [
    { max_tokens: 1000, n: 4 },
    { max_tokens: 4000, max_completion_tokens: 1 },
  ]) {
    const ground = await openConfigGround(t, config)
    const stand = await ground.start()
    const calls = service.calls.length
    const answers = Array.from({ length: 3 }, () => send(stand, { model: 'own/m', ...wish }))
    assert.deepEqual(outcome(await Promise.all(answers)), { answered: 1, refusals: [429] })
    assert.equal(service.calls.length - calls, 1)
  }
})

test('who waits for a slot and then meets a ceiling hears so at once, and so do those behind them', async (t) => {
  const config = 'policy: { ceilings: [{ usdPerDay: 0.005 }] }'
  const ground = await openConfigGround(t, config, { firstTokenDelayMs: 30, ollama: { accounts: [{}] } })
  const stand = await ground.start()
  const begun = performance.now()
  const burst = outcome(await Promise.all(Array.from({ length: 20 }, () => sendPaid(stand))))
  assert.deepEqual(burst, { answered: 12, refusals: [429] })
  assert.ok(performance.now() - begun < 5000, 'nobody waits for a slot in vain')
})

test('a call that is cut counts with all that was held for it, in this process and in the next', async (t) => {
  const ground = await openConfigGround(t, 'policy: { ceilings: [{ usdPerDay: 0.001 }] }')
  const stand = await ground.start()
  // The call costs 0.04 cents at the most, and nobody says what became of it; two of them leave no room for a third.
  ground.simulator.addFault({ provider: 'ollama', kind: 'reset', times: 2 })
  const cut = await sendPaid(stand)
  assert.equal(cut.status, 503, cut.message)
  assert.equal((await sendPaid(stand)).status, 429)
  assert.ok((await stand.core.status()).spending.every(({ usd }) => usd > 0.0006))
  const next = await ground.start()
  assert.equal((await sendPaid(next)).status, 429)
})

test('where a ceiling applies, work whose price nobody can say beforehand is refused; elsewhere it goes out', async (t) => {
  await using service = await startPlayedService({
    get: (path) => (path === '/v1/models' ? { data: [{ id: 'm' }] } : undefined),
    post: () => ({ status: 200, body: chatAnswer('m', [5, 5]) }),
  })
  const own = `
providers:
  own:
    compatible: ${service.url}/v1
    lane: paid
    prices: { m: { inputUsdPerMillion: 1, outputUsdPerMillion: 1 } }`
  const search = { model: 'own/m', web_search_options: {} }
  const watched = await (await openConfigGround(t, `policy: { ceilings: [{ usdPerDay: 5 }] }${own}`)).start()
  const refused = await send(watched, search)
  assert.equal(refused.status, 402)
  assert.match(refused.message, /nobody can say beforehand what web search will cost/)
  assert.equal((await send(watched, { model: 'own/m' })).status, 200)
  const free = await (await openConfigGround(t, own)).start()
  assert.equal((await send(free, search)).status, 200)
})

test('where a ceiling applies, a list of further models is refused: the service may answer with a dearer one', async (t) => {
  const simulator = { openrouter: { accounts: [{ creditsBought: 5 }] } }
  const model = 'google/gemma-4-31b-it'
  const wish = { model, max_tokens: 10, models: [model, 'anthropic/claude-haiku-4.5'] }
  const watched = await openConfigGround(t, 'policy: { ceilings: [{ usdPerDay: 5 }] }', simulator)
  const stand = await watched.start()
  const refused = await send(stand, wish)
  assert.equal(refused.status, 402, refused.message)
  assert.match(refused.message, /nobody can say beforehand what further models will cost/)
  assert.equal((await send(stand, { ...wish, models: [model] })).status, 200)
  const free = await (await openConfigGround(t, '', simulator)).start()
  assert.equal((await send(free, wish)).status, 200)
})

const listedAt = (pricing: object): object => ({
  id: 'a/b',
  pricing: { prompt: '0.000001', completion: '0.000001', ...pricing },
  architecture: { output_modalities: ['text'] },
})

test('what a ceiling holds is what a call can cost at the dearest: long prompts, hours, a price of the call itself', async (t) => {
  const long = 'x'.repeat(2000)
  for (const [pricing, refused] of [
    [{}, false],
    [{ request: '0.1' }, true],
    [{ overrides: [{ utc_start: '0000', utc_end: '0100', completion: '0.01' }] }, true],
    [{ overrides: [{ min_prompt_tokens: 1000, prompt: '0.0001' }] }, true],
    [{ overrides: [{ min_prompt_tokens: 100_000, prompt: '0.0001' }] }, false],
    [{ overrides: [{ utc_start: '0000', prompt: 'on request' }] }, true],
  ] as const) {
    await using service = await startPlayedService({
      get: (path) => (path.endsWith('/models') ? { data: [listedAt(pricing)] } : undefined),
    })
    const config = `policy: { ceilings: [{ usdPerDay: 0.05 }] }`
    const ground = await openConfigGround(t, config)
    const stand = await ground.start({ environment: { OPENROUTER_BASE_URL: service.url } })
    const { status } = await send(stand, {
      model: 'a/b',
      max_tokens: 100,
      messages: [{ role: 'user', content: long }],
    })
    assert.deepEqual([status, service.calls.length], refused ? [402, 0] : [200, 1], JSON.stringify(pricing))
  }
})

test('where a ceiling applies, a dearer tier of service is refused; the usual and the cheaper ones go out', async (t) => {
  await using service = await startPlayedService({
    get: (path) => (path.endsWith('/models') ? { data: [listedAt({})] } : undefined),
  })
  const own = `
providers:
  own:
    compatible: ${service.url}/v1
    lane: paid
    prices: { m: { inputUsdPerMillion: 1, outputUsdPerMillion: 1 } }`
  const ground = await openConfigGround(t, `policy: { ceilings: [{ usdPerDay: 5 }] }${own}`)
  const stand = await ground.start({ environment: { OPENROUTER_BASE_URL: service.url } })
  for (const model of ['own/m', 'a/b']) {
    for (const [wish, status] of [
      [{ service_tier: 'priority' }, 402],
      [{ service_tier: 'tomorrow' }, 402],
      [{ speed: 'fast' }, 402],
      [{ service_tier: 'flex' }, 200],
      [{ service_tier: 'default' }, 200],
      [{ service_tier: null }, 200],
    ] as const) {
      const answer = await send(stand, { model, max_tokens: 10, ...wish })
      assert.equal(answer.status, status, JSON.stringify([model, wish, answer.message]))
      if (status === 402)
        assert.match(answer.message, /nobody can say beforehand what the (?:service tier|speed) "/)
    }
  }
})

test('a price from the config doubles in its peak hours, and the ledger says by which prices it was made', async (t) => {
  await using service = await startPlayedService({
    get: (path) => (path === '/v1/models' ? { data: [{ id: 'm' }] } : undefined),
    post: () => ({ status: 200, body: chatAnswer('m', [1000, 0]) }),
  })
  const config = `
providers:
  own:
    compatible: ${service.url}/v1
    lane: paid
    pricesVersion: "2026-11-01"
    prices:
      m: { inputUsdPerMillion: 1, outputUsdPerMillion: 1, peak: { factor: 2, days: [mon], from: "12:00", until: "13:00" } }
  ollama:
    pricesVersion: "2026-11-02"
    prices: { "gemma4:31b": { inputUsdPerMillion: 1, outputUsdPerMillion: 1, peak: { factor: 3, from: "13:00", until: "24:00" } } }`
  const ground = await openConfigGround(t, config)
  const stand = await ground.start()
  await send(stand, { model: 'own/m' })
  ground.simulator.clock.advance(3_600_000)
  await send(stand, { model: 'own/m' })
  await send(stand, { model: 'gemma4:31b' })
  const rows = await rowsOf(stand)
  assert.deepEqual(
    rows.slice(0, 2).map(({ nanoUsd, priceSource }) => [nanoUsd, priceSource]),
    [
      [2_000_000, 'config 2026-11-01'],
      [1_000_000, 'config 2026-11-01'],
    ],
  )
  const { usage, nanoUsd, priceSource } = rows[2] ?? {}
  assert.equal(nanoUsd, 3000 * ((usage?.input ?? 0) + (usage?.output ?? 0)))
  assert.equal(priceSource, 'config 2026-11-02')
})
