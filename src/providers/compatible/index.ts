import { ConfigError } from '../../errors.ts'
import type { JsonObject } from '../../chat/types.ts'
import { readObject } from '../bodies.ts'
import { serviceWork } from '../extra-cost.ts'
import type { Fetcher, ModelInfo, OutgoingCall, Provider } from '../provider.ts'
import { chooseListed } from './auto.ts'
import { readModels } from './catalog.ts'
import { faultRules, readFailure } from './faults.ts'
import { chargeFor, readPrice } from '../prices.ts'
import type { CompatibleOptions } from './options.ts'

export { readCompatible } from './config.ts'
export type { CompatibleOptions } from './options.ts'
export { readLimits } from './limits.ts'

const nameShape = /^[a-z][a-z0-9-]{0,39}$/

/** A provider made from settings alone. Throws ConfigError when the name or the address cannot be used. */
export function createCompatible(options: CompatibleOptions): Provider {
  const { name, models, prices } = options
  const variable = name.toUpperCase().replaceAll('-', '_')
  if (!nameShape.test(name)) {
    throw new ConfigError(
      `a provider's name is made of small letters, digits and "-", and begins with a letter; got "${name.slice(0, 60)}"`,
    )
  }
  if (options.keyEnv !== undefined && !/^[A-Za-z_]\w{0,99}$/.test(options.keyEnv)) {
    throw new ConfigError(
      `keyEnv of ${name} is the name of an environment variable, such as ${variable}_API_KEY`,
    )
  }
  const baseUrl = readBaseUrl(options)
  const prefix = `${name}/`
  const free = options.lane === 'free'
  const claimed = models === undefined ? undefined : new Set(models)
  const priceList = new Map(Object.entries(prices ?? {}).map(([model, price]) => [model, readPrice(price)]))
  const source = options.pricesVersion === undefined ? 'config' : `config ${options.pricesVersion}`
  // Groq lists "groq/compound": a name that is claimed or priced as it stands keeps its prefix.
  const upstreamModel = (model: string): string => {
    const id = model.trim()
    return id.startsWith(prefix) && claimed?.has(id) !== true && !priceList.has(id)
      ? id.slice(prefix.length)
      : id
  }
  const claims = (model: string): boolean =>
    model.trim().startsWith(prefix) || claimed?.has(model.trim()) === true
  const autoModel = options.autoModel ?? models?.[0]
  return {
    name,
    title: options.title ?? name,
    baseUrl,
    environment: { key: options.keyEnv ?? `${variable}_API_KEY`, baseUrl: `${variable}_BASE_URL` },
    ...((options.needsKey ?? !isLocal(baseUrl)) ? {} : { keyless: 'always' as const }),
    speaks: {
      'openai-chat': { path: '/chat/completions' },
      'openai-embeddings': { path: '/embeddings' },
    },
    authorize: (secret) => ({ authorization: `Bearer ${secret}` }),
    lane: options.lane,
    spread: 'in-order',
    auto:
      autoModel === undefined
        ? { listed: chooseListed }
        : { set: () => ({ model: upstreamModel(autoModel) }) },
    claims,
    unlisted: claims,
    upstreamModel,
    isFree: () => free,
    limits: options.limits,
    faultRules,
    readFailure,
    models: (get) => readClaimed(get, free, claimed),
    extraCost: serviceWork,
    ...(options.streamUsage === false ? {} : { guards: askForUsage }),
    price: (model, usage, at) => {
      const price = priceList.get(model) ?? priceList.get(upstreamModel(model))
      if (price === undefined)
        return options.lane === 'included' ? { nanoUsd: 0, source: 'included' } : undefined
      const nanoUsd = chargeFor(price, usage, at)
      return nanoUsd === undefined ? undefined : { nanoUsd, source }
    },
  }
}

/** The live list, cut down to what is claimed. */
async function readClaimed(
  get: Fetcher,
  free: boolean,
  claimed: ReadonlySet<string> | undefined,
): Promise<readonly ModelInfo[]> {
  const listed = await readModels(get, free)
  return claimed === undefined ? listed : listed.filter(({ id }) => claimed.has(id))
}

/**
 * Without being asked most services leave the usage out of a stream. One that refuses to be asked is no longer asked (rule
 * `stream-options`). The client's other wishes stay.
 */
function askForUsage({ dialect, stream, member }: OutgoingCall): JsonObject {
  if (!stream || dialect !== 'openai-chat') return {}
  return { stream_options: { ...readObject(member('stream_options')), include_usage: true } }
}

function readBaseUrl({ name, baseUrl }: CompatibleOptions): string {
  const url = URL.parse(baseUrl)
  const plain =
    url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (!plain || !/^https?:$/.test(url.protocol)) {
    throw new ConfigError(
      `the address of ${name} must look like "https://api.example.com/v1" (http or https, no user, no query)`,
    )
  }
  return baseUrl
    .trim()
    .replace(/\/+$/, '')
    .replace(/\/chat\/completions$/, '')
}

/** Whether a server is on this machine, where a key is seldom asked for. */
function isLocal(baseUrl: string): boolean {
  const host = URL.parse(baseUrl)?.hostname ?? ''
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)
}
