import { ConfigError } from '../errors.ts'
import type { ClientPolicy } from '../routing/policy.ts'
import type { Secret } from '../secret.ts'
import { type Environment, parseKey, readSecretFile } from './environment.ts'
import { builtInClients } from './policy.ts'
import { secretOf } from './provider-settings.ts'
import type { FileConfig } from './schema.ts'

/** A client of the gateway with the key it shows. */
export interface ClientSettings extends ClientPolicy {
  readonly secret: Secret
}

/** The clients of a config file; `folder` is the file's own. Throws ConfigError that names clients and never a key. */
export function clientsOf(
  file: FileConfig,
  environment: Environment,
  folder: string,
): readonly ClientSettings[] {
  const { clients = [] } = file
  for (const [index, { name }] of clients.entries()) {
    const first = clients.findIndex((other) => other.name === name)
    if (first !== index)
      throw new ConfigError(
        `clients[${first}] and clients[${index}] are both named "${name}"; give each its own name`,
      )
    if (builtInClients.includes(name))
      throw new ConfigError(
        `clients[${index}] is named "${name}", but ${builtInClients.map((own) => `"${own}"`).join(' and ')} are clients of the router itself; choose another name`,
      )
  }
  return clients.map((client) => {
    const source = `the config file (client "${client.name}")`
    const secret = longEnough(secretOf(client, source, environment, folder), source)
    return { name: client.name, freeOnly: client.freeOnly ?? false, secret }
  })
}

/** Throws ConfigError when two clients, or a client and the gateway itself, have one key: nobody could tell who calls. */
export function refuseSharedKeys(
  clients: readonly ClientSettings[],
  ownKey: string | undefined,
  own = "the gateway's own client key",
): void {
  const holders = new Map(ownKey === undefined ? [] : [[ownKey, own]])
  for (const { name, secret } of clients) {
    const value = secret.reveal()
    const holder = holders.get(value)
    if (holder !== undefined)
      throw new ConfigError(`client "${name}" has the same key as ${holder}; give it one of its own`)
    holders.set(value, `client "${name}"`)
  }
}

/** The gateway's own client key, if it was set by hand: in the environment, else in the file. Throws ConfigError. */
export function gatewayKey(environment: Environment, file: FileConfig): string | undefined {
  const given = environment['SWITCHYARD_API_KEY']?.trim() ?? ''
  const path = environment['SWITCHYARD_API_KEY_FILE']?.trim() ?? ''
  if (given !== '' && path !== '')
    throw new ConfigError('SWITCHYARD_API_KEY and SWITCHYARD_API_KEY_FILE are both set; keep one of them')
  if (given !== '') return clientKey(given, 'SWITCHYARD_API_KEY')
  if (path !== '')
    return clientKey(readSecretFile(path, 'SWITCHYARD_API_KEY_FILE'), 'SWITCHYARD_API_KEY_FILE')
  const { apiKey, apiKeyFile } = file.server ?? {}
  if (apiKeyFile !== undefined)
    return clientKey(readSecretFile(apiKeyFile, 'server.apiKeyFile'), 'server.apiKeyFile')
  return apiKey === undefined ? undefined : clientKey(apiKey, 'server.apiKey')
}

/** Where the gateway's own client key comes from, for people. */
export function gatewayKeyFrom(environment: Environment, { server }: FileConfig): string {
  const variable = ['SWITCHYARD_API_KEY', 'SWITCHYARD_API_KEY_FILE'].find(
    (name) => (environment[name]?.trim() ?? '') !== '',
  )
  const fromFile = server?.apiKey === undefined ? 'client-key' : 'the config file'
  return variable ?? server?.apiKeyFile ?? fromFile
}

/** The key of the metrics page, if it was set by hand: in the environment, else in the file. Throws ConfigError. */
export function metricsKey(environment: Environment, file: FileConfig): string | undefined {
  const given = environment['SWITCHYARD_METRICS_KEY']?.trim() ?? ''
  const path = environment['SWITCHYARD_METRICS_KEY_FILE']?.trim() ?? ''
  if (given !== '' && path !== '')
    throw new ConfigError(
      'SWITCHYARD_METRICS_KEY and SWITCHYARD_METRICS_KEY_FILE are both set; keep one of them',
    )
  if (given !== '') return clientKey(given, 'SWITCHYARD_METRICS_KEY')
  if (path !== '')
    return clientKey(readSecretFile(path, 'SWITCHYARD_METRICS_KEY_FILE'), 'SWITCHYARD_METRICS_KEY_FILE')
  const { metricsKey: key, metricsKeyFile } = file.server ?? {}
  if (metricsKeyFile !== undefined)
    return clientKey(readSecretFile(metricsKeyFile, 'server.metricsKeyFile'), 'server.metricsKeyFile')
  return key === undefined ? undefined : clientKey(key, 'server.metricsKey')
}

function clientKey(text: string, source: string): string {
  return longEnough(parseKey(text, source), source).reveal()
}

function longEnough(secret: Secret, source: string): Secret {
  if (secret.reveal().length >= 16) return secret
  throw new ConfigError(`the key in ${source} is too short to keep anybody out; use 16 characters or more`)
}
