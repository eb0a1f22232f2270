import type { Capability, Json, JsonObject, RequestKind } from '../../chat/types.ts'
import { readCount, readList, readObject, readText } from '../bodies.ts'
import type { Fetcher, ModelInfo, Price } from '../provider.ts'

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

const decimal = /^(\d{1,12}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE]([+-]?\d{1,2}))?$/

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

/**
 * Dollars per token as nano-dollars, by moving the decimal point in the text: "0.00000012" times 1e9 is not 120 in
 * floating point. Undefined for anything that is no price, such as the "-1" of routers.
 */
export function readNanoUsd(value: Json | undefined): number | undefined {
  const text = typeof value === 'number' ? String(value) : value
  const found = typeof text === 'string' ? decimal.exec(text.trim()) : null
  return found?.[1] === undefined ? undefined : Number(`${found[1]}e${Number(found[2] ?? 0) + 9}`)
}

function readPrice(pricing: JsonObject): Price | undefined {
  const input = readNanoUsd(pricing['prompt'])
  const output = readNanoUsd(pricing['completion'])
  if (input === undefined || output === undefined) return undefined
  const cached = readNanoUsd(pricing['input_cache_read'])
  const cacheWrite = readNanoUsd(pricing['input_cache_write'])
  return {
    input,
    output,
    ...(cached !== undefined && { cached }),
    ...(cacheWrite !== undefined && { cacheWrite }),
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
