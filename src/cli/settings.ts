import type { FileConfig } from '../config/schema.ts'
import { gatewayKey } from '../config/clients.ts'
import type { Environment } from '../config/environment.ts'
import type { Home } from '../config/home.ts'
import { readKeyFile } from '../config/home.ts'
import { ConfigError } from '../errors.ts'
import { loopbackHosts } from '../gateway/guard.ts'
import { typed } from './wrong-usage.ts'

/** Where the gateway listens, and the client key if one was set by hand. */
export interface ServerSettings {
  readonly host: string
  readonly port: number
  readonly clientKey: string | undefined
}

/** Flags win over the environment, which wins over the file. Throws ConfigError, and WrongUsage for a flag. */
export function serverSettings(
  environment: Environment,
  file: FileConfig,
  flags: { readonly host?: string; readonly port?: string } = {},
): ServerSettings {
  const host = (
    flags.host ??
    nonEmpty(environment['SWITCHYARD_HOST']) ??
    file.server?.host ??
    '127.0.0.1'
  ).replace(/^\[(.*)\]$/, '$1')
  const fromVariable = nonEmpty(environment['SWITCHYARD_PORT'])
  const port =
    flags.port !== undefined
      ? readPortFlag(flags.port)
      : fromVariable !== undefined
        ? portOf(fromVariable, 'SWITCHYARD_PORT')
        : (file.server?.port ?? 4141)
  const clientKey = gatewayKey(environment, file)
  if (!loopbackHosts.has(host) && clientKey === undefined) {
    throw new ConfigError(
      `listening on ${host} lets other machines in, so the client key must be set by you: set SWITCHYARD_API_KEY (16 characters or more), or keep SWITCHYARD_HOST=127.0.0.1`,
    )
  }
  return { host, port, clientKey }
}

/** How a command on this machine reaches the gateway; keys come from the files a gateway made. */
export function localGateway(
  settings: ServerSettings,
  home: Home,
): { readonly url: string; readonly clientKey: string; readonly adminKey: string } {
  const anyAddress = settings.host === '0.0.0.0' || settings.host === '::'
  const host = anyAddress ? '127.0.0.1' : settings.host
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${settings.port}`,
    clientKey: settings.clientKey ?? readKeyFile(home.clientKeyFile) ?? '',
    adminKey: readKeyFile(home.adminKeyFile) ?? '',
  }
}

/** `SWITCHYARD_TRACES`, else the file's `traces`, else not. Throws ConfigError. */
export function wantsTraces(environment: Environment, file: FileConfig): boolean {
  const given = nonEmpty(environment['SWITCHYARD_TRACES'])
  if (given === undefined) return file.traces ?? false
  if (['1', 'true'].includes(given)) return true
  if (['0', 'false'].includes(given)) return false
  throw new ConfigError(`SWITCHYARD_TRACES must be 1 or 0; got "${given.slice(0, 20)}"`)
}

/** Throws WrongUsage. */
export function readPortFlag(text: string): number {
  return typed(() => portOf(text, '--port'))
}

function portOf(text: string, source: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new ConfigError(`${source} must be a number from 0 to 65535; got "${text.slice(0, 20)}"`)
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim()
}
