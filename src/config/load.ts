import { dirname, resolve } from 'node:path'
import type { Clock, Random } from '../clock.ts'
import { systemClock } from '../clock.ts'
import { ConfigError } from '../errors.ts'
import type { LedgerStore } from '../ledger/ledger.ts'
import { providers } from '../providers/index.ts'
import type { Limit, Provider } from '../providers/provider.ts'
import {
  defaultRouting,
  type KeySettings,
  type Log,
  type ProviderSettings,
  type RouterSettings,
  type RoutingSettings,
} from '../routing/settings.ts'
import { openPolicy } from '../routing/policy.ts'
import { openSqliteStore } from '../stores/sqlite.ts'
import { checkBaseUrl, isOpenToReaders } from './base-url.ts'
import {
  type Environment,
  keysFromEnvironment,
  misnamedKeys,
  parseKey,
  readSecretFile,
  tidyKeys,
} from './environment.ts'
import { readConfigFile } from './file.ts'
import { type Home, homeOf, makePrivateFolder } from './home.ts'
import type { FileConfig, FileKey, FileProvider } from './schema.ts'

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
  readonly file: FileConfig
  readonly providers: readonly ProviderSettings[]
  readonly routing: RoutingSettings
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
  const settings = providers.map((provider) => {
    const entry = file?.providers?.[provider.name]
    return providerSettings(provider, entry, environment, dirname(path), notes)
  })
  return {
    home,
    file: located(file ?? {}, dirname(path)),
    providers: settings,
    routing: routingOf(file),
    notes,
  }
}

/** With its paths as seen from the file's own folder, wherever the process runs. */
function located(file: FileConfig, folder: string): FileConfig {
  const apiKeyFile = file.server?.apiKeyFile
  if (apiKeyFile === undefined) return file
  return { ...file, server: { ...file.server, apiKeyFile: resolve(folder, apiKeyFile) } }
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
  loaded: Pick<Loaded, 'home' | 'providers' | 'routing'>,
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
    return openSqliteStore({ path, now: clock.now(), onError: (error) => ports.log.warn(error.message) })
  }
  return {
    providers: loaded.providers,
    routing: loaded.routing,
    policy: openPolicy,
    openStore: ports.openStore ?? openFile,
    clock,
    random: ports.random ?? Math.random,
    log: ports.log,
  }
}

function providerSettings(
  provider: Provider,
  entry: FileProvider | undefined,
  environment: Environment,
  folder: string,
  notes: string[],
): ProviderSettings {
  const fromFile = (entry?.keys ?? []).map((key, index) => fileKey(provider, key, index, environment, folder))
  const tidy = tidyKeys(provider, [...keysFromEnvironment(provider, environment), ...fromFile])
  const { keys } = tidy
  notes.push(...tidy.notes)
  const named = new Set((entry?.keys ?? []).flatMap(({ keyEnv }) => keyEnv ?? []))
  notes.push(...misnamedKeys(provider, environment, named))
  const baseUrl = baseUrlOf(provider, entry, environment)
  if (keys.length > 0 && isOpenToReaders(baseUrl))
    notes.push(`the keys of ${provider.title} travel unencrypted to ${baseUrl}; use https`)
  return {
    provider,
    baseUrl,
    keys: orKeyless(provider, baseUrl, keys),
    ...(entry?.limits === undefined ? {} : { limits: limitsOf(provider, entry.limits) }),
    ...(entry?.autoModel === undefined ? {} : { autoModel: entry.autoModel }),
  }
}

/** A local server wants no key, so naming its address is enough to use it. */
export function orKeyless(
  provider: Provider,
  baseUrl: string,
  keys: readonly KeySettings[],
): readonly KeySettings[] {
  const local = keys.length === 0 && provider.keylessElsewhere === true && baseUrl !== provider.baseUrl
  return local ? [{ name: `${provider.name}-local`, secret: undefined }] : keys
}

function baseUrlOf(provider: Provider, entry: FileProvider | undefined, environment: Environment): string {
  const variable = provider.environment.baseUrl
  const fromVariable = environment[variable]?.trim() ?? ''
  if (fromVariable !== '') return checkBaseUrl(fromVariable, variable, provider.baseUrl)
  return entry?.baseUrl ?? provider.baseUrl
}

function fileKey(
  provider: Provider,
  entry: FileKey,
  index: number,
  environment: Environment,
  folder: string,
): KeySettings {
  const name = entry.name ?? entry.keyEnv ?? `${provider.name}-${index + 1}`
  const source = `the config file (${provider.name}.keys[${index}])`
  let text = entry.key
  if (entry.keyFile !== undefined) text = readSecretFile(resolve(folder, entry.keyFile), source)
  if (entry.keyEnv !== undefined) {
    text = environment[entry.keyEnv]
    if (text === undefined || text.trim() === '')
      throw new ConfigError(`${source} takes the key from ${entry.keyEnv}, which is not set`)
  }
  const secret = parseKey(text ?? '', source)
  return { name, secret, ...(entry.account === undefined ? {} : { account: entry.account }) }
}

/** The provider's own limits with the ceilings the operator knows better. */
function limitsOf(provider: Provider, given: NonNullable<FileProvider['limits']>): Limit[] {
  const windows = ['minute', 'day'] as const
  return windows.flatMap((window) => {
    const own = provider.limits.find((limit) => limit.window === window)
    const max = given[window] ?? own?.max
    if (own === undefined && max === undefined) return []
    return [
      {
        name: own?.name ?? window,
        metric: 'requests',
        window,
        lane: own?.lane ?? 'all',
        ...(max === undefined ? {} : { max }),
      },
    ]
  })
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
    idleMs: ms(given.idleSeconds, defaultRouting.idleMs),
    totalMs: ms(given.totalSeconds, defaultRouting.totalMs),
    slotWaitMs: ms(given.slotWaitSeconds, defaultRouting.slotWaitMs),
  }
}
