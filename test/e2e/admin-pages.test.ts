import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { environmentFor, startSimulator } from '../../src/simulator/index.ts'
import { canaryKeys, canarySimulator, secretsIn } from '../support/canaries.ts'
import { Desk } from '../support/cli.ts'
import { freePort } from '../support/free-port.ts'
import { adminKey, ask, clientKey, openStand } from '../support/stand.ts'

const secrets = {
  client: 'canary-of-a-client-0123456789',
  ours: 'canary-of-the-gateway-0123456789',
  metrics: 'canary-of-the-metrics-0123456789',
  slack: 'https://hooks.slack.com/services/T00/B00/canaryOfSlack0123456789',
  webhook: 'https://example.com/hook?token=canaryOfAWebhook0123456789',
  signature: 'canary-of-a-signature-0123456789',
  telegram: '123456:canaryOfTelegram0123456789',
  ntfy: 'https://ntfy.sh/canary-of-a-topic-0123456789',
  mail: 'canary of a mail password 0123456789',
}
const config = `
server: { apiKey: ${secrets.ours}, metricsKey: ${secrets.metrics}, allowedHosts: [box.local] }
routing: { attempts: 3 }
aliases: { fast: 'gpt-oss:20b' }
policy: { ceilings: [{ lane: paid, usdPerMonth: 5 }] }
clients:
  - { name: alice, key: ${secrets.client}, freeOnly: true, usdPerDay: 1 }
notify:
  quiet: { from: '22:00', until: '07:30', zone: Europe/Berlin }
  targets:
    - { type: slack, url: '${secrets.slack}' }
    - { type: webhook, name: pager, url: '${secrets.webhook}', secret: ${secrets.signature}, events: [key-dead] }
    - { type: telegram, token: '${secrets.telegram}', chat: 42 }
    - { type: ntfy, url: '${secrets.ntfy}' }
    - { type: smtp, host: mail.example.com, from: a@example.com, to: b@example.com, user: canaryOfAUser0123, password: '${secrets.mail}' }
`

interface Shown {
  readonly version: string
  readonly sandbox: boolean
  readonly address: string
  readonly uptimeSeconds: number
  readonly home: string
  readonly providers: readonly { readonly name: string; readonly baseUrl: string; readonly keys: number }[]
  readonly routing: { readonly attempts: number }
  readonly aliases: object
  readonly policy: { readonly ceilings: readonly object[] }
  readonly clients: readonly object[]
  readonly notify: {
    readonly quiet: object
    readonly targets: readonly { readonly name: string; readonly type: string; readonly events: unknown }[]
  }
}

test('the settings are shown to the admin, with no secret among them', async () => {
  await using simulator = await startSimulator(canarySimulator)
  const port = await freePort()
  using desk = new Desk({ ...environmentFor(simulator), SWITCHYARD_PORT: port })
  writeFileSync(join(desk.home, 'switchyard.yaml'), config, { mode: 0o600 })
  await using gateway = desk.start(['serve'])
  await gateway.until(/Try it:\n.*\n/)
  const key = readFileSync(join(desk.home, 'admin-key'), 'utf8').trim()
  const at = `http://127.0.0.1:${port}/admin/settings`
  for (const other of [secrets.ours, secrets.client, secrets.metrics, ''])
    assert.equal((await fetch(at, { headers: { authorization: `Bearer ${other}` } })).status, 401)

  const reply = await fetch(at, { headers: { authorization: `Bearer ${key}` } })
  assert.deepEqual([reply.status, reply.headers.get('cache-control')], [200, 'no-store'])
  const text = await reply.text()
  const every = [...Object.values(secrets), ...canaryKeys, key, 'canaryOfAUser0123', 'a@example.com']
  assert.deepEqual(secretsIn(text, every), [])

  const shown = JSON.parse(text) as Shown
  assert.deepEqual(
    [shown.sandbox, shown.address, shown.home, shown.routing.attempts],
    [false, `http://127.0.0.1:${port}`, desk.home, 3],
  )
  assert.match(shown.version, /^\d+\.\d+\.\d+/)
  assert.ok(shown.uptimeSeconds >= 0 && shown.uptimeSeconds < 300)
  assert.deepEqual(
    shown.providers.map(({ name, keys }) => [name, keys]),
    [
      ['openrouter', 2],
      ['ollama', 2],
    ],
  )
  assert.ok(shown.providers.every(({ baseUrl }) => baseUrl.startsWith(simulator.url)))
  assert.deepEqual(shown.aliases, { fast: 'gpt-oss:20b' })
  assert.deepEqual(shown.policy.ceilings, [
    { client: null, lane: 'paid', window: 'month', usd: 5 },
    { client: 'alice', lane: null, window: 'day', usd: 1 },
  ])
  assert.deepEqual(shown.clients, [
    { name: 'default', freeOnly: false },
    { name: 'alice', freeOnly: true },
  ])
  const { quiet, targets } = shown.notify
  assert.deepEqual(
    { ...quiet, except: [] },
    { from: '22:00', until: '07:30', zone: 'Europe/Berlin', except: [] },
  )
  assert.deepEqual(
    targets.map(({ name, type, events }) => [name, type, events]),
    [
      ['slack', 'slack', null],
      ['pager', 'webhook', ['key-dead']],
      ['telegram', 'telegram', null],
      ['ntfy', 'ntfy', null],
      ['smtp', 'smtp', null],
    ],
  )

  // One code path: what a page asks is what the command prints.
  assert.equal((await desk.run(['chat', 'hello'])).code, 0)
  const query = 'by=model,client&since=today&until=2999-01-01'
  const page = await fetch(`http://127.0.0.1:${port}/admin/usage/report?${query}`, {
    headers: { authorization: `Bearer ${key}` },
  })
  const args = ['usage', '--by', 'model,client', '--since', 'today', '--until', '2999-01-01', '--json']
  const printed: unknown = JSON.parse((await desk.run(args)).out)
  assert.deepEqual(await page.json(), printed)
  assert.deepEqual((printed as { total: { requests: number } }).total.requests, 1)
})

test('a usage report takes the words of the command, and says which it does not understand', async () => {
  await using stand = await openStand()
  const get = async (query: string, key = adminKey) => {
    const reply = await fetch(`${stand.gateway.url}/admin/usage/report${query}`, {
      headers: { authorization: `Bearer ${key}` },
    })
    return { status: reply.status, body: (await reply.json()) as Record<string, unknown> }
  }
  await stand.chat(ask('hi'))
  const plain = await get('')
  assert.equal(plain.status, 200)
  assert.deepEqual(Object.keys(plain.body), ['since', 'until', 'by', 'reference', 'rows', 'total'])
  assert.deepEqual(
    [plain.body['since'], plain.body['until'], plain.body['by']],
    ['2026-11-17T00:00:00.000Z', '2026-11-23T12:00:00.001Z', ['day']],
  )
  const priced = await get('?reference=ollama/gpt-oss:20b&by=key&since=12h')
  assert.deepEqual((priced.body['reference'] as { model: string }).model, 'gpt-oss:20b')
  assert.deepEqual(await get('?by=key&since=12h').then(({ body }) => (body['rows'] as object[]).length), 1)

  const table: readonly (readonly [string, number, string])[] = [
    ['?by=week', 400, 'by'],
    ['?since=yesterday', 400, 'since'],
    ['?until=2000-01-01', 400, 'since'],
    ['?until=soon', 400, 'until'],
    ['?reference=nobody/has-this', 404, 'reference'],
    ['?page=2', 400, ''],
  ]
  for (const [query, status, param] of table) {
    const refused = await get(query)
    const { error } = refused.body as { error: { param: string | null } }
    assert.deepEqual([refused.status, error.param ?? ''], [status, param], query)
  }
  assert.equal((await get('', clientKey)).status, 401)
})
