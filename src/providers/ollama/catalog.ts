import type { Capability, JsonObject } from '../../chat/types.ts'
import { readCount, readList, readObject, readText } from '../bodies.ts'
import type { Fetcher, ModelInfo } from '../provider.ts'
import { hostedName } from './families.ts'
import { priceOf } from './prices.ts'
import { readCapabilities, readKind, showAll, type Shown } from './show.ts'

interface Known {
  readonly capabilities: readonly Capability[]
  readonly contextTokens?: number
}

const text: readonly Capability[] = ['tools', 'reasoning']
const vision: readonly Capability[] = ['tools', 'reasoning', 'images']

/**
 * For models that nobody described: before the list has been read, and where `POST /api/show` does not answer. From answers
 * of it quoted in github.com/openclaw/openclaw/pull/126653 and from models.dev. Uncertain context sizes are left out. None has
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

/**
 * Reads the models from `GET /api/tags`, and from `POST /api/show` what they can do, where the list does not say it.
 * `before`: what was read last; a model that the server described then is not asked about again.
 */
export async function models(get: Fetcher, before: readonly ModelInfo[] = []): Promise<readonly ModelInfo[]> {
  const list = readList(readObject(await get('/api/tags'))?.['models']).flatMap((value) => {
    const entry = readObject(value)
    const id = readText(entry?.['model']) ?? readText(entry?.['name'])
    return entry === undefined || id === undefined ? [] : [{ id, entry }]
  })
  const described = new Map(before.flatMap((info) => (info.described === true ? [[info.id, info]] : [])))
  const listed = list.map(({ id, entry }) => ({ id, told: readListed(entry) ?? described.get(id) }))
  const shown = await showAll(
    get,
    listed.flatMap(({ id, told }) => (told === undefined ? [id] : [])),
  )
  return listed.map(({ id, told = shown.get(id) }) => modelOf(id, told))
}

/** Newer local servers say in the list what a model can do. */
function readListed(entry: JsonObject): Shown | undefined {
  const capabilities = readCapabilities(entry)
  const contextTokens = readCount(readObject(entry['details'])?.['context_length'])
  if (capabilities === undefined) return undefined
  return {
    ...readKind(entry),
    capabilities,
    ...(contextTokens !== undefined && { contextTokens }),
  }
}

/** The server's word first, what is written down here for the rest. */
function modelOf(id: string, told: Shown | undefined): ModelInfo {
  const { capabilities = knownOf(id)?.capabilities, contextTokens = knownOf(id)?.contextTokens } = told ?? {}
  const price = priceOf(id)
  return {
    id,
    free: false,
    ...(told?.kind !== undefined && { kind: told.kind }),
    ...(capabilities !== undefined && { capabilities }),
    ...(contextTokens !== undefined && { contextTokens }),
    ...(told?.thinking !== undefined && { thinking: told.thinking }),
    ...(price !== undefined && { price }),
    ...(told?.capabilities !== undefined && { described: true }),
  }
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
