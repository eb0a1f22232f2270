import { once } from 'node:events'
import { join } from 'node:path'
import { type Clock, createMovableClock, systemClock } from '../clock.ts'
import { ConfigClientBook } from '../config/client-book.ts'
import { gatewayKeyFrom, metricsKey, refuseSharedKeys } from '../config/clients.ts'
import { makePrivateFolder, readOrCreateKey, sandboxHome } from '../config/home.ts'
import { hasKeys, keyReport, type Loaded, load, routerSettings } from '../config/load.ts'
import { notifySettings } from '../config/notify.ts'
import { ConfigError } from '../errors.ts'
import { startGateway } from '../gateway/gateway.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { createCore } from '../routing/core.ts'
import { observersOf } from '../routing/observer.ts'
import { createTraces } from '../traces/traces.ts'
import { createLog, logLevel } from './log.ts'
import { createNotifier } from './notify.ts'
import { readPortFlag, serverSettings, wantsTraces } from './settings.ts'
import { settingsShown } from './settings-shown.ts'

export interface ServeFlags {
  readonly host?: string
  readonly port?: string
  readonly config?: string
}

/** `switchyard serve`: the gateway with the keys that are configured. */
export async function serve(flags: ServeFlags): Promise<void> {
  const loaded = loadWith(flags)
  if (!hasKeys(loaded.providers)) {
    const variables = loaded.providers.map(({ provider }) => provider.environment.key).join(' or ')
    throw new ConfigError(
      `no keys found. Set ${variables}, or write keys into ${loaded.home.configFile}, or try it without keys: switchyard start`,
    )
  }
  await run(loaded, flags, { clock: systemClock, sandbox: undefined })
}

/** `switchyard start`: as `serve`; without keys against the simulator, said loudly. */
export async function start(flags: ServeFlags): Promise<void> {
  const loaded = loadWith(flags)
  if (hasKeys(loaded.providers)) return run(loaded, flags, { clock: systemClock, sandbox: undefined })
  // Only the sandbox needs it: a gateway with keys does not load it.
  const { environmentFor, startSimulator } = await import('../simulator/index.ts')
  const clock = createMovableClock({ running: true })
  await using simulator = await startSimulator({ clock })
  const environment = {
    ...process.env,
    ...environmentFor(simulator),
  }
  const sandboxed = load({ environment, ...(flags.config === undefined ? {} : { configFile: flags.config }) })
  await run({ ...sandboxed, home: sandboxHome(sandboxed.home) }, flags, { clock, sandbox: simulator.url })
}

function loadWith(flags: ServeFlags): Loaded {
  // What was typed wrong is told before what is missing.
  if (flags.port !== undefined) readPortFlag(flags.port)
  return load({
    environment: process.env,
    ...(flags.config === undefined ? {} : { configFile: flags.config }),
  })
}

async function run(
  loaded: Loaded,
  flags: ServeFlags,
  mode: { readonly clock: Clock; readonly sandbox: string | undefined },
): Promise<void> {
  const { home, file } = loaded
  const server = serverSettings(process.env, file, flags)
  const log = createLog(logLevel(process.env, file, 'info'))
  makePrivateFolder(home.folder)
  const client =
    server.clientKey === undefined
      ? readOrCreateKey(home.clientKeyFile, 'sy-')
      : { key: server.clientKey, created: false }
  const admin = readOrCreateKey(home.adminKeyFile, 'sya-')

  const ownMetricsKey = metricsKey(process.env, file) ?? readOrCreateKey(home.metricsKeyFile, 'sym-').key
  refuseSharedKeys(loaded.clients, ownMetricsKey, 'the metrics page')
  if (ownMetricsKey === client.key)
    throw new ConfigError('the metrics page has the same key as the gateway itself; give it one of its own')
  const sandbox = mode.sandbox !== undefined
  const notify = notifySettings(loaded, process.env)
  const metrics = await createMetrics()
  await using core = createCore({
    ...routerSettings(loaded, { log, clock: mode.clock }),
    observe: observersOf([
      metrics.observe,
      ...(wantsTraces(process.env, file) ? [await createTraces()] : []),
    ]),
  })
  await core.ready
  await using notifier = createNotifier(loaded, notify, { core, clock: mode.clock, log, sandbox })
  await using gateway = await startGateway({
    core,
    clientKey: client.key,
    clients: loaded.clients.map(({ name, freeOnly, secret }) => ({ name, freeOnly, key: secret.reveal() })),
    book: new ConfigClientBook(
      { configFile: loaded.configFile, keysFolder: join(home.folder, 'clients') },
      file,
      gatewayKeyFrom(process.env, file),
    ),
    adminKey: admin.key,
    metricsKey: ownMetricsKey,
    metrics,
    host: server.host,
    port: server.port,
    sandbox,
    // A sandbox has the simulator's keys, whatever is set.
    keys: sandbox ? undefined : { configFile: loaded.configFile, read: () => loadWith(flags).providers },
    settings: () => settingsShown({ ...loaded, ...core.inForce }, notify, sandbox),
    clock: mode.clock,
    log,
    ...(file.server?.allowedHosts === undefined ? {} : { allowedHosts: file.server.allowedHosts }),
    ...(file.server?.allowedOrigins === undefined ? {} : { allowedOrigins: file.server.allowedOrigins }),
    ...(file.server?.maxBodyMiB === undefined ? {} : { maxBodyBytes: file.server.maxBodyMiB * 1024 * 1024 }),
  })
  notifier.start()
  // Before the address is told: whoever reads it may stop us at once.
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  const byHand = process.env['SWITCHYARD_API_KEY'] ? '$SWITCHYARD_API_KEY' : '<your client key>'
  const where = server.clientKey === undefined ? `$(cat '${home.clientKeyFile}')` : byHand
  console.log(
    banner({
      url: gateway.url,
      loaded,
      sandbox: mode.sandbox,
      newKey: client.created ? client.key : undefined,
      where,
    }),
  )

  const signal = await stopped
  console.log(
    `${String(signal[0] ?? 'signal')}: finishing running requests (10 s at most; again to stop now)`,
  )
  process.once('SIGINT', () => process.exit(130))
  process.once('SIGTERM', () => process.exit(143))
  await gateway.close()
}

interface BannerFacts {
  readonly url: string
  readonly loaded: Loaded
  readonly sandbox: string | undefined
  readonly newKey: string | undefined
  readonly where: string
}

function banner({ url, loaded, sandbox, newKey, where }: BannerFacts): string {
  const lines = [`Switchyard listens on ${url}`]
  if (sandbox !== undefined) {
    lines.push(
      '',
      '*** SANDBOX: no keys were found, so a simulator answers. Nothing here is real and nothing costs money. ***',
      `    Simulator: ${sandbox}/sim (counters, clock, faults). For real answers set ${loaded.providers[0]?.provider.environment.key ?? 'a key'} and start again.`,
      '',
    )
  }
  lines.push(...keyReport(loaded.providers), ...loaded.notes.map((note) => `Note: ${note}`))
  if (newKey !== undefined)
    lines.push(`Client key (shown this once, kept in ${loaded.home.clientKeyFile}): ${newKey}`)
  lines.push(
    `Dashboard: ${url}/dashboard (the admin key opens it: switchyard dashboard)`,
    '',
    'Try it:',
    `  curl ${url}/v1/chat/completions -H "Authorization: Bearer ${where}" -H 'Content-Type: application/json' -d '{"messages":[{"role":"user","content":"Hello"}]}'`,
  )
  return lines.join('\n')
}
