import type { JsonObject } from '../../chat/types.ts'
import type { ModelInfo, OutgoingCall, Provider } from '../provider.ts'
import { readList, readObject, readText } from '../bodies.ts'
import { serviceWork } from '../extra-cost.ts'
import { account } from './account.ts'
import { chooseBest, chooseRouter, mostModels } from './auto.ts'
import { freeRouter, models, picksModel, unlisted } from './catalog.ts'
import { faultRules, readFailure } from './faults.ts'
import { messagesLacks, responsesLacks } from './lacks.ts'

/** OpenRouter: many models behind one key, some free within a daily number of requests per account. */
export const openrouter: Provider = {
  name: 'openrouter',
  title: 'OpenRouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  environment: { key: 'OPENROUTER_API_KEY', baseUrl: 'OPENROUTER_BASE_URL' },
  speaks: {
    'openai-chat': { path: '/chat/completions' },
    'openai-responses': { path: '/responses', lacks: responsesLacks },
    anthropic: { path: '/messages', lacks: messagesLacks },
    'openai-embeddings': { path: '/embeddings' },
  },
  authorize: (secret) => ({ authorization: `Bearer ${secret}` }),
  lane: 'free',
  spread: 'in-order',
  auto: { router: chooseRouter, best: chooseBest },
  claims: (model) => model.includes('/'),
  unlisted,
  upstreamModel: (model) => model.trim(),
  picksModel,
  isFree,
  limits: [
    { name: 'minute', metric: 'requests', window: 'minute', max: 20, lane: 'free' },
    // 50 or 1000, by credits ever bought: told by GET /key and by the refusal.
    { name: 'day', metric: 'requests', window: 'day', lane: 'free' },
  ],
  faultRules,
  readFailure,
  account,
  models,
  patch,
  guards,
  drifted,
  extraCost,
}

function isFree(model: string, info: ModelInfo | undefined): boolean {
  const id = model.trim()
  return id.endsWith(':free') || id === freeRouter || info?.free === true
}

/** A model that was free must not be paid for by surprise, and its paid twin is never put in its place. */
function drifted(model: string, info: ModelInfo | undefined): string | undefined {
  const id = model.trim()
  if (info === undefined || info.free || !(id.endsWith(':free') || id === freeRouter)) return undefined
  return `"${id}" is listed with a price now, so it is not called as a free model`
}

function patch(call: OutgoingCall): JsonObject {
  // Stateless: anything but an outright no is refused (docs: api_reference/responses/error-handling).
  const stores = call.dialect === 'openai-responses' && call.member('store') !== undefined
  return { ...(stores && { store: false }), ...modelsOf(call) }
}

/**
 * OpenRouter itself tries further models of a list, in order (docs: guides/routing/model-fallbacks). Of a client's own
 * list a free call takes along only what is free by name.
 */
function modelsOf({ others, model, free, member }: OutgoingCall): JsonObject {
  const given = free ? member('models') : undefined
  const wished = Array.isArray(given) ? given.filter((each) => typeof each === 'string') : []
  const further = others.length > 0 ? others : wished.filter((each) => isFree(each, undefined))
  const unchanged = further.length === 0 && given === undefined
  return unchanged ? {} : { models: [...new Set([model, ...further])].slice(0, mostModels) }
}

// Work on the text itself, which has no price (docs: guides/features/plugins).
const freePlugins: ReadonlySet<string> = new Set(['response-healing', 'context-compression', 'moderation'])

/**
 * Plugins and web search are billed beside the tokens, even on free models. Of a list of models whichever answers is billed
 * (docs: guides/routing/model-fallbacks).
 */
function extraCost(call: OutgoingCall): string | undefined {
  if (call.model.trim().endsWith(':online')) return 'web search'
  if (readList(call.member('models')).some((other) => other !== call.model)) return 'further models'
  const billed = readList(call.member('plugins')).some((entry) => {
    const id = readText(readObject(entry)?.['id'])
    return id === undefined || !freePlugins.has(id)
  })
  return billed ? 'plugins' : serviceWork(call)
}

/**
 * A free call carries a price ceiling of nothing, so that no routing on the other side can make it a paid one (docs:
 * guides/routing/provider-selection). The client's own routing wishes stay. How a ceiling of zero is taken has not been
 * documented; refused, it is left out.
 */
function guards({ free, member }: OutgoingCall): JsonObject {
  if (!free) return {}
  const given = member('provider')
  const routing =
    typeof given === 'object' && given !== null && !Array.isArray(given) ? (given as JsonObject) : {}
  return { provider: { ...routing, max_price: { prompt: 0, completion: 0, request: 0, image: 0 } } }
}
