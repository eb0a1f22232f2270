import type { Capability, Json, JsonObject, RequestKind } from '../../chat/types.ts'
import { readCount, readList, readObject, readText } from '../bodies.ts'
import type { Fetcher, ModelInfo } from '../provider.ts'
import { readNanoUsd, readPrice } from './prices.ts'

export const freeRouter: string = 'openrouter/free'
const routers: readonly string[] = [freeRouter, 'openrouter/auto']
/** Suffixes that choose how a model is served (docs: faq), presets of the account, and `~author/family-latest`. */
const variant = /^~|^@preset\/|.@preset\/|:(?:nitro|floor|exacto|extended|thinking|online)$/

/** Whether a name is that of a router, which picks the model anew for each call. */
export function picksModel(model: string): boolean {
  return routers.includes(model.trim())
}

/** Whether the service understands a name although `GET /models`, read for models that answer with text, does not list it. */
export function unlisted(model: string, kind: RequestKind): boolean {
  return kind === 'embeddings' || picksModel(model) || variant.test(model.trim())
}

/**
 * Reads the models that answer with text, from `GET /models` (docs: https://openrouter.ai/docs/guides/overview/models).
 * An entry that cannot be read is left out; one with members missing is not.
 */
export async function models(get: Fetcher): Promise<readonly ModelInfo[]> {
  const list = readList(readObject(await get('/models'))?.['data'])
  return list.flatMap((entry) => {
    const model = readModel(entry)
    return model === undefined ? [] : [model]
  })
}

function readModel(entry: Json): ModelInfo | undefined {
  const model = readObject(entry)
  const id = readText(model?.['id'])
  if (model === undefined || id === undefined) return undefined
  const architecture = readObject(model['architecture']) ?? {}
  const outputs = readList(architecture['output_modalities'])
  if (outputs.length > 0 && !outputs.includes('text')) return undefined
  const pricing = readObject(model['pricing'])
  const price = pricing === undefined ? undefined : readPrice(pricing)
  const capabilities = readCapabilities(id, model, architecture)
  const contextTokens = readCount(model['context_length'])
  const expiresAt = Date.parse(readText(model['expiration_date']) ?? '')
  return {
    id,
    free: pricing !== undefined && costsNothing(pricing),
    ...(capabilities !== undefined && { capabilities }),
    ...(contextTokens !== undefined && contextTokens > 0 && { contextTokens }),
    ...(Number.isFinite(expiresAt) && { expiresAt }),
    ...(price !== undefined && { price }),
  }
}

/** A price of zero now and at every hour; tested as equal to zero, because routers show negative prices. */
function costsNothing(pricing: JsonObject): boolean {
  const zero = (prices: JsonObject, name: string) =>
    prices[name] === undefined || prices[name] === null || readNanoUsd(prices[name]) === 0
  const overrides = readList(pricing['overrides']).map((override) => readObject(override) ?? {})
  return (
    readNanoUsd(pricing['prompt']) === 0 &&
    readNanoUsd(pricing['completion']) === 0 &&
    zero(pricing, 'request') &&
    overrides.every((prices) => ['prompt', 'completion', 'request'].every((name) => zero(prices, name)))
  )
}

function readCapabilities(
  id: string,
  model: JsonObject,
  architecture: JsonObject,
): readonly Capability[] | undefined {
  // A router picks a model by what the request needs; its own entry says little (docs: free-router).
  if (picksModel(id)) return undefined
  const parameters = model['supported_parameters']
  if (!Array.isArray(parameters)) return undefined
  const found: Capability[] = []
  if (parameters.includes('tools')) found.push('tools')
  if (readList(architecture['input_modalities']).includes('image')) found.push('images')
  if (parameters.includes('structured_outputs')) found.push('structured-output')
  if (parameters.includes('reasoning') || readObject(model['reasoning'])) found.push('reasoning')
  return found
}
