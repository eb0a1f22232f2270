import { resolve } from 'node:path'
import { ConfigError } from '../errors.ts'
import { chargeFor, readPrice } from '../providers/prices.ts'
import type { Limit, Provider } from '../providers/provider.ts'
import { checkBaseUrl, isAtService, isNearby, isOpenToReaders } from '../routing/base-url.ts'
import type { KeySettings, ProviderSettings } from '../routing/settings.ts'
import type { Secret } from '../secret.ts'
import {
  type Environment,
  keysFromEnvironment,
  misnamedKeys,
  parseKey,
  readSecretFile,
  tidyKeys,
} from './environment.ts'
import type { FileKey, FileProvider } from './schema.ts'

/** One provider as config file and environment describe it. `notes` collects what works but is worth knowing. */
export function providerSettings(
  provider: Provider,
  entry: FileProvider | undefined,
  environment: Environment,
  folder: string,
  notes: string[],
): ProviderSettings {
  const fromFile = (entry?.keys ?? []).map((key, index) => fileKey(provider, key, index, environment, folder))
  const tidy = tidyKeys(provider, merged(keysFromEnvironment(provider, environment), fromFile))
  const { keys } = tidy
  notes.push(...tidy.notes)
  const named = new Set((entry?.keys ?? []).flatMap(({ keyEnv }) => keyEnv ?? []))
  notes.push(...misnamedKeys(provider, environment, named))
  const baseUrl = baseUrlOf(provider, entry, environment)
  if (keys.length > 0 && isOpenToReaders(baseUrl))
    notes.push(`the keys of ${provider.title} travel unencrypted to ${baseUrl}; use https`)
  if (keys.length === 0 && wantsKey(provider, baseUrl))
    notes.push(
      `${provider.title} has no key for ${baseUrl}: only a server on this machine or in a private network goes without one (where none is asked for, any will do)`,
    )
  return {
    provider: { ...withPrices(provider, entry ?? {}), spread: entry?.spread ?? provider.spread },
    baseUrl,
    keys: orKeyless(provider, baseUrl, keys),
    ...(entry?.limits === undefined ? {} : { limits: limitsOf(provider, entry.limits) }),
    ...(entry?.auto === undefined ? {} : { auto: entry.auto }),
    ...(entry?.autoModel === undefined ? {} : { autoModel: entry.autoModel }),
  }
}

/** A server of one's own wants no key, so naming its address is enough to use it. */
export function orKeyless(
  provider: Provider,
  baseUrl: string,
  keys: readonly KeySettings[],
): readonly KeySettings[] {
  const own = provider.keyless === 'always' || (provider.keyless === 'nearby' && isNearby(baseUrl))
  const local = keys.length === 0 && own
  return local ? [{ name: `${provider.name}-local`, secret: undefined }] : keys
}

/** Somebody named a server that is no service of ours, too far away to be open to everybody. */
function wantsKey({ keyless, baseUrl: service }: Provider, baseUrl: string): boolean {
  return keyless === 'nearby' && !isNearby(baseUrl) && !isAtService(baseUrl, service)
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
): GivenKey {
  const name = entry.name ?? entry.keyEnv ?? `${provider.name}-${index + 1}`
  const source = `the config file (${provider.name}.keys[${index}])`
  const secret = secretOf(entry, source, environment, folder)
  return {
    key: { name, secret, ...(entry.account === undefined ? {} : { account: entry.account }) },
    named: entry.name !== undefined || entry.keyEnv !== undefined,
  }
}

/** A key of the file; `named`: by its author, not by its place in the list. */
interface GivenKey {
  readonly key: KeySettings
  readonly named: boolean
}

/**
 * Keys of both, those of the environment first. What the file says of a key that the environment holds too, its name and
 * account, is said of that key.
 */
function merged(fromEnvironment: readonly KeySettings[], fromFile: readonly GivenKey[]): KeySettings[] {
  const about = new Set<GivenKey>()
  const described = fromEnvironment.map((key) => {
    const given = fromFile.find(
      ({ key: other, named }) =>
        (named || other.account !== undefined) && other.secret?.reveal() === key.secret?.reveal(),
    )
    if (given === undefined) return key
    about.add(given)
    return given.named ? given.key : { ...given.key, name: key.name }
  })
  return [...described, ...fromFile.filter((given) => !about.has(given)).map(({ key }) => key)]
}

/** A secret from the one source its entry names. */
export function secretOf(
  entry: Pick<FileKey, 'key' | 'keyFile' | 'keyEnv'>,
  source: string,
  environment: Environment,
  folder: string,
): Secret {
  if (entry.keyFile !== undefined)
    return parseKey(readSecretFile(resolve(folder, entry.keyFile), source), source)
  if (entry.keyEnv === undefined) return parseKey(entry.key ?? '', source)
  const text = environment[entry.keyEnv]
  if (text === undefined)
    throw new ConfigError(`${source} takes the key from ${entry.keyEnv}, which is not set`)
  return parseKey(text, source)
}

/** The operator's prices first, the provider's own table for the rest. */
function withPrices(provider: Provider, { prices, pricesVersion }: FileProvider): Provider {
  if (prices === undefined) return provider
  const own = new Map(Object.entries(prices).map(([model, setting]) => [model, readPrice(setting)]))
  const source = pricesVersion === undefined ? 'config' : `config ${pricesVersion}`
  return {
    ...provider,
    price(model, usage, at) {
      const price = own.get(model)
      if (price === undefined) return provider.price?.(model, usage, at)
      const nanoUsd = chargeFor(price, usage, at)
      return nanoUsd === undefined ? undefined : { nanoUsd, source }
    },
  }
}

/** The provider's own limits with the ceilings the operator knows better. */
function limitsOf(provider: Provider, given: NonNullable<FileProvider['limits']>): Limit[] {
  const wanted: (Omit<Limit, 'max'> & { readonly max: number | undefined })[] = [
    { name: 'minute', metric: 'requests', window: 'minute', lane: 'all', max: given.minute },
    { name: 'day', metric: 'requests', window: 'day', lane: 'all', max: given.day },
    { name: 'in-flight', metric: 'in-flight', lane: 'all', max: given.inFlight },
  ]
  const set = wanted.flatMap(({ max, ...limit }) =>
    max === undefined ? [] : [{ ...limit, max, ceiling: max }],
  )
  const kept = provider.limits.map((own) => {
    const max = set.find((limit) => limit.metric === own.metric && limit.window === own.window)?.max
    return max === undefined ? own : { ...own, max, ceiling: max }
  })
  const added = set.filter(
    (limit) => !kept.some((own) => own.metric === limit.metric && own.window === limit.window),
  )
  return [...kept, ...added]
}
