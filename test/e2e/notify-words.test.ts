import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMovableClock } from '../../src/clock.ts'
import type { Notice } from '../../src/notify/notice.ts'
import { quoted } from '../../src/notify/outlook.ts'
import type { TargetSettings } from '../../src/notify/settings.ts'
import type { Sent } from '../../src/notify/target.ts'
import { createSubscriptions } from '../../src/notify/targets/index.ts'
import { Secret } from '../../src/secret.ts'
import { createTransport } from '../../src/wire/transport.ts'
import { openMailServer } from '../support/mail-server.ts'
import { openPostBox } from '../support/post-box.ts'
import { noon } from '../support/stand.ts'

/** What services and operators might have written, as it arrives at each target. */
const foreign = '**free** [here](https://evil.example) @everyone <@1> ||x|| `y` \\*z'

function about(...lines: readonly string[]): Notice {
  return { kind: 'model-gone', subject: 'model/x', urgent: false, at: noon, title: 'A model', lines }
}

async function send(settings: object, message: Notice): Promise<Sent> {
  const transport = createTransport({ connectMs: 2000, headersMs: 2000, idleMs: 2000 })
  const full = { name: 'test', events: undefined, quiet: true, ...settings } as TargetSettings
  try {
    const [subscription] = createSubscriptions([full], {
      transport,
      clock: createMovableClock({ start: noon }),
      terminal: { isTerminal: false, write: () => {} },
      desktop: { platform: 'linux', environment: {} },
    })
    assert.ok(subscription)
    return await subscription.target.send(message)
  } finally {
    await transport.close()
  }
}

/** The JSON that each chat service gets. */
async function received(message: Notice): Promise<Readonly<Record<string, Record<string, string>>>> {
  await using box = await openPostBox()
  const url = new Secret(`${box.url}/topic`)
  const all = [
    { type: 'slack', url },
    { type: 'discord', url },
    { type: 'telegram', token: new Secret('123:abc'), chat: '1', server: box.url },
    { type: 'ntfy', url, token: undefined },
  ]
  for (const settings of all) assert.equal((await send(settings, message)).ok, true)
  return Object.fromEntries(
    all.map(({ type }, index) => [
      type,
      JSON.parse(box.received[index]?.body ?? '') as Record<string, string>,
    ]),
  )
}

test('no markup and no mention is read from foreign words', async () => {
  const { slack, discord, telegram } = await received(about(foreign))
  assert.equal(
    discord?.['content'],
    'A model\n\\*\\*free\\*\\* \\[here\\](https://evil.example) @everyone \\<@1\\> \\|\\|x\\|\\| \\`y\\` \\\\\\*z',
  )
  assert.equal(slack?.['mrkdwn'], false)
  // Mattermost and Rocket.Chat take Slack's format, and mention whoever stands behind an "@", as Telegram does.
  for (const text of [slack?.['text'], telegram?.['text']]) assert.doesNotMatch(text ?? '@all', /@\w/)
})

test('however long and in whatever letters, a message stays below the limits of each service and is well formed', async () => {
  for (const letter of ['x', '*', '@a', '字', '🙂', '🙂*'])
    for (const shift of ['', 'a']) {
      const { slack, discord, telegram, ntfy } = await received(about(shift + letter.repeat(5000)))
      const [text, content, plain, message] = [
        slack?.['text'],
        discord?.['content'],
        telegram?.['text'],
        ntfy?.['message'],
      ].map((each) => each ?? '')
      assert.ok(content !== undefined && content.length <= 2000)
      assert.ok(plain !== undefined && plain.length <= 4096)
      assert.ok(text !== undefined && text.length <= 40_000)
      // docs.ntfy.sh/publish/#limitations: a longer one becomes a file.
      assert.ok(message !== undefined && Buffer.byteLength(message) <= 4096, `${letter}: bytes`)
      for (const each of [text, content, plain, message]) {
        assert.ok(each.isWellFormed(), letter)
        assert.ok(each.endsWith('…') && each.length > 900, letter)
      }
    }
})

test('foreign words are one short, well-formed line', () => {
  for (const text of [
    `${'a'.repeat(198)}🙂🙂`,
    'half \ud83d of a pair',
    'two\u2028lines\u2029and \u200fmore',
  ])
    assert.match(quoted(text), /^[^\p{Cs}\p{Cc}\p{Zl}\p{Zp}\u200e\u200f]{1,200}$/u)
})

test('e-mail: a recipient that the server refuses is told of, also when it takes another', async () => {
  await using server = await openMailServer()
  server.refuse.set('RCPT TO:<gone@example.org>', '550 5.1.1 no such user')
  const sent = await send(
    {
      type: 'smtp',
      host: '127.0.0.1',
      port: server.port,
      security: 'none',
      user: undefined,
      password: undefined,
      from: 'gateway@example.org',
      to: ['here@example.org', 'gone@example.org'],
    },
    about('x'),
  )
  assert.deepEqual(sent, {
    ok: false,
    detail: 'refused for 1 of 2 recipients: SMTP 550 5.1.1 no such user',
    retry: false,
  })
  assert.deepEqual(
    server.mails.map(({ to }) => to),
    [['here@example.org']],
  )
})
