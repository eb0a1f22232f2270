import assert from 'node:assert/strict'
import { mock, type TestContext, test } from 'node:test'
import type { Comparison } from '../../src/ledger/ledger.ts'
import { Desk } from '../support/cli.ts'
import { nextTurn, until } from '../support/probe.ts'
import { adminKey, ask, noon, openStand, type Stand } from '../support/stand.ts'

const today = Date.UTC(2026, 10, 23)
const tomorrow = Date.UTC(2026, 10, 24)
const oneAccount = {
  openrouter: { accounts: [{ userId: 'user_a' }] },
  ollama: { accounts: [{ name: 'acme' }] },
}
const oneKeyEach = { OPENROUTER_API_KEY_2: '', OPENROUTER_API_KEY_3: '', OLLAMA_API_KEY_2: '' }

/** Makes the router look around, as its own timer does every 15 seconds. Before the stand is opened. */
function looker(t: TestContext): (stand: Stand) => Promise<void> {
  mock.timers.enable({ apis: ['setInterval'] })
  t.after(() => mock.timers.reset())
  return async (stand) => {
    const reads = (): number => {
      const { openrouter, ollama } = stand.simulator.counters()
      return openrouter.metadata * 1000 + ollama.metadata
    }
    const before = reads()
    mock.timers.tick(15_000)
    await until(() => reads() !== before, 'something is read')
    for (let turn = 0; turn < 200; turn++) await nextTurn()
  }
}

/** A program that uses the same key, of which the router knows nothing. */
async function foreignCall(stand: Stand): Promise<void> {
  const [key] = stand.simulator.keys.openrouter
  const reply = await fetch(`${stand.simulator.openrouterUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...ask('hello'), model: 'openrouter/free' }),
  })
  assert.equal(reply.status, 200, await reply.text())
}

async function chat(stand: Stand, model: string): Promise<void> {
  const reply = await stand.chat(ask('hello', { model }))
  assert.equal(reply.status, 200, await reply.text())
}

const shown = (comparisons: readonly Comparison[], provider: string): unknown =>
  comparisons
    .filter((each) => each.provider === provider)
    .map(({ name, key, day, service, ours, complete }) => [name, key ?? '', day, service, ours, complete])

test('what the services count stands beside our ledger, and what others used shows as the difference', async (t) => {
  const look = looker(t)
  await using stand = await openStand({ simulator: oneAccount, environment: oneKeyEach })
  await chat(stand, 'auto')
  await chat(stand, 'auto')
  await foreignCall(stand)
  await chat(stand, 'gemma4:31b')
  stand.clock.set(noon + 700_000)
  await look(stand)
  const comparisons = await stand.core.comparisons(today)
  assert.deepEqual(shown(comparisons, 'openrouter'), [
    ['free requests', '', today, 3, 2, false],
    ['spent', 'OPENROUTER_API_KEY_1', today, 0, 0, false],
  ])
  const [requests, dollars] = comparisons.filter(({ provider }) => provider === 'ollama')
  assert.deepEqual([requests?.name, requests?.service, requests?.ours], ['requests', 1, 1])
  assert.equal(dollars?.name, 'spent')
  assert.ok((dollars?.service ?? 0) > 0)
  assert.equal(dollars?.service, dollars?.ours)

  // Asked over HTTP, by whoever holds the admin key only.
  const askGateway = (key: string, body: unknown): Promise<Response> =>
    fetch(`${stand.gateway.url}/admin/reconcile`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const since = new Date(today).toISOString()
  const reply = await askGateway(adminKey, { since })
  assert.deepEqual(((await reply.json()) as { comparisons: unknown }).comparisons, comparisons)
  assert.equal((await askGateway(stand.clientKey, { since })).status, 401)
  assert.equal((await askGateway(adminKey, { since: 'yesterday' })).status, 400)
})

test('when the day is over the service’s count of the whole day replaces what was read while it ran', async (t) => {
  const look = looker(t)
  await using stand = await openStand({ simulator: oneAccount, environment: oneKeyEach })
  await chat(stand, 'gemma4:31b')
  stand.clock.set(noon + 700_000)
  await look(stand)
  await chat(stand, 'gemma4:31b')
  stand.clock.set(tomorrow + 700_000)
  await look(stand)
  const comparisons = (await stand.core.comparisons(today)).filter(({ day }) => day === today)
  assert.deepEqual(
    comparisons
      .filter(({ provider }) => provider === 'ollama')
      .map(({ name, service, ours, complete }) => [
        name,
        name === 'spent' ? service - ours : service,
        complete,
      ]),
    [
      ['requests', 2, true],
      ['spent', 0, true],
    ],
  )
})

test('switchyard reconcile shows what a stopped gateway has kept, in words and as JSON', async (t) => {
  const look = looker(t)
  await using stand = await openStand({ simulator: oneAccount, environment: oneKeyEach })
  const now = Date.now()
  stand.clock.set(now)
  await chat(stand, 'auto')
  await foreignCall(stand)
  stand.clock.set(now + 700_000)
  await look(stand)
  await stand.core.comparisons(0)
  await stand.stop()
  using desk = new Desk({ SWITCHYARD_HOME: stand.home, SWITCHYARD_PORT: '1' })
  const [words, json, wrong] = await Promise.all([
    desk.run(['reconcile', '--days', '2']),
    desk.run(['reconcile', '--days', '2', '--json']),
    desk.run(['reconcile', '--days', 'many']),
  ])
  assert.match(words.out, /openrouter OPENROUTER_API_KEY_1, free requests: service \d, ledger \d, /)
  const rows = JSON.parse(json.out) as readonly { readonly name: string; readonly difference: number }[]
  assert.ok(rows.some(({ name }) => name === 'free requests'))
  assert.deepEqual([wrong.code, /--days takes a number from 1 to 366/.test(wrong.err)], [2, true])
})
