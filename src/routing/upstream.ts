import type { DialectName, Json, JsonObject } from '../chat/types.ts'
import { dialectNamed } from '../dialects/index.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { ConfigError, RouterError } from '../errors.ts'
import { Account } from '../limits/account.ts'
import { Credential } from '../limits/credential.ts'
import { KeyPool, type PoolPorts } from '../limits/pool.ts'
import type { AutoAsk, AutoChoice, Provider, Speech } from '../providers/provider.ts'
import type { Draft } from '../relay/draft.ts'
import type { Transport, UpstreamReply } from '../wire/transport.ts'
import { checkBaseUrl, isAtService } from './base-url.ts'
import { Catalogue } from './catalogue.ts'
import type { ProviderSettings } from './settings.ts'

/** A provider as this router uses it: where it is, which keys it has, which models it lists. */
export interface Upstream {
  readonly provider: Provider
  readonly origin: string
  /** The path in front of the provider's own paths; no trailing slash. */
  readonly prefix: string
  /** What it speaks, the preferred dialect of each kind first. */
  readonly voices: readonly Voice[]
  readonly pool: KeyPool
  readonly catalogue: Catalogue
  /** The one model for `auto`, if the operator named it; else `choose` decides. */
  readonly autoModel: string | undefined
  readonly choose: (ask: AutoAsk) => AutoChoice
  /** Whether the service takes the members that guard the user; false once it refused them. */
  guarded: boolean
}

/** A dialect of an upstream, and the path that takes it, prefix included. */
export interface Voice {
  readonly dialect: Dialect
  readonly path: string
  readonly lacks?: Speech['lacks']
  /** The client's bytes will not do: the request is written anew. */
  readonly anew?: boolean
}

const metadataMaxBytes = 16 * 1024 * 1024

export function createUpstream(settings: ProviderSettings, ports: PoolPorts): Upstream {
  const { provider } = settings
  const url = new URL(checkBaseUrl(settings.baseUrl, `the base URL of ${provider.title}`, provider.baseUrl))
  const prefix = url.pathname.replace(/\/+$/, '')
  const elsewhere = !isAtService(settings.baseUrl, provider.baseUrl)
  const voices = Object.entries(provider.speaks)
    .filter(([, { only }]) => only === undefined || elsewhere)
    .map(([name, { path, lacks }]) => ({
      dialect: dialectNamed(name as DialectName),
      path: prefix + path,
      ...(lacks === undefined ? {} : { lacks }),
    }))
  return {
    provider,
    origin: url.origin,
    prefix,
    voices,
    pool: new KeyPool(provider, accountsOf(settings), ports),
    catalogue: new Catalogue(provider),
    autoModel: settings.autoModel,
    choose: strategyOf(settings),
    guarded: true,
  }
}

/**
 * How a request is said here: in its own dialect, so that its bytes pass as they are, else in the preferred one of its
 * kind. Undefined: this upstream has nothing of that kind.
 */
export function voiceFor({ voices }: Upstream, draft: Pick<Draft, 'dialect' | 'member'>): Voice | undefined {
  const { name, kind } = draft.dialect
  const own = voices.find(({ dialect }) => dialect.name === name)
  if (own !== undefined && own.lacks?.((member) => draft.member(own.dialect, member)) !== true) return own
  const other = voices.find(({ dialect }) => dialect.kind === kind && dialect.name !== name)
  return other ?? (own === undefined ? undefined : { ...own, anew: true })
}

function strategyOf({ provider, auto }: ProviderSettings): Upstream['choose'] {
  const names = Object.keys(provider.auto)
  const choose = provider.auto[auto ?? names[0] ?? '']
  if (choose !== undefined) return choose
  throw new ConfigError(
    `${provider.title} has no way "${auto}" to choose for auto; known: ${names.join(', ')}`,
  )
}

/** Keys as accounts, as far as the settings tell which of them share one. */
export function accountsOf({ provider, keys, limits }: ProviderSettings): Account[] {
  const groups = new Map<string, Credential[]>()
  for (const key of keys) {
    const account = key.account ?? key.name
    const group = groups.get(account) ?? []
    group.push(new Credential(provider.name, key.name, key.secret))
    groups.set(account, group)
  }
  return [...groups].map(([id, credentials]) => new Account(id, credentials, limits ?? provider.limits))
}

/** Headers of every call: what the key needs, and an answer that is not compressed (it could not be relayed as bytes). */
export function headersFor(upstream: Upstream, credential: Credential): Record<string, string> {
  const secret = credential.secret?.reveal()
  return {
    'content-type': 'application/json',
    'accept-encoding': 'identity',
    'user-agent': 'switchyard',
    ...(secret === undefined ? {} : upstream.provider.authorize(secret)),
  }
}

/** A metadata call to this provider's host, with a key on. `heard` is told of every answer's head, good or bad. */
export function createFetcher(
  upstream: Upstream,
  credential: Credential | undefined,
  transport: Transport,
  timeoutMs: number,
  heard: (status: number, headers: UpstreamReply['headers']) => void = () => {},
) {
  return async (path: string, body?: JsonObject): Promise<Json> => {
    const reply = await transport.request({
      method: body === undefined ? 'GET' : 'POST',
      origin: upstream.origin,
      path: upstream.prefix + path,
      headers:
        credential === undefined ? { 'accept-encoding': 'identity' } : headersFor(upstream, credential),
      ...(body === undefined ? {} : { body: [Buffer.from(JSON.stringify(body))] }),
      signal: AbortSignal.timeout(timeoutMs),
    })
    heard(reply.status, reply.headers)
    if (reply.status < 200 || reply.status > 299) {
      reply.body.abort()
      throw new RouterError(
        'upstream_failed',
        `${upstream.provider.title} answered ${reply.status} to ${path}`,
      )
    }
    return JSON.parse((await reply.body.collect(metadataMaxBytes)).toString()) as Json
  }
}
