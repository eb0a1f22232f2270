import { dirname, join } from 'node:path'
import { type Clock, systemClock } from '../clock.ts'
import { type Loaded, load } from '../config/load.ts'
import { notifySettings } from '../config/notify.ts'
import { ConfigError, RequestError } from '../errors.ts'
import { fileMemory } from '../notify/memory.ts'
import type { Notice } from '../notify/notice.ts'
import { Notifier } from '../notify/notifier.ts'
import type { NotifySettings } from '../notify/settings.ts'
import type { Sent } from '../notify/target.ts'
import { createSubscriptions } from '../notify/targets/index.ts'
import type { RouterCore } from '../routing/core.ts'
import type { Log } from '../routing/settings.ts'
import { createTransport, type Transport } from '../wire/transport.ts'

/** Tells what happens to a router once it is started; without settings nobody. */
export function createNotifier(
  loaded: Loaded,
  settings: NotifySettings | undefined,
  ports: {
    readonly core: RouterCore
    readonly clock: Clock
    readonly log: Log
    readonly sandbox: boolean
  },
): AsyncDisposable & { start(): void } {
  if (settings === undefined) return { start() {}, async [Symbol.asyncDispose]() {} }
  const { core, clock, log, sandbox } = ports
  const transport = createTransport(deadlines)
  const notifier = new Notifier({
    core,
    clock,
    log,
    subscriptions: subscriptions(settings, transport, clock),
    quiet: settings.quiet,
    tastes: {
      zone: settings.quiet?.zone,
      forecastMinutes: settings.forecastMinutes,
      differencePercent: settings.differencePercent,
      freeOnly: loaded.policy.freeOnly,
    },
    memory: fileMemory(join(dirname(loaded.home.ledgerFile), 'notified.json'), log),
    ...(sandbox ? { mark: '[sandbox]' } : {}),
  })
  return {
    start: () => notifier.start(),
    async [Symbol.asyncDispose]() {
      await notifier.close()
      await transport.close()
    },
  }
}

/** `switchyard notify test [target]`: one message to each target, or to one, and what became of it. */
export async function testNotify(
  name: string | undefined,
  flags: { readonly config?: string },
): Promise<void> {
  const loaded = load({
    environment: process.env,
    ...(flags.config === undefined ? {} : { configFile: flags.config }),
  })
  const settings = notifySettings(loaded, process.env)
  if (settings === undefined)
    throw new ConfigError(
      `no targets are configured; write them under "notify" in ${loaded.configFile}, e.g. notify: { targets: [{ type: stderr }] }`,
    )
  const transport = createTransport(deadlines)
  try {
    const targets = subscriptions(settings, transport, systemClock).map(({ target }) => target)
    const chosen = targets.filter((target) => name === undefined || target.name === name)
    if (chosen.length === 0)
      throw new RequestError(
        'not_found',
        `there is no target named "${name}"; there are ${targets.map((target) => target.name).join(', ')}`,
      )
    const notice = testNotice()
    const results = await Promise.all(
      chosen.map(async (target) => ({ name: target.name, sent: await target.send(notice) })),
    )
    for (const result of results) console.log(`${result.name}: ${told(result.sent)}`)
    if (results.some(({ sent }) => !sent.ok)) process.exitCode = 1
  } finally {
    await transport.close()
  }
}

const deadlines = { connectMs: 5_000, headersMs: 10_000, idleMs: 10_000 }

function subscriptions(settings: NotifySettings, transport: Transport, clock: Clock) {
  const terminal = {
    isTerminal: process.stderr.isTTY,
    write: (text: string): void => void process.stderr.write(text),
  }
  const desktop = { platform: process.platform, environment: process.env }
  return createSubscriptions(settings.targets, { transport, clock, terminal, desktop })
}

function testNotice(): Notice {
  return {
    kind: 'test',
    subject: 'test',
    urgent: false,
    at: Date.now(),
    title: 'This is a test',
    lines: ['Messages of this router arrive here. Nothing has happened, nothing to do.'],
  }
}

function told(sent: Sent): string {
  if (sent.ok) return `sent (${sent.detail})`
  return `failed: ${sent.detail}${sent.retry ? '; a running gateway would try again' : '; a running gateway would not try again'}`
}
