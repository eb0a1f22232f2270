import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import type { NotifySettings } from '../notify/settings.ts'
import { load } from './load.ts'
import { notifySettings } from './notify.ts'

const folder = mkdtempSync(join(tmpdir(), 'switchyard-notify-'))
test.after(() => rmSync(folder, { recursive: true }))

function read(text: string, environment: Record<string, string> = {}): NotifySettings | undefined {
  writeFileSync(join(folder, 'switchyard.yaml'), text)
  return notifySettings(load({ environment: { SWITCHYARD_HOME: folder } }), environment)
}

/** The error's text, with the file's name taken off. */
function mistake(text: string, environment: Record<string, string> = {}): string {
  try {
    read(text, environment)
  } catch (error) {
    return String((error as Error).message).replaceAll(`${join(folder, 'switchyard.yaml')}:`, '')
  }
  return 'no mistake was found'
}

const one = (target: string): string => `notify:\n  targets:\n    - ${target}\n`

test('without targets there is nothing to send', () => {
  assert.equal(read('{}'), undefined)
  assert.equal(read('notify: { quiet: { from: "22:00", until: "07:00" } }'), undefined)
})

test('every target is read, with secrets from variables and files, and named', () => {
  writeFileSync(join(folder, 'token'), '123:abc\n')
  const settings = read(
    `
notify:
  targets:
    - type: stderr
    - { type: webhook, url: "https://ops.example.org/hook?x=1", secretEnv: HOOK, events: [key-dead], quiet: false }
    - { type: slack, urlEnv: SLACK }
    - { type: slack, urlEnv: SLACK }
    - { type: discord, name: team, url: "http://127.0.0.1:9/x" }
    - { type: telegram, tokenFile: token, chat: -100123 }
    - { type: ntfy, url: "https://ntfy.sh/topic" }
    - { type: smtp, host: mail.example.org, user: me, passwordEnv: MAIL, from: a@example.org, to: b@example.org }
    - { type: smtp, host: mail.example.org, port: 465, from: a@example.org, to: [b@example.org] }
  quiet: { from: "22:00", until: "07:00", zone: "Europe/Berlin" }
  forecastMinutes: 30
`,
    { SLACK: 'https://hooks.example/T/B/x', HOOK: 'whsec_c2VjcmV0', MAIL: 'pass word' },
  )
  assert.deepEqual(
    settings?.targets.map(({ name }) => name),
    ['stderr', 'webhook', 'slack', 'slack-2', 'team', 'telegram', 'ntfy', 'smtp', 'smtp-2'],
  )
  const [, webhook, , , , telegram, , mail, secure] = settings?.targets ?? []
  assert.ok(webhook?.type === 'webhook' && webhook.secret?.reveal() === 'whsec_c2VjcmV0' && !webhook.quiet)
  assert.deepEqual([...(webhook.events ?? [])], ['key-dead'])
  assert.ok(
    telegram?.type === 'telegram' && telegram.token.reveal() === '123:abc' && telegram.chat === '-100123',
  )
  assert.ok(mail?.type === 'smtp' && mail.password?.reveal() === 'pass word')
  assert.deepEqual([mail.security, mail.port, mail.to], ['starttls', 587, ['b@example.org']])
  assert.ok(secure?.type === 'smtp' && secure.security === 'tls')
  assert.deepEqual(settings?.quiet, {
    from: 1320,
    until: 420,
    zone: 'Europe/Berlin',
    except: new Set(['key-dead', 'budget-100']),
  })
  assert.deepEqual([settings.forecastMinutes, settings.differencePercent], [30, 10])
  assert.doesNotMatch(JSON.stringify(settings), /hooks\.example|c2VjcmV0|123:abc|pass word/)
})

test('mistakes are told with their line', () => {
  assert.match(
    mistake(one('{ type: slak, url: x }')),
    /^3: "notify\.targets\.0\.type": one of stderr, desktop, webhook, /,
  )
  assert.match(
    mistake(one('{ type: slack, urll: x }')),
    /^3: unknown setting "notify\.targets\.0\.urll"; did you mean "url"\?/,
  )
  assert.match(mistake(one('{ type: stderr, events: [pool-spend] }')), /^3: "notify\.targets\.0\.events\.0"/)
  assert.match(
    mistake(one('{ type: slack }')),
    /^3: "slack" needs its url: give exactly one of "url", "urlFile" or "urlEnv"/,
  )
  assert.match(
    mistake(one('{ type: slack, urlEnv: NOT_SET }')),
    /^3: "slack" takes its url from NOT_SET, which is not set/,
  )
  assert.match(mistake(one('{ type: ntfy, url: "https://ntfy.sh" }')), /^3: .* has no topic/)
  for (const topic of ['100%', 'my topic', 'thème', 'x'.repeat(65)])
    assert.match(
      mistake(one(`{ type: ntfy, url: "https://ntfy.sh/${topic}" }`)),
      /^3: the topic .* letters, digits, "-" and "_"/,
    )
  assert.match(
    mistake(one('{ type: smtp, host: m, from: x, to: a@b.c }')),
    /^3: "notify\.targets\.0\.from": an e-mail address/,
  )
  assert.match(
    mistake(`${one('{ type: stderr }')}  quiet: { from: "22:00", until: "22:00" }\n`),
    /^4: .*must differ/,
  )
  assert.match(
    mistake(`${one('{ type: stderr }')}  quiet: { from: "22:00", until: "7", zone: Mars }\n`),
    /4: "notify.quiet.until".*\n.*4: "notify.quiet.zone"/,
  )
  assert.match(
    mistake('notify: { target: [] }'),
    /^1: unknown setting "notify\.target"; did you mean "targets"\?/,
  )
  assert.match(
    mistake('notify:\n  targets: [{ type: stderr, name: a }, { type: stderr, name: a }]'),
    /^2: two targets.*named "a"/,
  )
})

test('what could be read on the way is refused, and no error repeats an address or a secret', () => {
  const secret = 'sEcReTpArT'
  const open = [
    one(`{ type: slack, url: "http://hooks.example/${secret}" }`),
    one(`{ type: webhook, url: "ftp://hooks.example/${secret}" }`),
    one(`{ type: webhook, url: "https://me:${secret}@hooks.example" }`),
    one(`{ type: discord, url: "${secret}" }`),
    one(`{ type: telegram, token: "${secret}/../x", chat: 1 }`),
    one(`{ type: telegram, token: "${secret}", chat: 1, server: "http://bots.example" }`),
    one(
      `{ type: smtp, host: m.example, security: none, user: u, password: ${secret}, from: a@b.c, to: a@b.c }`,
    ),
    one(`{ type: smtp, host: m.example, password: ${secret}, from: a@b.c, to: a@b.c }`),
    one(`{ type: webhook, url: "https://x.example", secret: ${secret}, secretEnv: B }`),
    one(`{ type: webhook, url: "https://x.example", secret: "${secret}\\n${secret}" }`),
  ]
  for (const text of open) {
    const told = mistake(text)
    assert.match(told, /^3: /, text)
    assert.doesNotMatch(told, new RegExp(secret), text)
  }
  assert.ok(read(one(`{ type: slack, url: "http://hooks.example/x", allowHttp: true }`)))
  assert.ok(read(one(`{ type: slack, url: "http://[::1]:9/x" }`)))
})

test('commands that send nothing run without the variables that hold addresses', () => {
  writeFileSync(join(folder, 'switchyard.yaml'), one('{ type: slack, urlEnv: NOT_SET }'))
  assert.ok(load({ environment: { SWITCHYARD_HOME: folder } }))
})

test('every example of the guide is a valid config', () => {
  const guide = readFileSync(resolve(import.meta.dirname, '../../docs/guides/notifications.md'), 'utf8')
  const examples = [...guide.matchAll(/```yaml\n([^]*?)```/g)].map((found) => found[1] ?? '')
  const inline = [...guide.matchAll(/`(\{ type: [^`]*\})`/g)].map((found) => one(found[1] ?? ''))
  const whole = examples.map((text) =>
    text.startsWith('- ') ? `notify:\n  targets:\n${text.replaceAll(/^/gm, '    ')}` : text,
  )
  const variables = 'SLACK_WEBHOOK DISCORD_WEBHOOK TELEGRAM_TOKEN MAIL_USER MAIL_PASSWORD HOOK_SECRET'
  const set = variables
    .split(' ')
    .map((name) => [name, name === 'TELEGRAM_TOKEN' ? '1:a' : `https://x.example/${name}`])
  assert.ok(whole.length >= 3 && inline.length >= 6)
  for (const text of [...whole, ...inline]) assert.ok(read(text, Object.fromEntries(set)), text)
})
