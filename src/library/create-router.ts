import type { Clock, Random } from '../clock.ts'
import { type Environment, parseKey, tidyKeys } from '../config/environment.ts'
import { load, routerSettings } from '../config/load.ts'
import { orKeyless } from '../config/provider-settings.ts'
import { ConfigError } from '../errors.ts'
import { providers } from '../providers/index.ts'
import type { Provider } from '../providers/provider.ts'
import { checkBaseUrl } from '../routing/base-url.ts'
import { createCore, type ListedModel, type RouterCore } from '../routing/core.ts'
import { type KeySettings, type Log, type ProviderSettings, silentLog } from '../routing/settings.ts'
import type { PlanRequest, RoutePlan } from '../routing/preview.ts'
import type { Status } from '../routing/status.ts'
import type { Why } from '../routing/why.ts'
import { openMemoryStore } from '../stores/memory.ts'
import {
  type ChatMessage,
  type ChatOptions,
  chatOnce,
  type ChatResponse,
  type ChatStream,
  chatStream,
} from './chat.ts'

export interface RouterOptions {
  /** In place of `process.env`. */
  readonly environment?: Environment
  /** In place of `SWITCHYARD_HOME`. */
  readonly home?: string
  /** In place of `switchyard.yaml` in the home. */
  readonly configFile?: string
  /** Keys by provider name, in place of those from environment and file. */
  readonly keys?: Readonly<Record<string, readonly KeyOption[]>>
  /** Base URLs by provider name. */
  readonly baseUrls?: Readonly<Record<string, string>>
  /** `memory`: nothing is written, and nothing is known after a restart. Default `file`: the ledger in the home. */
  readonly store?: 'file' | 'memory'
  readonly clock?: Clock
  readonly random?: Random
  readonly log?: Log
}

/** A key, or a key with a name for logs and the account it shares with others. */
export type KeyOption = string | NamedKey

interface NamedKey {
  readonly key: string
  readonly name?: string
  readonly account?: string
}

export interface Router extends AsyncDisposable {
  /** Throws RequestError, ProviderError or QuotaExhaustedError. */
  chat(
    messages: readonly ChatMessage[] | string,
    options: ChatOptions & { readonly stream: true },
  ): ChatStream
  chat(
    messages: readonly ChatMessage[] | string,
    options?: ChatOptions & { readonly stream?: false },
  ): Promise<ChatResponse>
  getStatus(): Promise<Status>
  listModels(): Promise<readonly ListedModel[]>
  /** What would be chosen for a request now, and why not the others. Nothing is called and nothing taken. */
  plan(request?: Partial<PlanRequest>): Promise<RoutePlan>
  /** What became of a request, by its id; undefined when the ledger knows nothing of it. */
  why(requestId: string): Promise<Why | undefined>
  /** Finishes the books and lets go of everything. */
  close(): Promise<void>
}

/** A router of its own, inside your process. Without options it reads the environment like the gateway. Throws ConfigError. */
export function createRouter(options: RouterOptions = {}): Router {
  return routerOf(createCore(settingsOf(options)))
}

/** The library's face of a core that somebody else made. */
export function routerOf(core: RouterCore): Router {
  function chat(
    messages: readonly ChatMessage[] | string,
    given: ChatOptions & { readonly stream: true },
  ): ChatStream
  function chat(messages: readonly ChatMessage[] | string, given?: ChatOptions): Promise<ChatResponse>
  function chat(
    messages: readonly ChatMessage[] | string,
    given: ChatOptions = {},
  ): ChatStream | Promise<ChatResponse> {
    return given.stream === true ? chatStream(core, messages, given) : chatOnce(core, messages, given)
  }
  return {
    chat,
    getStatus: () => core.status(),
    listModels: () => core.models(),
    plan: (request = {}) => core.plan({ model: 'auto', client: 'library', ...request }),
    why: (requestId) => core.why(requestId),
    close: () => core.close(),
    [Symbol.asyncDispose]: () => core.close(),
  }
}

function settingsOf(options: RouterOptions): ReturnType<typeof routerSettings> {
  const loaded = load({
    environment: options.environment ?? process.env,
    ...(options.home === undefined ? {} : { home: options.home }),
    ...(options.configFile === undefined ? {} : { configFile: options.configFile }),
  })
  const known = providers.map((provider) => provider.name)
  for (const name of [...Object.keys(options.keys ?? {}), ...Object.keys(options.baseUrls ?? {})]) {
    if (!known.includes(name))
      throw new ConfigError(`there is no provider "${name}"; known: ${known.join(', ')}`)
  }
  const settings = loaded.providers.map((each) => withOptions(each, options))
  return routerSettings(
    { ...loaded, providers: settings },
    {
      log: options.log ?? silentLog,
      ...(options.clock === undefined ? {} : { clock: options.clock }),
      ...(options.random === undefined ? {} : { random: options.random }),
      ...(options.store === 'memory' ? { openStore: async () => openMemoryStore() } : {}),
    },
  )
}

function withOptions(settings: ProviderSettings, options: RouterOptions): ProviderSettings {
  const { provider } = settings
  const address = options.baseUrls?.[provider.name]
  const baseUrl =
    address === undefined
      ? settings.baseUrl
      : checkBaseUrl(address, `baseUrls.${provider.name}`, provider.baseUrl)
  const keys =
    options.keys === undefined ? settings.keys : keysOf(provider, options.keys[provider.name] ?? [])
  return { ...settings, baseUrl, keys: orKeyless(provider, baseUrl, keys) }
}

function keysOf(provider: Provider, given: readonly KeyOption[]): readonly KeySettings[] {
  const keys = given.map((option, index) => {
    const { key, name, account }: NamedKey = typeof option === 'string' ? { key: option } : option
    const secret = parseKey(key, `keys.${provider.name}[${index}]`)
    const keyName = name ?? `${provider.name}-${index + 1}`
    return { name: keyName, secret, ...(account === undefined ? {} : { account }) }
  })
  return tidyKeys(provider, keys).keys
}
