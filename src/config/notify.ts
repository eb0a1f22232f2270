import { resolve } from 'node:path'
import { ConfigError } from '../errors.ts'
import { urgentKinds } from '../notify/notice.ts'
import type { NotifySettings, TargetSettings } from '../notify/settings.ts'
import { minuteOfDay } from '../providers/prices.ts'
import { Secret } from '../secret.ts'
import { type Environment, readSecretFile } from './environment.ts'
import { atLine } from './file.ts'
import type { Loaded } from './load.ts'
import type { FileQuiet, FileTarget } from './notify-schema.ts'

/**
 * Where messages go and when; undefined when the config names no target. Read by those who send only: other commands
 * run without the variables that hold addresses. Throws ConfigError that names targets and never quotes a secret.
 */
export function notifySettings(
  { file, configFile, folder }: Pick<Loaded, 'file' | 'configFile' | 'folder'>,
  environment: Environment,
): NotifySettings | undefined {
  const { targets = [], quiet, forecastMinutes = 60, differencePercent = 10 } = file.notify ?? {}
  if (targets.length === 0) return undefined
  const names = atLine(configFile, ['notify', 'targets'], () => namesOf(targets))
  return {
    targets: targets.map((entry, index) =>
      atLine(configFile, ['notify', 'targets', index], () =>
        targetOf(entry, { name: names[index] ?? entry.type, environment, folder }),
      ),
    ),
    quiet: quiet === undefined ? undefined : quietOf(quiet),
    forecastMinutes,
    differencePercent,
  }
}

/** `slack`, `slack-2`: so that log lines and `notify test` can say which. */
function namesOf(targets: readonly FileTarget[]): readonly string[] {
  const names: string[] = []
  for (const { name, type } of targets) {
    const wanted = name ?? type
    if (name !== undefined && names.includes(name))
      throw new ConfigError(`two targets of "notify" are named "${name}"; give each its own name`)
    let free = wanted
    for (let number = 2; names.includes(free); number++) free = `${wanted}-${number}`
    names.push(free)
  }
  return names
}

function quietOf({ from, until, zone, except = [...urgentKinds] }: FileQuiet): NotifySettings['quiet'] {
  return { from: minuteOfDay(from), until: minuteOfDay(until), zone, except: new Set(except) }
}

interface Place {
  readonly name: string
  readonly environment: Environment
  readonly folder: string
}

function targetOf(entry: FileTarget, place: Place): TargetSettings {
  const { name } = place
  const common = {
    name,
    events: entry.events === undefined ? undefined : new Set(entry.events),
    quiet: entry.quiet ?? true,
  }
  switch (entry.type) {
    case 'stderr':
      return { ...common, type: 'stderr', bell: entry.bell ?? true, desktop: entry.desktop ?? false }
    case 'desktop':
      return { ...common, type: 'desktop' }
    case 'webhook':
      return {
        ...common,
        type: 'webhook',
        url: urlOf(entry, place),
        secret: optional(entry, 'secret', place),
      }
    case 'slack':
    case 'discord':
      return { ...common, type: entry.type, url: urlOf(entry, place) }
    case 'ntfy':
      return { ...common, type: 'ntfy', url: topicOf(entry, place), token: optional(entry, 'token', place) }
    case 'telegram': {
      const server = checked(entry.server ?? 'https://api.telegram.org', entry.allowHttp, name)
      if (new URL(server).search !== '') throw new ConfigError(`the server of "${name}" must have no query`)
      // It becomes a part of the path.
      const token = required(entry, 'token', place)
      if (!/^[\w:-]+$/.test(token.reveal()))
        throw new ConfigError(`the token of "${name}" does not look like one of a Telegram bot: 123456:ABC…`)
      return { ...common, type: 'telegram', token, chat: String(entry.chat), server }
    }
    case 'smtp':
      return { ...common, type: 'smtp', ...smtpOf(entry, place) }
  }
}

type SmtpEntry = Extract<FileTarget, { type: 'smtp' }>

function smtpOf(
  entry: SmtpEntry,
  place: Place,
): Omit<Extract<TargetSettings, { type: 'smtp' }>, 'type' | keyof Common> {
  const { host, from, to } = entry
  const user = optional(entry, 'user', place)?.reveal()
  const password = optional(entry, 'password', place)
  if ((user === undefined) !== (password === undefined))
    throw new ConfigError(`"${place.name}" needs both user and password, or neither`)
  const security = entry.security ?? (entry.port === 465 ? 'tls' : 'starttls')
  if (security === 'none' && user !== undefined && !isLoopback(host))
    throw new ConfigError(
      `"${place.name}" would send its password unencrypted to ${host}; use tls or starttls`,
    )
  const port = entry.port ?? { tls: 465, starttls: 587, none: 25 }[security]
  return { host, port, security, user, password, from, to: typeof to === 'string' ? [to] : to }
}

type Common = Pick<TargetSettings, 'name' | 'events' | 'quiet'>

function urlOf(entry: object & { allowHttp?: boolean | undefined }, place: Place): Secret {
  const url = required(entry, 'url', place)
  checked(url.reveal(), entry.allowHttp, place.name)
  return url
}

function topicOf(entry: object & { allowHttp?: boolean | undefined }, place: Place): Secret {
  const url = urlOf(entry, place)
  const topic = new URL(url.reveal()).pathname.replace(/\/$/, '').split('/').at(-1) ?? ''
  if (topic === '')
    throw new ConfigError(`the address of "${place.name}" has no topic; write https://ntfy.sh/<topic>`)
  // As the server takes them: github.com/binwiederhier/ntfy, server/server.go.
  if (/^[-_A-Za-z0-9]{1,64}$/.test(topic)) return url
  throw new ConfigError(
    `the topic in the address of "${place.name}" is made of letters, digits, "-" and "_", 64 at most`,
  )
}

/** The address, unless what is sent there could be read on the way. An error never repeats it. */
function checked(text: string, allowHttp: boolean | undefined, name: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username + url.password + url.hash !== '')
    throw new ConfigError(
      `the address of "${name}" is not an http or https address without user, password and fragment`,
    )
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && allowHttp !== true)
    throw new ConfigError(
      `the address of "${name}" is not encrypted; use https, or say "allowHttp: true" if the way there is private`,
    )
  return text
}

function required(entry: object, member: string, place: Place): Secret {
  const found = optional(entry, member, place)
  if (found !== undefined) return found
  throw new ConfigError(
    `"${place.name}" needs its ${member}: give exactly one of "${member}", "${member}File" or "${member}Env"`,
  )
}

/** From the one source that is given. */
function optional(entry: object, member: string, { name, environment, folder }: Place): Secret | undefined {
  const sources = ['', 'File', 'Env'].flatMap((suffix) => {
    const value: unknown = (entry as Readonly<Record<string, unknown>>)[member + suffix]
    return typeof value === 'string' ? [{ suffix, value }] : []
  })
  const [source] = sources
  if (source === undefined) return undefined
  if (sources.length > 1)
    throw new ConfigError(`"${name}": give one of "${member}", "${member}File" or "${member}Env", not more`)
  const { suffix, value } = source
  if (suffix === 'Env' && environment[value] === undefined)
    throw new ConfigError(`"${name}" takes its ${member} from ${value}, which is not set`)
  const text =
    suffix === 'File'
      ? readSecretFile(resolve(folder, value), `"${name}"`)
      : suffix === 'Env'
        ? (environment[value] ?? '')
        : value
  return secretText(text.trim(), `the ${member} of "${name}"`)
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host)
}

/** Unlike a key it may hold spaces: some mail services show their passwords so. */
function secretText(text: string, what: string): Secret {
  if (text === '') throw new ConfigError(`${what} is empty`)
  // oxlint-disable-next-line no-control-regex -- a line break would end up in a header
  if (/[\u0000-\u001f\u007f]/.test(text))
    throw new ConfigError(`${what} has more than one line; paste it again`)
  return new Secret(text)
}
