import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { createMovableClock } from '../../src/clock.ts'
import type { Notice } from '../../src/notify/notice.ts'
import type { TargetSettings } from '../../src/notify/settings.ts'
import type { Sent } from '../../src/notify/target.ts'
import { createSubscriptions } from '../../src/notify/targets/index.ts'
import type { DesktopPort } from '../../src/notify/targets/desktop.ts'
import type { TerminalPort } from '../../src/notify/targets/terminal.ts'
import { Secret } from '../../src/secret.ts'
import { createTransport } from '../../src/wire/transport.ts'
import { openMailServer } from '../support/mail-server.ts'
import { openPostBox } from '../support/post-box.ts'
import { noon } from '../support/stand.ts'

type AnySettings = TargetSettings extends infer Each
  ? Each extends unknown
    ? Omit<Each, 'name' | 'events' | 'quiet'>
    : never
  : never

const notice: Notice = {
  kind: 'pool-spent',
  subject: 'pool/openrouter',
  urgent: false,
  at: noon,
  until: Date.UTC(2026, 10, 24),
  title: 'OpenRouter: free quota is spent',
  lines: ['Über <!channel> & co.', 'Back: midnight.'],
}
const text = [notice.title, ...notice.lines].join('\n')

async function send(settings: AnySettings, message: Notice = notice, terminal = silent): Promise<Sent> {
  const transport = createTransport({ connectMs: 2000, headersMs: 2000, idleMs: 2000 })
  const clock = createMovableClock({ start: noon })
  const full = { name: 'test', events: undefined, quiet: true, ...settings } as TargetSettings
  try {
    const [subscription] = createSubscriptions([full], { transport, clock, terminal, desktop })
    assert.ok(subscription)
    return await subscription.target.send(message)
  } finally {
    await transport.close()
  }
}

const desktop: DesktopPort = { platform: 'linux', environment: {} }
const silent: TerminalPort = { isTerminal: false, write: () => {} }

test('Slack: plain text, with its three characters escaped', async () => {
  await using box = await openPostBox()
  const sent = await send({ type: 'slack', url: new Secret(`${box.url}/services/T/B/x`) })
  assert.deepEqual(sent, { ok: true, detail: 'HTTP 200' })
  const [request] = box.received
  assert.equal(`${request?.method} ${request?.path}`, 'POST /services/T/B/x')
  assert.equal(request?.headers['content-type'], 'application/json')
  assert.deepEqual(JSON.parse(request.body), {
    text: text.replace('<!channel> &', '&lt;!channel&gt; &amp;'),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
  })
})

test('Discord: mentions nobody, whatever the text says', async () => {
  await using box = await openPostBox()
  box.answers = [{ status: 204 }]
  const long = { ...notice, lines: ['x'.repeat(5000)] }
  assert.deepEqual(await send({ type: 'discord', url: new Secret(`${box.url}/api/webhooks/1/x`) }, long), {
    ok: true,
    detail: 'HTTP 204',
  })
  const body = JSON.parse(box.received[0]?.body ?? '') as { content: string; allowed_mentions: object }
  assert.ok(body.content.length <= 2000 && body.content.endsWith('…'))
  assert.deepEqual(body.allowed_mentions, { parse: [] })
})

test('Telegram: the token in the path, plain text, silent unless urgent', async () => {
  await using box = await openPostBox()
  box.answers = [{ status: 200, body: '{"ok":true}' }]
  const settings = { type: 'telegram', token: new Secret('123:abc'), chat: '-1001', server: box.url } as const
  assert.equal((await send(settings)).ok, true)
  await send(settings, { ...notice, urgent: true })
  assert.equal(box.received[0]?.path, '/bot123:abc/sendMessage')
  assert.deepEqual(JSON.parse(box.received[0].body), {
    chat_id: '-1001',
    text,
    link_preview_options: { is_disabled: true },
    disable_notification: true,
  })
  assert.equal(JSON.parse(box.received[1]?.body ?? '').disable_notification, false)
})

test('ntfy: as JSON to the root of the server, which carries more than ASCII', async () => {
  await using box = await openPostBox()
  const url = new Secret(`${box.url}/push/my-topic`)
  await send({ type: 'ntfy', url, token: new Secret('tk_abcdef') }, { ...notice, urgent: true })
  const [request] = box.received
  assert.equal(request?.path, '/push/')
  assert.equal(request.headers.authorization, 'Bearer tk_abcdef')
  assert.deepEqual(JSON.parse(request.body), {
    topic: 'my-topic',
    title: notice.title,
    message: notice.lines.join('\n'),
    priority: 4,
  })
})

/** The example of the guide, as its readers would run it. */
async function verifier(): Promise<(headers: Headers, body: string, secret: string, now: number) => boolean> {
  const guide = readFileSync(
    join(resolve(import.meta.dirname, '../..'), 'docs/guides/notifications.md'),
    'utf8',
  )
  const code = /```js\n(import [^]*?)```/.exec(guide)?.[1]
  assert.ok(code !== undefined, 'the guide shows how to verify')
  const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
    readonly verify: (headers: Headers, body: string, secret: string, now: number) => boolean
  }
  return module.verify
}

test('webhook: signed over id, time and body, as the example in the guide verifies', async () => {
  await using box = await openPostBox()
  const verify = await verifier()
  for (const secret of ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'a secret as it is']) {
    await send({ type: 'webhook', url: new Secret(`${box.url}/hook?team=1`), secret: new Secret(secret) })
    const request = box.received.at(-1)
    assert.ok(request)
    assert.equal(request.path, '/hook?team=1')
    assert.deepEqual(JSON.parse(request.body), {
      type: 'pool-spent',
      timestamp: '2026-11-23T12:00:00.000Z',
      data: {
        subject: 'pool/openrouter',
        title: notice.title,
        lines: notice.lines,
        urgent: false,
        until: '2026-11-24T00:00:00.000Z',
      },
    })
    const headers = new Headers(
      Object.entries(request.headers).flatMap(([name, value]) =>
        typeof value === 'string' ? [[name, value] as [string, string]] : [],
      ),
    )
    const late = noon + 600_000
    assert.equal(verify(headers, request.body, secret, noon), true)
    assert.equal(verify(headers, request.body, secret, late), false, 'an old one may be a repetition')
    assert.equal(verify(headers, request.body.replace('false', 'true'), secret, noon), false)
    assert.equal(verify(headers, request.body, 'another', noon), false)
    headers.set('webhook-timestamp', String(noon / 1000 - 1))
    assert.equal(verify(headers, request.body, secret, noon), false)
  }
})

test("webhook: the signature is that of the standard's own test vector", async () => {
  const verify = await verifier()
  // github.com/standard-webhooks/standard-webhooks, libraries/javascript/src/index.test.ts
  const headers = new Headers({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  assert.equal(verify(headers, '{"test": 2432232314}', secret, 1_614_265_330_000), true)
})

test('webhook: what is sent again keeps its id, also by another process', async () => {
  await using box = await openPostBox()
  const transport = createTransport({ connectMs: 2000, headersMs: 2000, idleMs: 2000 })
  const clock = createMovableClock({ start: noon })
  const settings = { type: 'webhook', url: new Secret(`${box.url}/`), secret: undefined } as const
  const [hook] = createSubscriptions([{ name: 'hook', events: undefined, quiet: true, ...settings }], {
    transport,
    clock,
    terminal: silent,
    desktop,
  })
  for (const message of [notice, { ...notice }, { ...notice, at: noon + 1 }]) await hook?.target.send(message)
  await transport.close()
  const [first, second, other] = box.received.map(({ headers }) => headers['webhook-id'])
  assert.equal(first, second)
  assert.notEqual(first, other)
  assert.equal(box.received[0]?.headers['webhook-signature'], undefined)
})

test('stderr: lines, and bell and desktop message on a terminal only', async () => {
  const written: string[] = []
  const port = (isTerminal: boolean) => ({ isTerminal, write: (line: string) => void written.push(line) })
  const settings = { type: 'stderr', bell: true, desktop: true } as const
  await send(settings, notice, port(false))
  await send(settings, notice, port(true))
  const lines = `Switchyard: ${notice.title}\n  ${notice.lines.join('\n  ')}\n`
  assert.deepEqual(written, [lines, `\u0007\u001B]9;${notice.title}\u0007${lines}`])
})

const mail = { type: 'smtp', host: '127.0.0.1', security: 'none', from: 'gateway@example.org' } as const

test('e-mail: to everybody, with a login, in letters of any kind', async () => {
  await using server = await openMailServer()
  const sent = await send({
    ...mail,
    port: server.port,
    user: 'me',
    password: new Secret('pass word'),
    to: ['one@example.org', 'two@example.org'],
  })
  assert.deepEqual(sent, { ok: true, detail: 'accepted by the mail server' })
  assert.deepEqual(server.logins, ['\u0000me\u0000pass word'])
  const [received] = server.mails
  assert.equal(received?.from, 'gateway@example.org')
  assert.deepEqual(received.to, ['one@example.org', 'two@example.org'])
  assert.match(received.text, /^Subject: \[Switchyard\] OpenRouter: free quota is spent$/m)
  assert.match(received.text, /^Auto-Submitted: auto-generated$/m)
  assert.match(received.text.replaceAll(/=\n/g, ''), /=C3=9Cber <!channel> & co\.\nBack: midnight\./)
})

test('e-mail: a refusal for good is told from one for now, and says no secret', async () => {
  await using server = await openMailServer()
  const settings = { ...mail, port: server.port, user: undefined, password: undefined, to: ['x@example.org'] }
  server.refuse.set('RCPT', '550 5.1.1 no such user')
  const gone = await send(settings)
  assert.ok(!gone.ok && !gone.retry && /SMTP 550 5\.1\.1 no such user/.test(gone.detail), gone.detail)
  server.refuse.set('RCPT', '451 4.7.1 come back later')
  const later = await send(settings)
  assert.ok(!later.ok && later.retry)
  server.refuse.set('AUTH', '535 5.7.8 not you, AG1lAHBhc3Mgd29yZA==')
  const login = await send({ ...settings, user: 'me', password: new Secret('pass word') })
  assert.deepEqual(login, { ok: false, detail: 'SMTP 535, the login was refused', retry: false })
})

test('e-mail: where encryption is wanted and not offered, nothing is said', async () => {
  await using server = await openMailServer()
  const settings = {
    ...mail,
    port: server.port,
    user: 'me',
    password: new Secret('pass word'),
    to: ['x@e.org'],
  }
  const sent = await send({ ...settings, security: 'starttls' })
  assert.equal(sent.ok, false)
  assert.deepEqual([server.logins, server.mails], [[], []])
})

test('what a service answers decides whether it is tried again', async () => {
  const cases = [
    [{ status: 500 }, { ok: false, detail: 'HTTP 500', retry: true }],
    [
      { status: 404, body: 'no_service' },
      { ok: false, detail: 'HTTP 404: no_service', retry: false },
    ],
    [
      { status: 429, headers: { 'retry-after': '7' } },
      { ok: false, detail: 'HTTP 429', retry: true, afterMs: 7000 },
    ],
    [
      {
        status: 429,
        body: '{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 35","parameters":{"retry_after":35}}',
      },
      { ok: false, detail: 'HTTP 429: Too Many Requests: retry after 35', retry: true, afterMs: 35_000 },
    ],
    [
      { status: 200, body: 'x'.repeat(100_000) },
      { ok: true, detail: 'HTTP 200' },
    ],
  ] as const
  for (const [answer, expected] of cases) {
    await using box = await openPostBox()
    box.answers = [answer]
    assert.deepEqual(await send({ type: 'slack', url: new Secret(`${box.url}/x`) }), expected)
  }
})

test('a redirect is not followed, wherever it points', async () => {
  await using box = await openPostBox()
  await using elsewhere = await openPostBox()
  for (const status of [301, 302, 303, 307, 308]) {
    box.answers = [{ status, headers: { location: `${elsewhere.url}/x` } }]
    const sent = await send({ type: 'webhook', url: new Secret(`${box.url}/x`), secret: undefined })
    assert.ok(!sent.ok && !sent.retry)
    assert.match(sent.detail, new RegExp(`^HTTP ${status}: redirects are not followed`))
  }
  assert.equal(elsewhere.received.length, 0)
})

test('no address, token or secret stands in what is said of a failure', async () => {
  await using box = await openPostBox()
  const secret = 'sEcReTpArTsEcReT'
  const echo = JSON.stringify({
    description: `no ${secret} ${box.url}/a/${secret}?k=${secret}`,
    message: secret,
  })
  const dead = 'http://127.0.0.1:9'
  const every = (origin: string): AnySettings[] => [
    { type: 'slack', url: new Secret(`${origin}/a/${secret}?k=${secret}`) },
    { type: 'discord', url: new Secret(`${origin}/a/${secret}`) },
    { type: 'telegram', token: new Secret(`123:${secret}`), chat: '1', server: origin },
    { type: 'ntfy', url: new Secret(`${origin}/${secret}`), token: new Secret(secret) },
    { type: 'webhook', url: new Secret(`${origin}/a`), secret: new Secret(secret) },
  ]
  for (const [index, settings] of [...every(box.url), ...every(dead)].entries()) {
    box.answers = [
      { status: 403, body: settings.type === 'telegram' ? echo.replaceAll(secret, `123:${secret}`) : echo },
    ]
    const sent = await send(settings)
    assert.equal(sent.ok, false)
    assert.doesNotMatch(sent.detail, new RegExp(secret), `${settings.type} ${index}`)
    assert.doesNotMatch(sent.detail, /127\.0\.0\.1:9/)
  }
})

test('a secret of an address is not told either when the service reads it back without its percent signs', async () => {
  await using box = await openPostBox()
  box.answers = [
    { status: 403, body: JSON.stringify({ message: 'no "open sesame/now", no "k+ey=of mine"' }) },
  ]
  const url = new Secret(`${box.url}/hook/open%20sesame%2Fnow/100%?k=k%2Bey%3Dof+mine`)
  const sent = await send({ type: 'webhook', url, secret: undefined })
  assert.deepEqual(sent, { ok: false, detail: 'HTTP 403: no "[key]", no "[key]"', retry: false })
})
