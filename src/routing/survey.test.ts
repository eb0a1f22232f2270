import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { createMovableClock, type MovableClock } from '../clock.ts'
import type { Owner } from '../ledger/ledger.ts'
import type { AccountNews, Fault, Provider } from '../providers/provider.ts'
import { Secret } from '../secret.ts'
import { createTransport } from '../wire/transport.ts'
import { Survey } from './survey.ts'
import { createUpstream, type Upstream } from './upstream.ts'

const noon = Date.UTC(2026, 10, 23, 12)
const midnight = Date.UTC(2026, 10, 24)
const minuteMs = 60_000

interface Setup {
  readonly clock: MovableClock
  readonly upstream: Upstream
  readonly survey: Survey
  readonly warnings: string[]
  readonly owners: Owner[]
  /** How many notes the ledger was given before each time that it was waited for. */
  readonly portions: number[]
  /** Method and path of every call, in order. */
  readonly calls: string[]
  /** Makes the account of this key rest until midnight. */
  rest(key: number): void
  /** What the service says from now on; undefined: 500. */
  news: AccountNews | undefined
  models: readonly { readonly id: string; readonly free: boolean }[] | undefined
  /** Answers wait for it; of `held` alone, where it names a key. */
  gate: Promise<void> | undefined
  held: string | undefined
}

/** Two keys at a service that tells accounts and models over real HTTP. */
async function setup(
  t: TestContext,
  news: AccountNews | undefined = { limits: [] },
  names: readonly string[] = ['one', 'two'],
): Promise<Setup> {
  const calls: string[] = []
  const state: Pick<Setup, 'news' | 'models' | 'gate' | 'held'> = {
    news,
    models: [{ id: 'm', free: true }],
    gate: undefined,
    held: undefined,
  }
  const server = createServer(async (request, response) => {
    calls.push(`${request.method} ${request.url} ${request.headers.authorization}`)
    const { authorization = '' } = request.headers
    if (state.held === undefined || authorization === `secret-${state.held}`) await state.gate
    const found = request.url === '/models' ? state.models : state.news
    response.writeHead(found === undefined ? 500 : 200).end(JSON.stringify(found ?? {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const provider: Provider = {
    name: 'service',
    title: 'Service',
    baseUrl: 'https://service.example',
    environment: { key: 'SERVICE_KEY', baseUrl: 'SERVICE_URL' },
    speaks: { 'openai-chat': { path: '/chat' } },
    authorize: (secret) => ({ authorization: secret }),
    lane: 'free',
    spread: 'in-order',
    auto: { only: () => ({ model: 'm' }) },
    claims: () => true,
    upstreamModel: (model) => model,
    isFree: () => true,
    limits: [{ name: 'day', metric: 'requests', window: 'day', lane: 'free' }],
    faultRules: [],
    readFailure: () => ({ status: 0, message: '', shaped: false, marks: [] }),
    account: async (get) => (await get('/key')) as unknown as AccountNews,
    models: async (get) => (await get('/models')) as unknown as readonly { id: string; free: boolean }[],
  }
  const clock = createMovableClock({ start: noon })
  const transport = createTransport({ connectMs: 1000, headersMs: 1000, idleMs: 1000 })
  const upstream = createUpstream(
    {
      provider,
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      keys: names.map((name) => ({ name, secret: new Secret(`secret-${name}`) })),
    },
    { clock, random: () => 0.5, holds: { hold: () => {}, release: () => {} } },
  )
  const warnings: string[] = []
  const owners: Owner[] = []
  const portions: number[] = [0]
  const count = (): number => (portions[portions.length - 1] = (portions.at(-1) ?? 0) + 1)
  const survey = new Survey([upstream], {
    transport,
    clock,
    log: { info: () => {}, warn: (message) => void warnings.push(message) },
    identify: (owner) => {
      owners.push(owner)
      count()
    },
    compare: count,
    flush: async () => void portions.push(0),
  })
  t.after(async () => {
    survey.end()
    await transport.close()
    server.close()
    server.closeAllConnections()
  })
  const fault: Fault = {
    rule: 'r',
    kind: 'quota',
    scope: 'account',
    lane: 'free',
    message: 'spent',
    stated: true,
    until: midnight,
  }
  return Object.assign(state, {
    clock,
    upstream,
    survey,
    warnings,
    owners,
    portions,
    calls,
    rest: (key: number) => {
      const account = upstream.pool.accounts[key]
      const credential = account?.keys[0]
      assert.ok(account && credential)
      upstream.pool.rests.blame(fault, {
        account,
        credential,
        model: 'm',
        startedAt: clock.now(),
        free: true,
      })
    },
  })
}

const readsOf = ({ calls }: Setup, key: string): number =>
  calls.filter((call) => call === `GET /key secret-${key}`).length

test('every key is read at the start, and the models once', async (t) => {
  const ground = await setup(t)
  await ground.survey.begin()
  assert.deepEqual(ground.calls.toSorted(), [
    'GET /key secret-one',
    'GET /key secret-two',
    'GET /models secret-one',
  ])
})

test('of many keys all are read, but at most 32 at once', async (t) => {
  const names = Array.from({ length: 200 }, (_, index) => `key-${index}`)
  const ground = await setup(t, { limits: [] }, names)
  const gate = Promise.withResolvers<void>()
  ground.gate = gate.promise
  const read = Promise.all([ground.survey.begin(), ground.survey.look()])
  // Nothing is answered, so what arrives is open; many turns after the last one, nothing more will arrive.
  for (let quiet = 0, seen = 0; seen === 0 || quiet < 200; quiet++) {
    await new Promise((resolve) => setImmediate(resolve))
    if (ground.calls.length > seen) quiet = 0
    seen = ground.calls.length
  }
  assert.equal(ground.calls.length, 32)
  gate.resolve()
  await read
  assert.deepEqual(
    names.map((name) => readsOf(ground, name)),
    names.map(() => 1),
  )
})

test('what one account tells counts at once, however long others take', async (t) => {
  const ground = await setup(t, { account: 'same', limits: [{ limit: 'day', used: 10 }] })
  const gate = Promise.withResolvers<void>()
  Object.assign(ground, { gate: gate.promise, held: 'two' })
  for (const name of ['one', 'two']) ground.upstream.pool.recount(name, 'day', 4)
  const read = ground.survey.begin()
  const [first] = ground.upstream.pool.accounts
  const used = (): number | undefined => first?.counters[0]?.used(noon)
  for (let turn = 0; turn < 10_000 && used() !== 10; turn++)
    await new Promise((resolve) => setImmediate(resolve))
  assert.equal(used(), 10)
  gate.resolve()
  await read
  // The other key's four calls are among the ten.
  assert.deepEqual([ground.upstream.pool.accounts.length, used()], [1, 10])
})

test('the models are read with a key that does not rest, if there is one', async (t) => {
  const ground = await setup(t)
  const [first, second] = ground.upstream.pool.accounts
  first?.rests.all.set(midnight, { kind: 'blocked', why: 'blocked', at: noon })
  await ground.survey.begin()
  second?.keys[0]?.rest.set(midnight, { kind: 'credential', why: 'revoked', at: noon })
  ground.clock.advance(600_000)
  await ground.survey.look()
  assert.deepEqual(
    ground.calls.filter((call) => call.includes('/models')),
    ['GET /models secret-two', 'GET /models secret-one'],
  )
})

test('an account that rests is read again after a minute, one that works after ten', async (t) => {
  const ground = await setup(t)
  await ground.survey.begin()
  ground.rest(0)
  const seen: [number, number, number][] = []
  for (const minutes of [0.9, 1, 1.9, 2, 9, 10]) {
    ground.clock.set(noon + minutes * minuteMs)
    await ground.survey.look()
    seen.push([minutes, readsOf(ground, 'one'), readsOf(ground, 'two')])
  }
  assert.deepEqual(seen, [
    [0.9, 1, 1],
    [1, 2, 1],
    [1.9, 2, 1],
    [2, 3, 1],
    [9, 4, 1],
    [10, 5, 2],
  ])
})

test('two looks at the same time read once', async (t) => {
  const ground = await setup(t)
  await ground.survey.begin()
  ground.rest(0)
  ground.clock.advance(600_000)
  const before = ground.calls.length
  await Promise.all([ground.survey.look(), ground.survey.look()])
  assert.deepEqual(ground.calls.slice(before).toSorted(), [
    'GET /key secret-one',
    'GET /key secret-two',
    'GET /models secret-one',
  ])
})

test('what many accounts tell is given to the ledger in portions, so that the rows of calls have room', async (t) => {
  const names = Array.from({ length: 300 }, (_, index) => `key-${index}`)
  const pastDays = Array.from({ length: 7 }, () => ({ limit: 'day', day: noon - 12 * 3_600_000, used: 1 }))
  const ground = await setup(t, { limits: [{ limit: 'day', used: 1 }], pastDays }, names)
  await ground.survey.begin()
  assert.deepEqual(ground.portions, [1000, 1000, 400])
})

test('of an account with several keys one is read', async (t) => {
  const ground = await setup(t, { account: 'same', limits: [] })
  await ground.survey.begin()
  assert.equal(ground.upstream.pool.accounts.length, 1)
  assert.deepEqual(
    ground.owners.map(({ account }) => account),
    ['same', 'same'],
  )
  ground.rest(0)
  ground.clock.advance(minuteMs)
  await ground.survey.look()
  assert.deepEqual([readsOf(ground, 'one'), readsOf(ground, 'two')], [2, 1])
})

test('a reading that fails is told, changes nothing, and is not repeated before its time', async (t) => {
  const ground = await setup(t)
  await ground.survey.begin()
  ground.rest(0)
  ground.news = undefined
  ground.models = undefined
  ground.clock.advance(600_000)
  await ground.survey.look()
  await ground.survey.look()
  assert.equal(readsOf(ground, 'one'), 2)
  assert.deepEqual(ground.warnings.toSorted(), [
    'the account of one could not be read',
    'the account of two could not be read',
    'the model list of Service could not be read',
  ])
  assert.equal(ground.upstream.catalogue.models.length, 1)
  assert.ok(ground.upstream.pool.accounts[0]?.rests.free.active(ground.clock.now()))
})

test('what is left ends the rest; a free model that gained a price or left the list is warned of', async (t) => {
  const ground = await setup(t)
  ground.models = ['a', 'b', 'c'].map((id) => ({ id, free: true }))
  await ground.survey.begin()
  ground.rest(0)
  ground.news = { limits: [{ limit: 'day', max: 1000 }], capacity: { lane: 'free', left: true } }
  ground.models = [
    { id: 'a', free: true },
    { id: 'b', free: false },
  ]
  ground.clock.advance(600_000)
  await ground.survey.look()
  assert.equal(ground.upstream.pool.accounts[0]?.rests.free.active(ground.clock.now()), false)
  assert.deepEqual(ground.warnings, [
    'the free model b has a price now; it is not called, and nothing takes its place',
    'the free model c is listed no more; it is not called, and nothing takes its place',
  ])
  // Back with a price is no less of a surprise than a price at once.
  ground.models = ['a', 'b', 'c'].map((id) => ({ id, free: id === 'a' }))
  ground.clock.advance(600_000)
  await ground.survey.look()
  assert.match(ground.warnings.at(-1) ?? '', /free model c has a price now/)
  assert.deepEqual(
    ['a', 'b', 'c'].map((id) => ground.upstream.catalogue.gainedPrice(id)),
    [false, true, true],
  )
})

test('property: however often it looks, no account is read twice within a minute, and nothing is asked but metadata', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 25 }), async (waits) => {
      const ground = await setup(t)
      await ground.survey.begin()
      ground.rest(0)
      ground.rest(1)
      let readAt = ground.clock.now()
      for (const wait of waits) {
        ground.clock.advance(wait)
        const before = readsOf(ground, 'one')
        await Promise.all([ground.survey.look(), ground.survey.look()])
        const reads = readsOf(ground, 'one') - before
        if (reads === 0) continue
        assert.ok(reads === 1 && ground.clock.now() - readAt >= minuteMs, 'read too often')
        readAt = ground.clock.now()
      }
      assert.ok(ground.calls.every((call) => /^GET \/(?:key|models) /.test(call)))
      ground.survey.end()
    }),
    { numRuns: 20 },
  )
})
