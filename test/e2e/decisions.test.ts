import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { dialectNamed } from '../../src/dialects/index.ts'
import { draftFromBytes } from '../../src/relay/draft.ts'
import type { RoutePlan } from '../../src/routing/preview.ts'
import type { Step } from '../../src/routing/trail.ts'
import type { Why } from '../../src/routing/why.ts'
import { canaries, canaryKeys, canarySimulator, secretsIn } from '../support/canaries.ts'
import { environmentFor } from '../../src/simulator/index.ts'
import { Desk } from '../support/cli.ts'
import { openConfigGround } from '../support/config-ground.ts'
import { nextTurn } from '../support/probe.ts'
import { ollamaAnswer, startPlayedService } from '../support/played-service.ts'
import { adminKey, ask, clientKey, noon, openStand, type Stand } from '../support/stand.ts'

const oneKey = { OPENROUTER_API_KEY_2: '', OPENROUTER_API_KEY_3: '', OLLAMA_API_KEY_2: '' }
const twoAccounts = {
  openrouter: { accounts: [{ userId: 'user_a', foreignUsed: 50 }, { userId: 'user_b' }] },
}
const paid = { model: 'gemma4:31b' }

interface Told {
  readonly status: number
  readonly id: string
  readonly headers: Headers
}

async function send(
  stand: Stand,
  rest: Record<string, unknown> = {},
  headers: Record<string, string> = {},
  content = 'hello',
): Promise<Told> {
  const reply = await stand.chat(ask(content, rest), { headers })
  await reply.text()
  return { status: reply.status, id: reply.headers.get('x-request-id') ?? '', headers: reply.headers }
}

function admin(stand: Stand, path: string, body: unknown, key = adminKey): Promise<Response> {
  return fetch(`${stand.gateway.url}/admin/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

async function whyOf(stand: Stand, { id }: Pick<Told, 'id'>): Promise<Why> {
  const reply = await admin(stand, 'why', { id })
  assert.equal(reply.status, 200, await reply.clone().text())
  return (await reply.json()) as Why
}

async function planOf(stand: Stand, body: Record<string, unknown>): Promise<RoutePlan> {
  const reply = await admin(stand, 'plan', body)
  assert.equal(reply.status, 200, await reply.clone().text())
  return (await reply.json()) as RoutePlan
}

/** The parts of a step that say what it is about. */
function shown(steps: readonly Step[]): readonly (string | undefined)[][] {
  return steps.map((step) => {
    const { type, provider, account, kind } = step as Partial<Record<string, string>>
    return [type, provider, account, kind].filter((part) => part !== undefined)
  })
}

test('a request that nothing stood before leaves its call and nothing else, and why says so', async () => {
  await using stand = await openStand({ environment: oneKey })
  const why = await whyOf(stand, await send(stand, { max_tokens: 20 }))
  assert.deepEqual(
    [why.end, why.record, why.steps, why.client, why.asked],
    ['answered', 'none', [], 'default', 'auto'],
  )
  const [attempt] = why.attempts
  assert.deepEqual(
    [attempt?.number, attempt?.provider, attempt?.key, attempt?.lane, attempt?.chosen, attempt?.usd],
    [1, 'openrouter', 'OPENROUTER_API_KEY_1', 'free', 'order', 0],
  )
  assert.ok((attempt?.tokens?.output ?? 0) > 0)
})

test('an account that was spent is named with its figures, and plan says the same beforehand', async () => {
  await using stand = await openStand({ simulator: twoAccounts })
  const plan = await planOf(stand, { model: 'auto' })
  assert.deepEqual(
    [plan.next?.provider, plan.next?.key, plan.next?.lane],
    ['openrouter', 'OPENROUTER_API_KEY_2', 'free'],
  )
  const [free, second] = plan.candidates
  assert.deepEqual(
    free?.accounts.map(({ id, usable, chosen, obstacle }) => [id, usable, chosen, obstacle?.why]),
    [
      ['OPENROUTER_API_KEY_2', true, 'order', undefined],
      ['OPENROUTER_API_KEY_1', false, undefined, 'free requests of this day spent (50/50)'],
    ],
  )
  assert.equal(free?.accounts[1]?.obstacle?.until, '2026-11-24T00:00:00.000Z')
  assert.deepEqual([second?.provider, second?.usable, second?.lane], ['ollama', true, 'paid'])
  assert.ok((second?.mostUsd ?? 0) > 0 && (second?.price?.outputUsd ?? 0) > 0)

  const told = await send(stand)
  assert.equal(told.headers.get('x-switchyard-key'), plan.next?.key)
  const why = await whyOf(stand, told)
  assert.deepEqual(shown(why.steps), [['account', 'openrouter', 'OPENROUTER_API_KEY_1', 'quota']])
  assert.match(JSON.stringify(why.steps), /spent \(50\/50\)/)
  assert.deepEqual([why.record, why.end], ['kept', 'answered'])
})

test('plan changes nothing, calls nobody, and names each time who is called next', async () => {
  await using stand = await openStand({ simulator: { openrouter: { accounts: [{ foreignUsed: 47 }] } } })
  for (let call = 0; call < 9; call++) {
    const before = [await stand.core.status(), stand.simulator.counters()]
    const plan = await planOf(stand, { model: 'auto', inputTokens: 50 })
    assert.deepEqual(await planOf(stand, { model: 'auto', inputTokens: 50 }), plan)
    assert.deepEqual([await stand.core.status(), stand.simulator.counters()], before)
    const { headers } = await send(stand)
    assert.deepEqual(
      [headers.get('x-switchyard-provider'), headers.get('x-switchyard-key')],
      [plan.next?.provider, plan.next?.key],
    )
  }
})

test('all spent: the refusal is explained, and a client that hammers leaves one record a second', async () => {
  await using stand = await openStand({
    simulator: { openrouter: { accounts: [{ foreignUsed: 50 }] } },
    environment: { ...oneKey, OLLAMA_API_KEY_1: '', OLLAMA_BASE_URL: '' },
  })
  const first = await send(stand)
  assert.equal(first.status, 429)
  const why = await whyOf(stand, first)
  assert.deepEqual([why.end, why.attempts, why.record], ['failed', [], 'kept'])
  assert.deepEqual(shown(why.steps), [['account', 'openrouter', 'OPENROUTER_API_KEY_1', 'quota']])
  assert.deepEqual([why.error?.code, why.error?.until], ['quota_exhausted', '2026-11-24T00:00:00.000Z'])
  const ids = await Promise.all(Array.from({ length: 30 }, async () => (await send(stand)).id))
  for (const id of ids) assert.equal((await admin(stand, 'why', { id })).status, 404)
  stand.clock.advance(1000)
  const next = await whyOf(stand, await send(stand))
  assert.deepEqual(next.unrecorded, { requests: 30, since: '2026-11-23T12:00:00.000Z' })

  const plan = await planOf(stand, { model: 'auto' })
  assert.deepEqual([plan.next, plan.refusal?.code], [undefined, 'quota_exhausted'])
  assert.equal(plan.refusal?.message, next.error?.message)
  assert.deepEqual(
    plan.skipped.map(({ provider, kind }) => [provider, kind]),
    [['ollama', 'no-keys']],
  )
})

test('a call that failed and the one that answered stand in order, with the words of the service', async () => {
  await using stand = await openStand({ environment: oneKey })
  stand.simulator.addFault({ provider: 'openrouter', kind: 'error-5xx', times: 'always' })
  const told = await send(stand)
  assert.equal(told.headers.get('x-switchyard-provider'), 'ollama')
  const why = await whyOf(stand, told)
  const faults = why.steps.filter((step) => step.type === 'fault')
  assert.equal(faults.length, why.attempts.length - 1)
  assert.deepEqual(
    [faults[0]?.attempt, faults[0]?.provider, faults[0]?.key, faults[0]?.status],
    [1, 'openrouter', 'OPENROUTER_API_KEY_1', why.attempts[0]?.status],
  )
  assert.ok((faults[0]?.why.length ?? 0) > 0)
  assert.deepEqual(
    why.attempts.map(({ number, state }) => [number, state]),
    why.attempts.map((_, index) => [index + 1, index < why.attempts.length - 1 ? 'failed' : 'done']),
  )
})

test('a model that rests is named as that, by plan and by why', async () => {
  await using stand = await openStand({ environment: oneKey })
  const model = { model: 'cohere/north-mini-code:free' }
  stand.simulator.addFault({ provider: 'openrouter', kind: 'no-endpoints' })
  await send(stand, model)
  const plan = await planOf(stand, model)
  const [only] = plan.candidates
  assert.deepEqual([plan.candidates.length, only?.usable, plan.next], [1, false, undefined])
  assert.ok(only?.obstacle?.until !== undefined)
  const refused = await send(stand, model)
  assert.notEqual(refused.status, 200)
  const why = await whyOf(stand, refused)
  assert.equal(why.attempts.length, 0)
  assert.deepEqual(shown(why.steps), [['candidate', 'openrouter', only.obstacle.kind]])
})

test('a ceiling is told with its figures, and only to the client that has it', async (t) => {
  const config = [
    'clients: [{ name: bot, key: bot-key-0123456789, usdPerDay: 0.001 }, { name: guest, key: guest-key-0123456789, freeOnly: true }]',
  ].join('\n')
  const ground = await openConfigGround(t, config)
  const stand = await ground.start()
  const bot = { authorization: 'Bearer bot-key-0123456789' }
  const plan = await planOf(stand, { ...paid, client: 'bot' })
  assert.deepEqual([plan.next, plan.candidates[0]?.obstacle?.kind], [undefined, 'budget'])
  assert.match(plan.candidates[0]?.obstacle?.why ?? '', /spending ceiling \(client bot, per day\)/)
  assert.equal((await planOf(stand, paid)).next?.provider, 'ollama')
  const why = await whyOf(stand, await send(stand, paid, bot))
  assert.deepEqual(shown(why.steps), [['candidate', 'ollama', 'budget']])
  assert.equal(why.client, 'bot')

  const guest = await planOf(stand, { model: 'auto', client: 'guest' })
  assert.deepEqual(
    guest.skipped.map(({ provider, kind }) => [provider, kind]),
    [['ollama', 'free-only']],
  )
  const named = await planOf(stand, { ...paid, client: 'guest' })
  assert.deepEqual([named.refusal?.code, named.candidates], ['policy_refused', []])
  assert.equal((await admin(stand, 'plan', { model: 'auto', client: 'nobody' })).status, 404)
})

test('a conversation that went back to its account says so', async () => {
  await using stand = await openStand({ simulator: { ollama: { accounts: [{}, {}] } } })
  const talk = (rest: readonly object[]): Promise<Told> =>
    send(stand, { ...paid, messages: [{ role: 'user', content: 'a long story' }, ...rest] })
  await send(stand, paid)
  const first = await talk([])
  await send(stand, paid)
  const again = await talk([
    { role: 'assistant', content: 'once' },
    { role: 'user', content: 'and then?' },
  ])
  const [one, two] = [await whyOf(stand, first), await whyOf(stand, again)]
  assert.deepEqual([one.attempts[0]?.chosen, two.attempts[0]?.chosen], ['turn', 'conversation'])
  assert.equal(two.attempts[0]?.key, one.attempts[0]?.key)
  assert.deepEqual([two.record, two.steps], ['none', []])
})

test('an answer that was asked for once more is two calls and the reason', async () => {
  const format = {
    type: 'json_schema',
    json_schema: { name: 'a', schema: { type: 'object', required: ['b'], properties: { b: {} } } },
  }
  let answers = 0
  await using service = await startPlayedService({
    get: () => ({ models: [] }),
    post: ({ path }) => {
      if (path !== '/api/chat') return { status: 404, body: {} }
      answers++
      const content = answers === 1 ? 'certainly' : '{"b":1}'
      const body = ollamaAnswer(paid.model) as Record<string, unknown>
      return { status: 200, body: { ...body, message: { role: 'assistant', content } } }
    },
  })
  await using stand = await openStand({ environment: { ...oneKey, OLLAMA_BASE_URL: service.url } })
  const why = await whyOf(stand, await send(stand, { ...paid, response_format: format }))
  assert.deepEqual(
    why.attempts.map(({ number, state }) => [number, state]),
    [
      [1, 'done'],
      [2, 'done'],
    ],
  )
  assert.deepEqual(why.steps, [{ type: 'again', why: 'structured output asked for by instruction' }])
  assert.doesNotMatch(JSON.stringify(why), /certainly/, 'nothing of what was said is kept')
})

test('waiting for a slot is told with how long it was', async () => {
  await using stand = await openStand({
    simulator: { firstTokenDelayMs: 100, ollama: { accounts: [{ concurrency: 3 }] } },
    environment: { ...oneKey, OPENROUTER_API_KEY_1: '' },
  })
  const told = await Promise.all(Array.from({ length: 4 }, () => send(stand, paid)))
  const all = await Promise.all(told.map((each) => whyOf(stand, each)))
  const [waited] = all.filter(({ steps }) => steps.length > 0)
  assert.deepEqual(
    waited?.steps.map((step) => (step.type === 'wait' ? step.for : step.type)),
    ['account', 'slot'],
  )
  const [, wait] = waited.steps
  assert.ok(wait?.type === 'wait' && wait.ms > 0)
  assert.deepEqual([waited.end, all.filter(({ record }) => record === 'none').length], ['answered', 3])
})

test('waiting for quota is told, beside what was waited for', async (t) => {
  const ground = await openConfigGround(t, 'providers: { ollama: { limits: { minute: 1 } } }')
  const stand = await ground.start({ environment: oneKey })
  assert.equal((await send(stand, paid)).status, 200)
  stand.clock.set(noon + 59_990)
  const draft = draftFromBytes(dialectNamed('openai-chat'), Buffer.from(JSON.stringify(ask('hello', paid))))
  const waiting = stand.core.send(draft, { id: 'patient', maxWaitMs: 5000 })
  await nextTurn()
  stand.clock.set(noon + 60_000)
  await waiting
  const why = await whyOf(stand, { id: 'patient' })
  assert.deepEqual(
    why.steps.map((step) => (step.type === 'wait' ? step.for : step.type)),
    ['account', 'quota'],
  )
  assert.deepEqual([why.end, why.attempts.length], ['answered', 1])
})

test('after a restart, and without a gateway, the ledger tells the same; nothing tells a secret', async () => {
  const secrets = [...canaryKeys, clientKey, adminKey]
  await using stand = await openStand({ simulator: canarySimulator })
  for (const { openrouter: key } of Object.values(canaries)) {
    const body = JSON.stringify({ error: { message: `Invalid key ${key}`, code: 401 } })
    const echo = { kind: 'custom', status: 401, body, times: 'always' } as const
    stand.simulator.addFault({ provider: 'openrouter', key, ...echo })
  }
  const told = await send(stand)
  const before = await whyOf(stand, told)
  assert.ok(before.steps.length >= 2)
  const plan = await (await admin(stand, 'plan', { model: 'auto' })).text()
  await stand.stop()
  const again = await openStand({ sharing: stand.simulator, home: stand.home })
  assert.deepEqual(await whyOf(again, told), before)
  await again.stop()

  using desk = new Desk({ SWITCHYARD_HOME: stand.home, SWITCHYARD_PORT: '1' })
  const [words, json, unknown] = await Promise.all([
    desk.run(['why', told.id]),
    desk.run(['why', told.id, '--json']),
    desk.run(['why', 'no-such-id']),
  ])
  assert.deepEqual(JSON.parse(json.out), before)
  assert.match(words.out, /What stood in the way, in order\n {2}1\. openrouter/)
  for (const line of words.out.split('\n')) assert.ok(line.length <= 80, line)
  assert.equal(unknown.code, 1)
  assert.match(unknown.err, /knows no request "no-such-id".*x-request-id header.*is kept for 90 days/)
  for (const text of [plan, JSON.stringify(before), words.out, json.out, unknown.err])
    assert.deepEqual(secretsIn(text, secrets), [])
})

test('the dashboard plans under the name its chats have in the ledger', async () => {
  await using stand = await openStand({ environment: oneKey })
  const plan = await planOf(stand, { model: 'auto', client: 'dashboard' })
  const chat = await admin(stand, 'chat', ask('hello', { model: 'auto' }))
  const why = await whyOf(stand, { id: chat.headers.get('x-request-id') ?? '' })
  assert.deepEqual([plan.client, why.client], ['dashboard', 'dashboard'])
  assert.deepEqual(
    [plan.next?.provider, plan.next?.model, plan.next?.key],
    [why.attempts[0]?.provider, why.attempts[0]?.model, why.attempts[0]?.key],
  )
})

test('the commands ask the running gateway, and plan starts a router where none runs', async () => {
  await using stand = await openStand({ simulator: twoAccounts })
  const told = await send(stand)
  const { port } = new URL(stand.gateway.url)
  using desk = new Desk({ SWITCHYARD_PORT: port })
  writeFileSync(join(desk.home, 'admin-key'), adminKey, { mode: 0o600 })
  const [plan, json, why, wrong, bad] = await Promise.all([
    desk.run(['plan']),
    desk.run(['plan', paid.model, '--needs', 'tools', '--input-tokens', '20', '--json']),
    desk.run(['why', told.id]),
    desk.run(['plan', '-c', 'nobody']),
    desk.run(['plan', '--needs', 'wings']),
  ])
  assert.match(plan.out, /^Next: openrouter openrouter\/free \(free lane\)$/m)
  assert.match(plan.out, /^ {3}x account OPENROUTER_API_KEY_1: free requests of this day spent/m)
  for (const line of `${plan.out}\n${why.out}`.split('\n')) assert.ok(line.length <= 80, line)
  assert.equal((JSON.parse(json.out) as RoutePlan).assumed.inputTokens, 20)
  assert.match(why.out, /^Answered: openrouter [^]*Chosen: the first in order that\s+could\./m)
  assert.deepEqual([wrong.code, bad.code], [1, 2])
  assert.match(wrong.err, /there is no client "nobody"; known: "default"/)
  assert.match(bad.err, /--needs takes tools, images/)

  const { OPENROUTER_BASE_URL, OPENROUTER_API_KEY_2 } = environmentFor(stand.simulator)
  using alone = new Desk({
    SWITCHYARD_PORT: '1',
    OPENROUTER_BASE_URL: OPENROUTER_BASE_URL ?? '',
    OPENROUTER_API_KEY_2: OPENROUTER_API_KEY_2 ?? '',
  })
  const calls = stand.simulator.counters().openrouter.calls
  const own = await alone.run(['plan'])
  assert.match(own.out, /^ {6}key OPENROUTER_API_KEY_2 of account OPENROUTER_API_KEY_2: the first in$/m)
  assert.match(own.out, /^ {2}x ollama: set OLLAMA_API_KEY to use Ollama Cloud$/m)
  assert.equal(stand.simulator.counters().openrouter.calls, calls)
})

test('every member that comes out stands in the reference', async () => {
  await using stand = await openStand({ simulator: twoAccounts })
  stand.simulator.addFault({ provider: 'openrouter', kind: 'error-5xx', times: 'always' })
  const texts = [
    await planOf(stand, { model: 'auto', needs: ['tools'] }),
    await planOf(stand, { model: 'no/such-model' }),
    await whyOf(stand, await send(stand)),
  ]
  const page = readFileSync(join(import.meta.dirname, '../../docs/reference/decisions.md'), 'utf8')
  const names = new Set<string>()
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) collect(each)
    else if (typeof value === 'object' && value !== null)
      for (const [name, each] of Object.entries(value)) {
        names.add(name)
        collect(each)
      }
  }
  collect(texts)
  assert.ok(names.size > 40, [...names].join(' '))
  assert.deepEqual(
    [...names].filter((name) => !page.includes(`\`${name}\``)),
    [],
  )
})

test('both are for the admin key alone, and say what to send', async () => {
  await using stand = await openStand({ environment: oneKey })
  for (const path of ['plan', 'why']) {
    assert.equal((await admin(stand, path, {}, clientKey)).status, 401)
    const reply = await admin(stand, path, { wrong: 1 })
    assert.equal(reply.status, 400)
    assert.match(await reply.text(), /send \{/)
  }
  const missing = await planOf(stand, { model: 'no/such-model' })
  assert.equal(missing.refusal?.code, 'model_not_found')
  assert.equal(Date.parse(missing.at), noon)
})
