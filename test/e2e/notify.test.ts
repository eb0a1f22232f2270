import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileMemory } from '../../src/notify/memory.ts'
import type { Notice } from '../../src/notify/notice.ts'
import { Notifier } from '../../src/notify/notifier.ts'
import { createSubscriptions } from '../../src/notify/targets/index.ts'
import { silentLog } from '../../src/routing/settings.ts'
import { Secret } from '../../src/secret.ts'
import { environmentFor, startSimulator } from '../../src/simulator/index.ts'
import { canarySimulator, canaryKeys, secretsIn } from '../support/canaries.ts'
import { Desk } from '../support/cli.ts'
import { createTransport } from '../../src/wire/transport.ts'
import { openConfigGround } from '../support/config-ground.ts'
import { openPostBox } from '../support/post-box.ts'
import { ask, noon, openStand, type Stand } from '../support/stand.ts'

const minuteMs = 60_000
const oneKey = { OPENROUTER_API_KEY_2: '', OPENROUTER_API_KEY_3: '' }

/** What is told of a stand's router, look by look. */
function listen(stand: Stand): { readonly notifier: Notifier; look(): Promise<readonly Notice[]> } {
  const heard: Notice[] = []
  const send = async (notice: Notice) => {
    heard.push(notice)
    return { ok: true, detail: '' } as const
  }
  const notifier = new Notifier({
    core: stand.core,
    subscriptions: [{ target: { name: 'test', digests: false, send }, events: undefined, quiet: true }],
    quiet: undefined,
    tastes: { zone: 'Europe/Berlin', forecastMinutes: 60, differencePercent: 10, freeOnly: false },
    memory: fileMemory(join(stand.home, 'notified.json'), silentLog),
    clock: stand.clock,
    log: silentLog,
  })
  const look = async (): Promise<readonly Notice[]> => {
    await notifier.look()
    return heard.splice(0)
  }
  return { notifier, look }
}

const kinds = (notices: readonly Notice[]): string[] => notices.map(({ kind }) => kind)

async function call(stand: Stand, rest: Record<string, unknown> = {}): Promise<string | null> {
  const reply = await stand.chat(ask('hello', rest))
  await reply.text()
  return reply.headers.get('x-switchyard-provider')
}

test('free quota: its forecast, its end, the first paid call and its return are told once each, over a restart', async () => {
  await using stand = await openStand({ environment: oneKey })
  let { look } = listen(stand)
  const heard: (readonly [minute: number, kind: string])[] = []
  const listenAt = async (): Promise<void> => {
    const minute = (stand.clock.now() - noon) / minuteMs
    heard.push(...(await look()).map(({ kind }) => [minute, kind] as const))
  }
  await listenAt()
  for (let minute = 0; minute < 25; minute++) {
    for (let each = 0; each < 2; each++) assert.equal(await call(stand), 'openrouter')
    stand.clock.advance(minuteMs)
    await listenAt()
  }
  assert.equal(await call(stand), 'ollama')
  await listenAt()
  await listenAt()
  assert.deepEqual(heard, [
    [15, 'forecast'],
    [25, 'pool-spent'],
    [25, 'paid-lane'],
  ])
  // As after a restart: nothing but the file is left of what was told.
  ;({ look } = listen(stand))
  assert.deepEqual(await look(), [])
  stand.clock.set(Date.UTC(2026, 10, 24, 0, 0, 5))
  const back = await look()
  assert.deepEqual(
    back.map(({ kind, title, lines }) => ({ kind, title, lines })),
    [
      {
        kind: 'pool-back',
        title: 'OpenRouter: free quota is back',
        lines: ['Calls go there again. Nothing to do.', 'It lasted 11 h 35 min.'],
      },
    ],
  )
  assert.equal(await call(stand), 'openrouter')
  assert.deepEqual(await look(), [])
})

test('a refused key is told once, with its name and never itself; releasing it is told', async () => {
  await using stand = await openStand({ simulator: canarySimulator })
  const { look } = listen(stand)
  await look()
  const [key = ''] = canaryKeys
  stand.simulator.addFault({
    provider: 'openrouter',
    kind: 'custom',
    key,
    status: 401,
    body: JSON.stringify({ error: { message: `Invalid API key ${key}`, code: 401 } }),
    times: 'always',
  })
  await call(stand)
  const heard = await look()
  assert.deepEqual(kinds(heard), ['key-dead'])
  assert.equal(heard[0]?.urgent, true)
  assert.match(heard[0].title, /^OpenRouter refuses the key OPENROUTER_API_KEY_1$/)
  assert.deepEqual(secretsIn(JSON.stringify(heard), canaryKeys), [])
  assert.deepEqual(secretsIn(readFileSync(join(stand.home, 'notified.json'), 'utf8'), canaryKeys), [])
  stand.clock.advance(6 * 3_600_000)
  assert.deepEqual(await look(), [])
  await stand.core.release('OPENROUTER_API_KEY_1')
  assert.deepEqual(kinds(await look()), ['key-back'])
})

test('a provider that fails again and again is told once, and that it answers again once it has', async () => {
  await using stand = await openStand()
  const { look } = listen(stand)
  const page = {
    kind: 'custom',
    status: 403,
    body: '<html>blocked</html>',
    contentType: 'text/html',
  } as const
  stand.simulator.addFault({ provider: 'openrouter', ...page, times: 'always', path: '/chat/completions' })
  const heard: string[] = []
  for (let hour = 0; hour < 5; hour++) {
    await call(stand)
    heard.push(...kinds(await look()))
    stand.clock.advance(60 * minuteMs)
    heard.push(...kinds(await look()))
  }
  assert.deepEqual(heard, ['paid-lane', 'provider-down'])
  stand.simulator.clearFaults()
  assert.equal(await call(stand), 'openrouter')
  assert.deepEqual(kinds(await look()), ['provider-up'])
})

test('a ceiling is told at four fifths, when it is reached, and when it begins anew', async (t: TestContext) => {
  const ground = await openConfigGround(t, 'policy: { ceilings: [{ usdPerDay: 0.004 }] }')
  const stand = await ground.start()
  const { look } = listen(stand)
  await look()
  const heard: string[] = []
  for (let each = 0; each < 15; each++) {
    // Long answers, so that what is spent is near what was held.
    const reply = await stand.chat(ask('repeat 2000 words', { model: 'gemma4:31b', max_tokens: 1000 }))
    await reply.text()
    heard.push(...kinds(await look()).filter((kind) => kind.startsWith('budget')))
    if (reply.status !== 200) break
  }
  assert.deepEqual(heard, ['budget-80', 'budget-100'])
  stand.clock.set(Date.UTC(2026, 10, 24, 0, 0, 5))
  assert.deepEqual(kinds(await look()), ['budget-back'])
})

const secret = 'sEcReTpArTsEcReT'

test('switchyard notify test: one message a target, what became of it, and no secret', async () => {
  await using box = await openPostBox()
  await using broken = await openPostBox()
  broken.answers = [{ status: 404, body: `no_service ${secret}` }]
  using desk = new Desk({
    SLACK: `${box.url}/services/${secret}`,
    BROKEN: `${broken.url}/services/${secret}`,
  })
  const none = await desk.run(['notify', 'test'])
  assert.deepEqual(
    [none.code, /no targets are configured; write them under "notify"/.test(none.err)],
    [1, true],
  )
  writeFileSync(
    join(desk.home, 'switchyard.yaml'),
    `notify:
  targets:
    - { type: slack, urlEnv: SLACK, events: [key-dead] }
    - { type: slack, urlEnv: BROKEN }
    - { type: stderr }
  quiet: { from: "00:00", until: "23:59" }
`,
  )
  const all = await desk.run(['notify', 'test'])
  assert.equal(all.code, 1)
  assert.equal(
    all.out,
    'slack: sent (HTTP 200)\nslack-2: failed: HTTP 404: no_service [key]; a running gateway would not try again\nstderr: sent (written to stderr)\n',
  )
  assert.match(all.err, /^Switchyard: This is a test\n/)
  assert.match(box.received[0]?.body ?? '', /This is a test/)
  const one = await desk.run(['notify', 'test', 'slack'])
  assert.deepEqual(one, { code: 0, out: 'slack: sent (HTTP 200)\n', err: '' })
  const unknown = await desk.run(['notify', 'test', 'nobody'])
  assert.match(unknown.err, /there is no target named "nobody"; there are slack, slack-2, stderr/)
  desk.environment['SLACK'] = ''
  const empty = await desk.run(['notify', 'test'])
  assert.match(empty.err, /switchyard\.yaml:3: the url of "slack" is empty/)
  assert.deepEqual(secretsIn(JSON.stringify([none, all, one, unknown, empty]), [secret]), [])
})

test('a message that no target took is sent after a restart, once', async (t) => {
  await using stand = await openStand({ environment: oneKey })
  await using box = await openPostBox()
  const open = (): Notifier => {
    const transport = createTransport({ connectMs: 2000, headersMs: 2000, idleMs: 2000 })
    t.after(() => transport.close())
    const hook = { name: 'hook', type: 'webhook', events: undefined, quiet: true } as const
    const settings = [{ ...hook, url: new Secret(`${box.url}/x`), secret: undefined }] as const
    const terminal = { isTerminal: false, write: () => {} }
    const desktop = { platform: 'linux', environment: {} } as const
    return new Notifier({
      core: stand.core,
      subscriptions: createSubscriptions(settings, { transport, clock: stand.clock, terminal, desktop }),
      quiet: undefined,
      tastes: { zone: undefined, forecastMinutes: 60, differencePercent: 10, freeOnly: false },
      memory: fileMemory(join(stand.home, 'notified.json'), silentLog),
      clock: stand.clock,
      log: silentLog,
    })
  }
  box.answers = [{ status: 500 }, { status: 200 }]
  assert.equal(await call(stand, { model: 'gpt-oss:20b' }), 'ollama')
  await open().look()
  await open().look()
  await open().look()
  const told = box.received.map(({ body, headers }) => [JSON.parse(body).type, headers['webhook-id']])
  assert.equal(told.length, 2)
  assert.equal(told[0]?.[0], 'paid-lane')
  assert.deepEqual(told[0], told[1])
})

test('a running gateway tells its targets, a dead one included, and keeps every secret', async () => {
  await using simulator = await startSimulator(canarySimulator)
  await using box = await openPostBox()
  using desk = new Desk({
    ...environmentFor(simulator),
    SWITCHYARD_PORT: '0',
    HOOK: `${box.url}/${secret}`,
    DEAD: `http://127.0.0.1:9/${secret}`,
  })
  writeFileSync(
    join(desk.home, 'switchyard.yaml'),
    `notify:
  targets:
    - { type: stderr }
    - { type: webhook, urlEnv: HOOK, secret: ${secret} }
    - { type: discord, urlEnv: DEAD }
`,
  )
  await using running = desk.start(['serve'])
  const [, url = ''] = /listens on (\S+)/.exec(await running.until(/listens on (\S+)\n/)) ?? []
  const key = readFileSync(join(desk.home, 'client-key'), 'utf8').trim()
  const reply = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(ask('hello', { model: 'gpt-oss:20b' })),
  })
  assert.equal(reply.status, 200)
  await reply.text()
  // On its way out it looks a last time, so nobody has to wait for the next look.
  const { code, out, err } = await running.stop()
  assert.equal(code, 0)
  assert.match(err, /^Switchyard: Calls to Ollama Cloud are not free now$/m)
  assert.match(err, /"msg":"a message to discord could not be sent; it is tried again"/)
  assert.equal(JSON.parse(box.received[0]?.body ?? '{}').type, 'paid-lane')
  assert.match(
    readFileSync(join(desk.home, 'notified.json'), 'utf8'),
    /"unsent":\{"discord":\{"waiting":\[\{/,
  )
  const files = readdirSync(desk.home)
    .filter((name) => !/^(switchyard\.yaml|client-key|admin-key)$/.test(name))
    .map((name) => readFileSync(join(desk.home, name), 'latin1'))
  const everything = [out, err, ...files, ...box.received.map(({ body }) => body)].join('\n')
  assert.deepEqual(secretsIn(everything, [secret, ...canaryKeys]), [])
})
