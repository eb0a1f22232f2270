import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mock, type TestContext, test } from 'node:test'
import type { Log } from '../../src/routing/settings.ts'
import type { ProviderStatus, WindowStatus } from '../../src/routing/status.ts'
import { openConfigGround } from '../support/config-ground.ts'
import {
  chatAnswer,
  type PlayedService,
  type ServiceScript,
  startPlayedService,
} from '../support/played-service.ts'
import { nextTurn, until } from '../support/probe.ts'
import { ask, noon, openStand, type Stand, type StandOptions, wasteOf } from '../support/stand.ts'

const midnight = Date.UTC(2026, 10, 24)
const oneKey = { OPENROUTER_API_KEY_2: '', OPENROUTER_API_KEY_3: '' }
const noOllama = { OLLAMA_API_KEY_1: '', OLLAMA_API_KEY_2: '' }
// How often the router looks around, in real time; the clock of the stand says what is due then.
const lookEveryMs = 15_000

/** Lets the router's own timer fire when the test says so. Before the stand is opened. */
function holdTimer(t: TestContext): () => void {
  mock.timers.enable({ apis: ['setInterval'] })
  t.after(() => mock.timers.reset())
  return () => mock.timers.tick(lookEveryMs)
}

async function provider(stand: Stand, name: string): Promise<ProviderStatus> {
  const found = (await stand.core.status()).providers.find((each) => each.name === name)
  assert.ok(found)
  return found
}

async function windowOf(stand: Stand, name: string, window: string, at = 0): Promise<WindowStatus> {
  const { accounts } = await provider(stand, name)
  const found = accounts[at]?.windows.find((each) => each.name === window)
  assert.ok(found)
  return found
}

/** Who answered, or the status of the refusal. */
async function who(
  stand: Stand,
  rest: Record<string, unknown> = {},
  options: { readonly headers?: Record<string, string> } = {},
): Promise<string> {
  const reply = await stand.chat(ask('hello', rest), options)
  await reply.text()
  return reply.status === 200 ? (reply.headers.get('x-switchyard-provider') ?? '') : String(reply.status)
}

/** A body of `GET /key` as this account would get it after credits were bought. */
function keyBody(userId: string, used: number, limit: number): string {
  return JSON.stringify({
    data: {
      creator_user_id: userId,
      free_model_daily_requests: { used, limit, remaining: Math.max(0, limit - used) },
    },
  })
}

const spentDay = (userId: string): string =>
  JSON.stringify({
    error: {
      code: 429,
      message: 'Rate limit exceeded: free-models-per-day',
      metadata: {
        headers: {
          'X-RateLimit-Limit': '50',
          'X-RateLimit-Remaining': '0',
          'X-RateLimit-Reset': String(midnight),
        },
      },
    },
    user_id: userId,
  })

test('a resting account is read at most once a minute, and never by a completion', async (t) => {
  const tick = holdTimer(t)
  await using stand = await openStand({
    simulator: {
      openrouter: { accounts: [{ foreignUsed: 50, userId: 'user_a' }], keyShowsFreeRequests: false },
    },
    environment: noOllama,
  })
  assert.equal(await who(stand), '429', 'the day is spent by others, as the refusal says')
  const before = stand.simulator.counters().openrouter
  assert.equal(before.calls, 1)
  const reads = () => stand.simulator.counters().openrouter.metadata - before.metadata
  const perMinute: number[] = []
  for (let minute = 0; minute < 9; minute++) {
    const start = reads()
    for (let quarter = 0; quarter < 4; quarter++) {
      stand.clock.advance(15_000)
      tick()
      for (let turn = 0; turn < 50; turn++) await nextTurn()
    }
    perMinute.push(reads() - start)
  }
  assert.ok(
    perMinute.every((count) => count <= 1),
    perMinute.join(' '),
  )
  assert.ok(reads() >= 8, `${reads()} readings`)
  assert.equal(stand.simulator.counters().openrouter.calls, 1, 'no completion was made to find out')
})

test('an account at rest comes back when its key shows something left, and not before 90 seconds', async (t) => {
  const tick = holdTimer(t)
  await using stand = await openStand({
    simulator: { openrouter: { accounts: [{ userId: 'user_a', perDay: 1000 }] } },
    environment: noOllama,
  })
  stand.simulator.addFault({ provider: 'openrouter', kind: 'custom', status: 429, body: spentDay('user_a') })
  assert.equal(await who(stand), '429')
  const cooldowns = async () => (await provider(stand, 'openrouter')).accounts[0]?.cooldowns ?? []
  const [rest] = await cooldowns()
  assert.deepEqual([rest?.lane, rest?.until], ['free', new Date(midnight).toISOString()])

  // Credits were bought: the service counts anew under a higher limit.
  stand.simulator.addFault({
    provider: 'openrouter',
    kind: 'custom',
    path: '/key',
    status: 200,
    times: 'always',
    body: keyBody('user_a', 50, 1000),
  })
  const reads = () => stand.simulator.counters().openrouter.metadata
  let count = reads()
  const look = async (): Promise<void> => {
    tick()
    await until(() => reads() > count, 'the account is read')
    count = reads()
    for (let turn = 0; turn < 50; turn++) await nextTurn()
  }
  stand.clock.set(noon + 60_000)
  await look()
  assert.equal((await cooldowns()).length, 1, 'the figure may be older than the refusal')
  assert.equal(await who(stand), '429')
  stand.clock.set(noon + 120_000)
  await look()
  assert.deepEqual(await cooldowns(), [])
  assert.equal(await who(stand), 'openrouter')
  const day = await windowOf(stand, 'openrouter', 'day')
  assert.deepEqual([day.max, day.provider?.used], [1000, 50])
  assert.equal(stand.simulator.counters().openrouter.wasted, 0)
})

test('an early return is remembered over a restart', async (t) => {
  const ground = await openConfigGround(t, '', {
    openrouter: { accounts: [{ userId: 'user_a', perDay: 1000, keys: ['sk-or-v1-a'.padEnd(73, 'a')] }] },
  })
  ground.simulator.addFault({ provider: 'openrouter', kind: 'custom', status: 429, body: spentDay('user_a') })
  const environment = noOllama
  let stand = await ground.start({ environment })
  assert.equal(await who(stand), '429')
  ground.simulator.clock.advance(100_000)
  stand = await ground.start({ environment })
  assert.equal(await who(stand), 'openrouter', 'read at the start')
  stand = await ground.start({ environment })
  assert.deepEqual((await provider(stand, 'openrouter')).accounts[0]?.cooldowns, [])
})

test('a spent balance is read at the start: no call is wasted on it until the stated renewal', async () => {
  const renewal = Date.UTC(2026, 11, 1)
  await using stand = await openStand({
    simulator: { ollama: { accounts: [{ includedUsd: 0, name: 'empty' }, { name: 'full' }] } },
    environment: { ...oneKey, OPENROUTER_API_KEY_1: '' },
  })
  for (let call = 0; call < 6; call++) assert.equal(await who(stand), 'ollama')
  const { accounts } = stand.simulator.counters().ollama
  assert.deepEqual([accounts['empty']?.calls, accounts['full']?.calls], [0, 6])
  const [first] = (await provider(stand, 'ollama')).accounts
  assert.equal(first?.cooldowns[0]?.until, new Date(renewal).toISOString())
  stand.clock.set(renewal + 1)
  for (let call = 0; call < 6; call++) assert.equal(await who(stand), 'ollama')
  assert.equal(stand.simulator.counters().ollama.accounts['empty']?.calls, 3)
  assert.deepEqual(wasteOf(stand.simulator), { wasted: 0, refused: 0 })
})

test('a figure of yesterday does not close the new day', async (t) => {
  const tick = holdTimer(t)
  await using stand = await openStand({
    simulator: { openrouter: { accounts: [{ userId: 'user_a' }] } },
    environment: noOllama,
  })
  stand.simulator.addFault({
    provider: 'openrouter',
    kind: 'custom',
    path: '/key',
    status: 200,
    times: 'always',
    body: keyBody('user_a', 50, 50),
  })
  const reads = () => stand.simulator.counters().openrouter.metadata
  const read = async (at: number): Promise<void> => {
    const count = reads()
    stand.clock.set(at)
    tick()
    await until(() => reads() >= count + 2, 'account and models are read')
    for (let turn = 0; turn < 50; turn++) await nextTurn()
  }
  await read(midnight + 10_000)
  assert.equal(await who(stand), 'openrouter')
  // Negative control: the same figure later in the day is today's.
  await read(midnight + 3_600_000)
  assert.equal(await who(stand), '429')
})

test('twenty calls at once on two accounts of three slots: all are answered, never more than six at a time', async () => {
  await using stand = await openStand({
    simulator: { chunkDelayMs: 2 },
    environment: { ...oneKey, OPENROUTER_API_KEY_1: '' },
  })
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      who(stand, { stream: true, messages: [{ role: 'user', content: 'repeat 20 words' }] }),
    ),
  )
  assert.deepEqual([...new Set(answers)], ['ollama'])
  const { peak, refused, accounts } = stand.simulator.counters().ollama
  assert.ok(peak <= 6, `${peak} at a time`)
  assert.equal(refused, 0)
  assert.deepEqual(
    Object.values(accounts).map((each) => each.peak <= 3),
    [true, true],
  )
})

test('who cannot wait for a slot is told to come back, and is not called broken', async () => {
  await using stand = await openStand({
    simulator: { firstTokenDelayMs: 300, ollama: { accounts: [{ concurrency: 3 }] } },
    environment: { ...oneKey, OPENROUTER_API_KEY_1: '' },
    routing: { slotWaitMs: 20 },
  })
  const answers = await Promise.all(Array.from({ length: 6 }, () => who(stand)))
  assert.deepEqual(answers.toSorted(), ['429', '429', '429', 'ollama', 'ollama', 'ollama'])
  assert.equal(stand.simulator.counters().ollama.peak, 3)
})

test('where no plan is told, a refused slot teaches how many calls fit', async () => {
  await using stand = await openStand({
    simulator: {
      // Long enough for calls of a busy machine to overlap.
      firstTokenDelayMs: 600,
      ollama: { accounts: [{ plan: 'payg', concurrency: 2, slotWaitMs: 5 }] },
    },
    environment: { ...oneKey, OPENROUTER_API_KEY_1: '' },
  })
  assert.equal((await windowOf(stand, 'ollama', 'in-flight')).max, undefined)
  await Promise.all(Array.from({ length: 3 }, () => who(stand)))
  assert.equal((await windowOf(stand, 'ollama', 'in-flight')).max, 2)
  stand.clock.advance(60_000)
  const { refused } = stand.simulator.counters().ollama
  assert.equal(refused, 1)
  const answers = await Promise.all(Array.from({ length: 8 }, () => who(stand)))
  assert.deepEqual([...new Set(answers)], ['ollama'])
  assert.equal(stand.simulator.counters().ollama.refused, refused, 'learned once, kept to')
})

interface Listed {
  readonly id: string
  readonly price?: string
  readonly context?: number
  readonly can?: readonly string[]
  readonly sees?: boolean
}

function listing(models: readonly Listed[]): unknown {
  return {
    data: models.map(({ id, price = '0', context = 100_000, can = [], sees = false }) => ({
      id,
      pricing: { prompt: price, completion: price },
      context_length: context,
      supported_parameters: can,
      architecture: { input_modalities: sees ? ['text', 'image'] : ['text'], output_modalities: ['text'] },
    })),
  }
}

/** A stand whose free service is played by the test. */
async function openPlayed(
  t: TestContext,
  models: () => readonly Listed[],
  config: string,
  more: { readonly post?: ServiceScript['post']; readonly options?: StandOptions } = {},
): Promise<{ readonly service: PlayedService; readonly stand: Stand }> {
  const service = await startPlayedService({
    get: (path) => (path === '/models' ? listing(models()) : undefined),
    ...(more.post === undefined ? {} : { post: more.post }),
  })
  const home = mkdtempSync(join(tmpdir(), 'switchyard-quota-'))
  writeFileSync(join(home, 'switchyard.yaml'), config)
  const { environment, ...options } = more.options ?? {}
  const stand = await openStand({
    home,
    ...options,
    environment: { OPENROUTER_BASE_URL: service.url, ...oneKey, ...environment },
  })
  t.after(async () => {
    await stand[Symbol.asyncDispose]()
    await service[Symbol.asyncDispose]()
    rmSync(home, { recursive: true, force: true })
  })
  return { service, stand }
}

/** Keeps what was warned of. */
function listeningLog(): { readonly log: Log; readonly warnings: string[] } {
  const warnings: string[] = []
  return { warnings, log: { info: () => {}, warn: (message) => void warnings.push(message) } }
}

test('a free model that gained a price is refused, warned of and listed; its paid twin is never called', async (t) => {
  const tick = holdTimer(t)
  const { log, warnings } = listeningLog()
  let price = '0'
  const names = ['vendor/model:free', 'vendor/plain', 'vendor/kept:free']
  const { service, stand } = await openPlayed(
    t,
    () => [
      { id: 'vendor/model', price: '0.000001' },
      ...names.slice(0, 2).map((id) => ({ id, price })),
      { id: 'vendor/kept:free' },
    ],
    '',
    { options: { log } },
  )
  for (const model of names) assert.equal(await who(stand, { model }), 'openrouter')
  price = '0.000001'
  stand.clock.advance(600_000)
  tick()
  await until(() => warnings.length >= 2, 'the change is warned of')
  assert.match(warnings.join('\n'), /free model vendor\/model:free has a price now/)
  assert.match(warnings.join('\n'), /free model vendor\/plain has a price now/)
  const { drift } = await provider(stand, 'openrouter')
  assert.deepEqual(
    drift.map(({ model, change }) => [model, change]),
    [
      ['vendor/model:free', 'priced'],
      ['vendor/plain', 'priced'],
    ],
  )
  for (const model of names.slice(0, 2)) {
    const reply = await stand.chat(ask('hello', { model }))
    assert.equal(reply.status, 404, `${model}: ${await reply.clone().text()}`)
    assert.match(await reply.text(), /price now/)
  }
  assert.equal(await who(stand, { model: 'vendor/kept:free' }), 'openrouter')
  assert.deepEqual(
    service.calls.map(({ body }) => body['model']),
    [...names, 'vendor/kept:free'],
  )

  price = '0'
  stand.clock.advance(600_000)
  tick()
  await until(async () => (await provider(stand, 'openrouter')).drift.length === 0, 'free again')
  for (const model of names) assert.equal(await who(stand, { model }), 'openrouter')
})

test('auto goes on to the paid lane when the free model it would take has a price', async (t) => {
  const { service, stand } = await openPlayed(t, () => [{ id: 'openrouter/free', price: '0.000001' }], '')
  assert.equal(await who(stand), 'ollama')
  assert.equal(service.calls.length, 0)
})

const best = 'providers: { openrouter: { auto: best } }'
const tool = { type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }
const pool: readonly Listed[] = [
  { id: 'a/paid', price: '0.000001', context: 900_000, can: ['tools'] },
  { id: 'a/plain:free', context: 800_000 },
  { id: 'a/one:free', context: 500_000, can: ['tools'] },
  { id: 'a/two:free', context: 400_000, can: ['tools'] },
  { id: 'a/three:free', context: 300_000, can: ['tools'], sees: true },
  { id: 'a/four:free', context: 200_000, can: ['tools'] },
]
const modelsOf = (service: PlayedService): unknown => {
  const body = service.calls.at(-1)?.body
  return [body?.['model'], body?.['models']]
}

test('auto: best sends at most three free models that can do what the request needs', async (t) => {
  const { service, stand } = await openPlayed(t, () => pool, best)
  assert.equal(await who(stand), 'openrouter')
  assert.deepEqual(modelsOf(service), ['a/plain:free', ['a/plain:free', 'a/one:free', 'a/two:free']])
  await who(stand, { tools: [tool] })
  assert.deepEqual(modelsOf(service), ['a/one:free', ['a/one:free', 'a/two:free', 'a/three:free']])
  const picture = { type: 'image_url', image_url: { url: 'https://example.com/x.png' } }
  await who(stand, { messages: [{ role: 'user', content: [{ type: 'text', text: 'see' }, picture] }] })
  assert.deepEqual(modelsOf(service), ['a/three:free', undefined])
  await who(stand, {
    tools: [tool],
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema: {} } },
  })
  assert.deepEqual(
    modelsOf(service),
    ['openrouter/free', undefined],
    'nothing fits: the service’s own router',
  )
})

test('auto: best passes over a model that rests', async (t) => {
  const gone = { error: { code: 404, message: 'No endpoints found for a/plain:free.' } }
  const { service, stand } = await openPlayed(t, () => pool, best, {
    post: ({ body }) =>
      body['model'] === 'a/plain:free' ? { status: 404, body: gone } : { status: 200, body: chatAnswer() },
  })
  await who(stand)
  await who(stand)
  assert.deepEqual(modelsOf(service), ['a/one:free', ['a/one:free', 'a/two:free', 'a/three:free']])
  assert.equal(service.calls.filter(({ body }) => body['model'] === 'a/plain:free').length, 1)
})

const nothing = { prompt: 0, completion: 0, request: 0, image: 0 }

test('free calls carry a price ceiling of nothing beside the client’s own routing; paid calls do not', async (t) => {
  const { service, stand } = await openPlayed(t, () => pool, '')
  const own = { order: ['deepinfra'], allow_fallbacks: false, max_price: { prompt: 9 } }
  await who(stand, { provider: own })
  await who(stand)
  await who(stand, { model: 'a/paid', provider: own })
  assert.deepEqual(
    service.calls.map(({ body }) => body['provider']),
    [{ ...own, max_price: nothing }, { max_price: nothing }, own],
  )
})

test('a service that refuses the ceiling of nothing is asked without it, from then on', async (t) => {
  const { log, warnings } = listeningLog()
  const own = { order: ['deepinfra'] }
  const { service, stand } = await openPlayed(t, () => pool, '', {
    post: ({ body }) =>
      'max_price' in ((body['provider'] as object | undefined) ?? {})
        ? {
            status: 400,
            body: { error: { code: 400, message: 'provider.max_price.prompt: must be greater than 0' } },
          }
        : { status: 200, body: chatAnswer() },
    options: { log },
  })
  assert.equal(await who(stand, { provider: own }), 'openrouter')
  assert.equal(await who(stand, { provider: own }), 'openrouter')
  assert.deepEqual(
    service.calls.map(({ body }) => body['provider']),
    [{ ...own, max_price: nothing }, own, own],
  )
  assert.equal(warnings.filter((warning) => /guards free calls/.test(warning)).length, 1)
  const { accounts } = await provider(stand, 'openrouter')
  assert.deepEqual(accounts[0]?.cooldowns, [], 'nobody rests for it')
})

test('a free call does not take along names that cost money, whatever fallbacks the client lists', async (t) => {
  const { service, stand } = await openPlayed(t, () => pool, '')
  const models = ['a/paid', 'a/two:free']
  await who(stand, { model: 'a/one:free', models })
  await who(stand, { model: 'a/one:free', models: ['a/paid'] })
  await who(stand, { models })
  await who(stand, { model: 'a/paid', models })
  assert.deepEqual(
    service.calls.map(({ body }) => body['models']),
    [['a/one:free', 'a/two:free'], ['a/one:free'], ['openrouter/free', 'a/two:free'], models],
  )
})

test('calls at the same time that are all refused the ceiling of nothing are all answered without it', async (t) => {
  const { service, stand } = await openPlayed(t, () => pool, '', {
    post: ({ body }) =>
      'provider' in body
        ? { status: 400, body: { error: { code: 400, message: 'max_price must be greater than 0' } } }
        : { status: 200, body: chatAnswer() },
  })
  const answers = await Promise.all(Array.from({ length: 5 }, () => who(stand)))
  assert.deepEqual([...new Set(answers)], ['openrouter'])
  assert.equal(service.calls.filter(({ body }) => !('provider' in body)).length, 5)
})
