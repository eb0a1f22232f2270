import type { Capability, Json, JsonObject } from '../../chat/types.ts'
import { readCount, readList, readObject, readText } from '../bodies.ts'
import type { Fetcher, ModelInfo } from '../provider.ts'

/** What a server says of one model; members it did not tell are left out. */
export type Shown = Pick<ModelInfo, 'kind' | 'capabilities' | 'contextTokens' | 'thinking'>

// A catalogue of hundreds (a full local server) must not become hundreds of calls.
const mostShown = 64
const atOnce = 4
// A server that refuses is not asked for the rest of its list.
const patience = 3

/**
 * Asks `POST /api/show` about models, which runs no inference and works without a key
 * (github.com/openclaw/openclaw/pull/126653). Those that are not answered are left out.
 */
export async function showAll(get: Fetcher, models: readonly string[]): Promise<ReadonlyMap<string, Shown>> {
  const found = new Map<string, Shown>()
  const asked = models.slice(0, mostShown)
  let next = 0
  let failed = 0
  const ask = async (): Promise<void> => {
    for (let model = asked[next++]; model !== undefined && failed < patience; model = asked[next++]) {
      try {
        found.set(model, readShown(await get('/api/show', { model })))
      } catch {
        failed++
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, ask))
  return found
}

function readShown(answer: Json): Shown {
  const shown = readObject(answer) ?? {}
  const info = readObject(shown['model_info']) ?? {}
  // The name of an architecture may hold dots itself, so the member is looked up, not searched for.
  const contextTokens = readCount(info[`${readText(info['general.architecture']) ?? ''}.context_length`])
  const capabilities = readCapabilities(shown)
  const thinking = readThinking(shown['thinking'])
  return {
    ...readKind(shown),
    ...(capabilities !== undefined && { capabilities }),
    ...(contextTokens !== undefined && contextTokens > 0 && { contextTokens }),
    ...(thinking !== undefined && { thinking }),
  }
}

/** Marks a model that makes vectors and answers nothing. */
export function readKind(entry: JsonObject): Pick<ModelInfo, 'kind'> {
  const words = readList(entry['capabilities'])
  return words.includes('embedding') && !words.includes('completion') ? { kind: 'embeddings' } : {}
}

/**
 * From the words of `/api/show` and, on newer servers, of `/api/tags`. What a server runs from weights of its own also
 * keeps to a given format; the hosted service takes `format` and does not enforce it
 * (https://docs.ollama.com/capabilities/structured-outputs).
 */
export function readCapabilities(entry: JsonObject): readonly Capability[] | undefined {
  const words = readList(entry['capabilities'])
  if (words.length === 0) return undefined
  const found: Capability[] = []
  if (words.includes('tools')) found.push('tools')
  if (words.includes('thinking')) found.push('reasoning')
  if (words.includes('vision')) found.push('images')
  if (readText(readObject(entry['details'])?.['format']) !== undefined && !isRemote(entry))
    found.push('structured-output')
  return found
}

function isRemote(entry: JsonObject): boolean {
  return readText(entry['remote_model']) !== undefined
}

/** `values` of newer servers: booleans, or the model's own names of levels. */
function readThinking(value: Json | undefined): ModelInfo['thinking'] {
  const values = readList(readObject(value)?.['values']).filter(
    (each) => typeof each === 'string' || typeof each === 'boolean',
  )
  return values.length === 0 ? undefined : values
}
