import type { Capability, Json } from '../../chat/types.ts'
import { readCount, readList, readObject, readText } from '../bodies.ts'
import type { Fetcher, ModelInfo } from '../provider.ts'
import { hostedName } from './families.ts'
import { priceOf } from './prices.ts'

interface Known {
  readonly capabilities: readonly Capability[]
  readonly contextTokens?: number
}

const text: readonly Capability[] = ['tools', 'reasoning']
const vision: readonly Capability[] = ['tools', 'reasoning', 'images']

/**
 * The hosted list names models only, so what they can do is written down here, from `POST /api/show` answers quoted in
 * github.com/openclaw/openclaw/pull/126653 and from models.dev. Uncertain context sizes are left out. None has
 * `structured-output`: the hosted service takes `format` and does not enforce it
 * (https://docs.ollama.com/capabilities/structured-outputs).
 */
const known: ReadonlyMap<string, Known> = new Map<string, Known>([
  ['gemma4:31b', { capabilities: vision, contextTokens: 262_144 }],
  ['gpt-oss:120b', { capabilities: text, contextTokens: 131_072 }],
  ['gpt-oss:20b', { capabilities: text, contextTokens: 131_072 }],
  ['glm-5.3-flash', { capabilities: text }],
  ['glm-5.3', { capabilities: text }],
  ['glm-5.2', { capabilities: text, contextTokens: 1_000_000 }],
  ['deepseek-v4.1-flash', { capabilities: text }],
  ['deepseek-v4-flash', { capabilities: text, contextTokens: 1_048_576 }],
  ['deepseek-v4-pro', { capabilities: text, contextTokens: 1_048_576 }],
  ['minimax-m3', { capabilities: vision }],
  ['minimax-m2.7', { capabilities: text, contextTokens: 204_800 }],
  ['kimi-k3', { capabilities: vision, contextTokens: 1_048_576 }],
  ['kimi-k2.7-code', { capabilities: vision, contextTokens: 262_144 }],
  ['kimi-k2.6', { capabilities: vision, contextTokens: 262_144 }],
  ['mistral-large-3:675b', { capabilities: ['tools', 'images'], contextTokens: 262_144 }],
  ['nemotron-3-ultra', { capabilities: text, contextTokens: 262_144 }],
  ['nemotron-3-super', { capabilities: text, contextTokens: 262_144 }],
  ['nemotron-3-nano:30b', { capabilities: text }],
])

/** For `auto`: cheap and able first. */
const preferred: readonly string[] = [
  'gemma4:31b',
  'gpt-oss:120b',
  'glm-5.3-flash',
  'deepseek-v4.1-flash',
  'gpt-oss:20b',
  'minimax-m3',
  'kimi-k2.6',
  'kimi-k2.7-code',
]

function knownOf(model: string): Known | undefined {
  const name = hostedName(model).toLowerCase()
  return known.get(name) ?? known.get(name.split(':', 1)[0] ?? name)
}

/** Reads the models from `GET /api/tags`. Nothing is asked per model: that would be a call for each at every start. */
export async function models(get: Fetcher): Promise<readonly ModelInfo[]> {
  const list = readList(readObject(await get('/api/tags'))?.['models'])
  return list.flatMap((entry) => {
    const model = readModel(entry)
    return model === undefined ? [] : [model]
  })
}

function readModel(value: Json): ModelInfo | undefined {
  const entry = readObject(value)
  const id = readText(entry?.['model']) ?? readText(entry?.['name'])
  if (entry === undefined || id === undefined) return undefined
  const capabilities =
    readCapabilities(entry['capabilities'], entry['remote_model']) ?? knownOf(id)?.capabilities
  const contextTokens =
    readCount(readObject(entry['details'])?.['context_length']) ?? knownOf(id)?.contextTokens
  const price = priceOf(id)
  return {
    id,
    free: false,
    ...(onlyEmbeds(entry['capabilities']) && { kind: 'embeddings' as const }),
    ...(capabilities !== undefined && { capabilities }),
    ...(contextTokens !== undefined && { contextTokens }),
    ...(price !== undefined && { price }),
  }
}

function onlyEmbeds(value: Json | undefined): boolean {
  const words = readList(value)
  return words.includes('embedding') && !words.includes('completion')
}

/** Newer local servers list them; what such a server runs itself also keeps to a given format. */
function readCapabilities(
  value: Json | undefined,
  remoteModel: Json | undefined,
): readonly Capability[] | undefined {
  const words = readList(value)
  if (words.length === 0) return undefined
  const found: Capability[] = []
  if (words.includes('tools')) found.push('tools')
  if (words.includes('thinking')) found.push('reasoning')
  if (words.includes('vision')) found.push('images')
  if (readText(remoteModel) === undefined) found.push('structured-output')
  return found
}

/**
 * The model for `auto`: the first of a cheap-first list that the catalogue holds and that meets the needs, else the first
 * of the catalogue that does. When none does, the first there is: a weaker answer, or a clear refusal, beats silence.
 */
export function autoModel(needs: readonly Capability[], listed: readonly ModelInfo[]): string {
  const catalogue = listed.filter(({ kind }) => kind === undefined)
  const candidates = catalogue.length === 0 ? preferred : preferred.filter((model) => holds(catalogue, model))
  const fits = (capabilities: readonly Capability[] | undefined) =>
    capabilities === undefined || needs.every((need) => capabilities.includes(need))
  return (
    candidates.find((model) => fits(capabilitiesOf(model, catalogue))) ??
    catalogue.find((info) => fits(info.capabilities))?.id ??
    candidates[0] ??
    catalogue[0]?.id ??
    'gemma4:31b'
  )
}

function holds(catalogue: readonly ModelInfo[], model: string): boolean {
  return catalogue.some((info) => hostedName(info.id) === model)
}

function capabilitiesOf(model: string, catalogue: readonly ModelInfo[]): readonly Capability[] | undefined {
  const info = catalogue.find((entry) => hostedName(entry.id) === model)
  return info?.capabilities ?? knownOf(model)?.capabilities
}
