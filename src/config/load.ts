import { dirname, join, resolve } from 'node:path'
import type { Clock, Random } from '../clock.ts'
import { systemClock } from '../clock.ts'
import { ConfigError } from '../errors.ts'
import type { LedgerStore } from '../ledger/ledger.ts'
import { createCompatible, readCompatible } from '../providers/compatible/index.ts'
import { providers } from '../providers/index.ts'
import {
  defaultRouting,
  type Log,
  type ProviderSettings,
  type RouterSettings,
  type RoutingSettings,
  type UnknownHeard,
} from '../routing/settings.ts'
import type { Policy } from '../routing/policy.ts'
import { type Retention, retentionOf } from '../ledger/retention.ts'
import { openSqliteStore } from '../stores/sqlite.ts'
import { keepUnknownBodies } from '../stores/unknown-bodies.ts'
import type { Environment } from './environment.ts'
import { type ClientSettings, clientsOf, gatewayKey, refuseSharedKeys } from './clients.ts'
import { atLine, readConfigFile } from './file.ts'
import { policyOf } from './policy.ts'
import { type Home, homeOf, makePrivateFolder, readKeyFile } from './home.ts'
import { providerSettings } from './provider-settings.ts'
import type { FileConfig } from './schema.ts'

export interface LoadOptions {
  readonly environment: Environment
  /** In place of `SWITCHYARD_HOME`. */
  readonly home?: string
  /** In place of `switchyard.yaml` in the home; must exist. */
  readonly configFile?: string
}

/** Config file and environment, read and checked, before anything is opened. */
export interface Loaded {
  readonly home: Home
  /** Where the config file is, or would be, and the folder that its relative paths start from. */
  readonly configFile: string
  readonly folder: string
  readonly file: FileConfig
  readonly providers: readonly ProviderSettings[]
  readonly routing: RoutingSettings
  readonly policy: Policy
  readonly clients: readonly ClientSettings[]
  /** For how long the ledger keeps what. */
  readonly keep: Retention
  /** Things that work but are worth knowing. */
  readonly notes: readonly string[]
}

/** The environment wins over the file; keys of both are used. Throws ConfigError. */
export function load(options: LoadOptions): Loaded {
  const { environment } = options
  if (environment['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    throw new ConfigError('NODE_TLS_REJECT_UNAUTHORIZED=0 would send keys to anybody who answers; unset it')
  }
  const home = homeOf(environment, options.home)
  const path = options.configFile === undefined ? home.configFile : resolve(options.configFile)
  const file = readConfigFile(path)
  if (file === undefined && options.configFile !== undefined)
    throw new ConfigError(`there is no config file ${path}`)
  const notes: string[] = []
  const folder = dirname(path)
  const entries = Object.entries(file?.providers ?? {})
  const own = entries.filter(([name]) => !providers.some((provider) => provider.name === name))
  const settings = [
    ...providers.map((provider) =>
      providerSettings(provider, file?.providers?.[provider.name], environment, folder, notes),
    ),
    ...own.map(([name, entry]) => {
      const provider = atLine(path, ['providers', name], () => createCompatible(readCompatible(name, entry)))
      return providerSettings(provider, { keys: entry?.keys }, environment, folder, notes)
    }),
  ]
  const placed = located(file ?? {}, folder)
  const clients = atLine(path, ['clients'], () => clientsOf(placed, environment, folder))
  // Without one set by hand the gateway's key is the one that an earlier start made.
  if (clients.length > 0)
    refuseSharedKeys(clients, gatewayKey(environment, placed) ?? readKeyFile(home.clientKeyFile))
  return {
    home,
    configFile: path,
    folder,
    file: placed,
    providers: settings,
    routing: routingOf(file),
    policy: atLine(path, ['policy'], () => policyOf(placed)),
    clients,
    keep: keepOf(file),
    notes,
  }
}

/** With its paths as seen from the file's own folder, wherever the process runs. */
function located(file: FileConfig, folder: string): FileConfig {
  const { apiKeyFile, metricsKeyFile } = file.server ?? {}
  if (apiKeyFile === undefined && metricsKeyFile === undefined) return file
  return {
    ...file,
    server: {
      ...file.server,
      ...(apiKeyFile === undefined ? {} : { apiKeyFile: resolve(folder, apiKeyFile) }),
      ...(metricsKeyFile === undefined ? {} : { metricsKeyFile: resolve(folder, metricsKeyFile) }),
    },
  }
}

/** "OpenRouter keys: 3", a line per provider. */
export function keyReport(settings: readonly ProviderSettings[]): string[] {
  return settings.map(
    ({ provider, keys }) =>
      `${provider.title} keys: ${keys.filter((key) => key.secret !== undefined).length}`,
  )
}

export function hasKeys(settings: readonly ProviderSettings[]): boolean {
  return settings.some(({ keys }) => keys.length > 0)
}

/** What a router needs, with its ledger in a file of `home`. */
export function routerSettings(
  loaded: Pick<Loaded, 'home' | 'providers' | 'routing' | 'policy' | 'keep'>,
  ports: {
    readonly log: Log
    readonly clock?: Clock
    readonly random?: Random
    readonly openStore?: () => Promise<LedgerStore>
  },
): RouterSettings {
  const clock = ports.clock ?? systemClock
  const path = loaded.home.ledgerFile
  const openFile = (): Promise<LedgerStore> => {
    makePrivateFolder(loaded.home.folder)
    makePrivateFolder(dirname(path))
    return openSqliteStore({
      path,
      now: clock.now(),
      clock,
      keep: loaded.keep,
      onError: (error) => ports.log.warn(error.message),
    })
  }
  return {
    providers: loaded.providers,
    routing: loaded.routing,
    policy: loaded.policy,
    openStore: ports.openStore ?? openFile,
    clock,
    random: ports.random ?? Math.random,
    log: ports.log,
    unknown: ports.openStore === undefined ? keeper(loaded.home, clock, ports.log) : () => {},
  }
}

/** Unknown errors are kept beside the ledger; who keeps no ledger keeps no errors either. */
function keeper(home: Home, clock: Clock, log: Log): UnknownHeard {
  const bodies = keepUnknownBodies(join(dirname(home.ledgerFile), 'unknown-errors'))
  return (provider, { status, text }) => {
    void bodies.keep({ provider, status, text, at: clock.now() }).then((file) => {
      if (file !== undefined)
        log.warn(
          `an error of ${provider} that is not known yet was kept, without names and keys; please report it`,
          { file },
        )
    })
  }
}

function keepOf(file: FileConfig | undefined): Retention {
  const given = Object.entries(file?.ledger?.keepDays ?? {})
  return retentionOf(
    Object.fromEntries(given.map(([name, days]) => [name, days === 'forever' ? Infinity : days])),
  )
}

function routingOf(file: FileConfig | undefined): RoutingSettings {
  const given = file?.routing ?? {}
  const ms = (seconds: number | undefined, fallback: number): number =>
    seconds === undefined ? fallback : Math.round(seconds * 1000)
  return {
    attempts: given.attempts ?? defaultRouting.attempts,
    deadlineMs: ms(given.deadlineSeconds, defaultRouting.deadlineMs),
    connectMs: ms(given.connectSeconds, defaultRouting.connectMs),
    firstContentMs: ms(given.firstContentSeconds, defaultRouting.firstContentMs),
    wholeMs: ms(given.wholeSeconds, defaultRouting.wholeMs),
    idleMs: ms(given.idleSeconds, defaultRouting.idleMs),
    totalMs: ms(given.totalSeconds, defaultRouting.totalMs),
    slotWaitMs: ms(given.slotWaitSeconds, defaultRouting.slotWaitMs),
    maxWaitMs: ms(given.maxWaitSeconds, defaultRouting.maxWaitMs),
    aliases: file?.aliases ?? {},
  }
}
