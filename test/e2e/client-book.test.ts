import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Log } from '../../src/routing/settings.ts'
import { secretsIn } from '../support/canaries.ts'
import { dollarsSpent, openConfigGround } from '../support/config-ground.ts'
import { adminKey, ask, openStand, type Stand } from '../support/stand.ts'

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly message: string
}

async function admin(stand: Stand, path: string, body?: unknown): Promise<Answer> {
  const reply = await fetch(`${stand.gateway.url}/admin/clients${path}`, {
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  })
  const answer = (await reply.json()) as Record<string, unknown>
  return {
    status: reply.status,
    body: answer,
    message: (answer['error'] as { message?: string } | undefined)?.message ?? '',
  }
}

async function add(stand: Stand, body: Record<string, unknown>): Promise<string> {
  const added = await admin(stand, '/add', body)
  assert.equal(added.status, 200, added.message)
  return String(added.body['key'])
}

async function change(stand: Stand, body: Record<string, unknown>): Promise<void> {
  const changed = await admin(stand, '/change', body)
  assert.equal(changed.status, 200, changed.message)
}

async function listed(stand: Stand, name: string): Promise<Record<string, unknown> | undefined> {
  const { clients } = (await admin(stand, '')).body as { clients: Record<string, unknown>[] }
  return clients.find((client) => client['name'] === name)
}

// A thousand tokens of output cost 0.04 cents on this model, and the answer is as long as it may be.
const paid = { model: 'gemma4:31b', max_tokens: 1000 }
const callUsd = 0.0004

async function call(stand: Stand, key: string, rest: Record<string, unknown> = paid): Promise<number> {
  const headers = { authorization: `Bearer ${key}` }
  const reply = await stand.chat(ask('repeat 2000 words', rest), { headers })
  await reply.text()
  return reply.status
}

const burst = (stand: Stand, key: string, calls: number): Promise<number[]> =>
  Promise.all(Array.from({ length: calls }, () => call(stand, key)))

test('a client that is added can call at once and after a restart; its key is told once and stands nowhere else', async (t) => {
  const config = '# my gateway\nlog: silent # for now\n'
  const ground = await openConfigGround(t, config)
  const logged: string[] = []
  const note = (message: string, facts?: unknown): void => void logged.push(JSON.stringify([message, facts]))
  const log: Log = { info: note, warn: note }
  const stand = await ground.start({ log })
  const added = await admin(stand, '/add', { name: 'desk', usdPerDay: 1 })
  const keyFile = join(ground.home, 'clients/desk')
  assert.deepEqual(Object.keys(added.body), ['name', 'key', 'keyFile'])
  assert.equal(added.body['keyFile'], keyFile)
  const key = String(added.body['key'])
  assert.equal(await call(stand, key), 200)
  assert.equal(await call(stand, `${key}x`), 401)
  const row = await listed(stand, 'desk')
  assert.ok(Number(row?.['spentTodayUsd']) > 0 && row?.['spentMonthUsd'] === row?.['spentTodayUsd'])
  assert.deepEqual(
    { ...row, spentTodayUsd: 0, spentMonthUsd: 0 },
    {
      name: 'desk',
      builtIn: false,
      freeOnly: false,
      usdPerDay: 1,
      usdPerMonth: null,
      keyFrom: 'clients/desk',
      requestsToday: 1,
      spentTodayUsd: 0,
      spentMonthUsd: 0,
    },
  )
  assert.equal((await listed(stand, 'default'))?.['builtIn'], true)
  const file = readFileSync(join(ground.home, 'switchyard.yaml'), 'utf8')
  assert.equal(
    file,
    `${config}clients:\n  - name: desk\n    keyFile: clients/desk\n    usdPerDay: 1\n`,
    'the comments are still there',
  )
  const shown = [
    file,
    ...logged,
    JSON.stringify(await admin(stand, '')),
    JSON.stringify(await stand.core.status()),
    (await admin(stand, '/add', { name: 'desk' })).message,
    JSON.stringify(await admin(stand, '/change', { name: 'desk', usdPerDay: 2 })),
  ]
  assert.deepEqual(secretsIn(shown.join('\n'), [key]), [])

  const again = await ground.start()
  assert.equal(await call(again, key), 200)
  assert.deepEqual(
    [(await listed(again, 'desk'))?.['usdPerDay'], readFileSync(keyFile, 'utf8')],
    [2, `${key}\n`],
  )
})

test('a budget is kept to from the next call on: nothing, more, less, none', async (t) => {
  const stand = await (await openConfigGround(t, '')).start()
  const key = await add(stand, { name: 'bot', usdPerDay: 0 })
  assert.equal(await call(stand, key), 402)
  await change(stand, { name: 'bot', usdPerDay: 2.5 * callUsd })
  assert.deepEqual([await call(stand, key), await call(stand, key)], [200, 200])
  assert.equal(await call(stand, key), 429)
  await change(stand, { name: 'bot', usdPerDay: 10 * callUsd })
  assert.equal(await call(stand, key), 200)
  await change(stand, { name: 'bot', usdPerDay: callUsd })
  assert.notEqual(await call(stand, key), 200)
  await change(stand, { name: 'bot', usdPerDay: null })
  assert.equal(await call(stand, key), 200)
  assert.equal(await call(stand, stand.clientKey), 200)
})

test('a budget that is set later begins with what was spent before, also by an earlier process this month', async (t) => {
  const ground = await openConfigGround(t, '')
  let stand = await ground.start()
  const key = await add(stand, { name: 'bot' })
  assert.deepEqual(await burst(stand, key, 3), [200, 200, 200])
  ground.simulator.clock.set(Date.UTC(2026, 10, 24, 12))
  stand = await ground.start()
  assert.deepEqual(await burst(stand, key, 2), [200, 200])
  // Three yesterday and two today.
  await change(stand, { name: 'bot', usdPerMonth: 4.5 * callUsd })
  assert.equal(await call(stand, key), 429)
  await change(stand, { name: 'bot', usdPerMonth: 6.5 * callUsd })
  assert.equal(await call(stand, key), 200)
  assert.equal(await call(stand, key), 429)
  await change(stand, { name: 'bot', usdPerMonth: null, usdPerDay: 3.5 * callUsd })
  assert.notEqual(await call(stand, key), 200, 'three of today')
  const row = await listed(stand, 'bot')
  assert.deepEqual([row?.['requestsToday'], row?.['usdPerMonth']], [3, null])
  assert.ok(Number(row?.['spentMonthUsd']) > 1.9 * Number(row?.['spentTodayUsd']))
})

test('calls at the same time do not overshoot a budget that is changed between them', async (t) => {
  const ground = await openConfigGround(t, '', { chunkDelayMs: 1 })
  const stand = await ground.start()
  const key = await add(stand, { name: 'bot' })
  const most = 6.5 * callUsd
  const first = burst(stand, key, 4)
  await change(stand, { name: 'bot', usdPerDay: most })
  const second = burst(stand, key, 10)
  await change(stand, { name: 'bot', usdPerDay: most / 2 })
  await change(stand, { name: 'bot', usdPerDay: most })
  const answers = [...(await first), ...(await second), ...(await burst(stand, key, 10))]
  assert.ok(answers.includes(200) && answers.includes(429), answers.join())
  const spent = await dollarsSpent(ground.simulator)
  assert.ok(spent <= most && spent > most / 2, `spent ${spent}`)
})

test('negative control: without the change the same calls cost more than that', async (t) => {
  const ground = await openConfigGround(t, '', { chunkDelayMs: 1 })
  const stand = await ground.start()
  const key = await add(stand, { name: 'bot' })
  await Promise.all([burst(stand, key, 4), burst(stand, key, 10)])
  assert.ok((await dollarsSpent(ground.simulator)) > 6.5 * callUsd)
})

test('free only is what it was set to last, and whoever is revoked is shut out at once and for good', async (t) => {
  const config =
    'policy: { reserve: { share: 0.2, clients: [team] } }\nclients: [{ name: team, key: team-key-0123456789 }]\n'
  const ground = await openConfigGround(t, config)
  let stand = await ground.start()
  const key = await add(stand, { name: 'bot', freeOnly: true })
  assert.equal(await call(stand, key), 403)
  await change(stand, { name: 'bot', freeOnly: false })
  assert.equal(await call(stand, key), 200)
  await change(stand, { name: 'bot', freeOnly: true })
  assert.equal(await call(stand, key), 403)
  const revoked = await admin(stand, '/revoke', { name: 'bot' })
  assert.deepEqual(revoked.body, { revoked: 'bot', keyFileRemoved: true, policyCleared: false })
  assert.equal(await call(stand, key), 401)
  const team = await admin(stand, '/revoke', { name: 'team' })
  assert.deepEqual(team.body, { revoked: 'team', keyFileRemoved: false, policyCleared: true })
  assert.equal(await call(stand, 'team-key-0123456789'), 401)
  stand = await ground.start()
  assert.deepEqual([await call(stand, key), await call(stand, 'team-key-0123456789')], [401, 401])
  assert.equal(await listed(stand, 'bot'), undefined)
})

test('what is kept for a client that is gone is there for the others at once', async (t) => {
  const config =
    'policy: { reserve: { share: 1, clients: [team] } }\nclients: [{ name: team, key: team-key-0123456789 }]\n'
  const stand = await (await openConfigGround(t, config)).start()
  const free = { model: 'cohere/north-mini-code:free' }
  assert.equal(await call(stand, stand.clientKey, free), 429)
  assert.equal((await admin(stand, '/revoke', { name: 'team' })).status, 200)
  assert.equal(await call(stand, stand.clientKey, free), 200)
})

test('two that are added at the same moment are both kept', async (t) => {
  const ground = await openConfigGround(t, '')
  const stand = await ground.start()
  const names = ['one', 'two', 'three', 'four']
  const keys = await Promise.all(names.map((name) => add(stand, { name })))
  assert.deepEqual(await Promise.all(keys.map((key) => call(stand, key))), [200, 200, 200, 200])
  const again = await ground.start()
  assert.deepEqual(await Promise.all(keys.map((key) => call(again, key))), [200, 200, 200, 200])
})

test('a config file that has a mistake by now is told with its line, and nothing changes', async (t) => {
  const ground = await openConfigGround(t, '')
  const stand = await ground.start()
  const key = await add(stand, { name: 'bot' })
  const file = join(ground.home, 'switchyard.yaml')
  const broken = `prot: 1\n${readFileSync(file, 'utf8')}`
  writeFileSync(file, broken)
  for (const [path, body] of [
    ['/add', { name: 'late' }],
    ['/change', { name: 'bot', freeOnly: true }],
    ['/revoke', { name: 'bot' }],
  ] as const) {
    const refused = await admin(stand, path, body)
    assert.equal(refused.status, 500)
    assert.match(refused.message, /nothing was changed.*switchyard\.yaml:1: unknown setting "prot"/)
  }
  assert.equal(readFileSync(file, 'utf8'), broken)
  assert.equal(await call(stand, key), 200)
  assert.equal((await listed(stand, 'bot'))?.['freeOnly'], false)
})

test('what is sent wrong is told with what to send', async (t) => {
  const stand = await (await openConfigGround(t, '')).start()
  await add(stand, { name: 'bot' })
  const rows: readonly (readonly [string, unknown, number, RegExp])[] = [
    ['/add', {}, 400, /^send \{"name"/],
    ['/add', { name: 'x', usdPerDay: -1 }, 400, /dollars from 0 to 1000000/],
    ['/add', { name: 'x', usdPerday: 1 }, 400, /^send \{"name"/],
    ['/add', { name: '../x' }, 400, /a client's name is made of/],
    ['/add', { name: 'bot' }, 400, /there is a client named "bot" already/],
    ['/add', { name: 'library' }, 400, /client of the router itself/],
    ['/change', { name: 'bot' }, 400, /nothing to change/],
    ['/change', { name: 'nobody', freeOnly: true }, 404, /there is no client "nobody"/],
    ['/change', { name: 'default', usdPerDay: 1 }, 400, /its ceilings stand under "policy"/],
    ['/revoke', { name: 'nobody' }, 404, /there is no client "nobody"/],
    ['/revoke', { name: 'default' }, 400, /cannot be revoked/],
  ]
  for (const [path, body, status, message] of rows) {
    const refused = await admin(stand, path, body)
    assert.deepEqual([refused.status, message.test(refused.message)], [status, true], refused.message)
  }
})

test('a gateway that a program starts without a book says so, and shuts out whom it was given', async () => {
  const clients = [{ name: 'bot', freeOnly: false, key: 'bot-key-0123456789' }]
  await using stand = await openStand({ gateway: { clients, book: undefined } })
  for (const [path, body] of [
    ['', undefined],
    ['/add', { name: 'x' }],
    ['/change', { name: 'bot', freeOnly: true }],
  ] as const) {
    const refused = await admin(stand, path, body)
    assert.deepEqual([refused.status, /by a program/.test(refused.message)], [501, true])
  }
  assert.equal(await call(stand, 'bot-key-0123456789'), 200)
  assert.deepEqual((await admin(stand, '/revoke', { name: 'bot' })).body, { revoked: 'bot' })
  assert.equal(await call(stand, 'bot-key-0123456789'), 401)
  assert.equal((await admin(stand, '/revoke', { name: 'default' })).status, 404)
})
