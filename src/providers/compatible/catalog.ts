import type { Capability, Json, JsonObject } from '../../chat/types.ts'
import { readCount, readList, readObject, readText } from '../bodies.ts'
import type { Fetcher, ModelInfo } from '../provider.ts'

/** Listed beside chat models, and answering with a vector, a verdict or sound. */
const noChat = /embed|rerank|moderation|guard|whisper|(?:^|[-/])tts(?:[-:]|$)|playai|imagen|ocr/i

/**
 * Reads `GET /models`: OpenAI's `{data: […]}`, a bare list, or `{models: […]}`. Google puts `models/` in front of its
 * names and takes them without.
 */
export async function readModels(get: Fetcher, free: boolean): Promise<readonly ModelInfo[]> {
  const answer = await get('/models')
  const body = readObject(answer) ?? {}
  const list =
    [readList(body['data']), readList(body['models']), readList(answer)].find((each) => each.length > 0) ?? []
  const found = new Map<string, ModelInfo>()
  for (const entry of list) {
    const model = readModel(entry, free)
    if (model !== undefined && !found.has(model.id)) found.set(model.id, model)
  }
  return [...found.values()]
}

function readModel(value: Json, free: boolean): ModelInfo | undefined {
  const entry = readObject(value) ?? { id: value }
  const id = (readText(entry['id']) ?? readText(entry['model']) ?? readText(entry['name']))?.replace(
    /^models\//,
    '',
  )
  const able = readObject(entry['capabilities'])
  if (id === undefined || noChat.test(id) || entry['active'] === false || able?.['completion_chat'] === false)
    return undefined
  const capabilities = able === undefined ? undefined : readCapabilities(able)
  const contextTokens = readContext(entry)
  return {
    id,
    free,
    ...(capabilities !== undefined && { capabilities }),
    ...(contextTokens !== undefined && contextTokens > 0 && { contextTokens }),
  }
}

/** As Mistral lists them; a service that lists none of these words is not taken at its silence. */
function readCapabilities(able: JsonObject): readonly Capability[] | undefined {
  if (typeof able['function_calling'] !== 'boolean') return undefined
  const found: Capability[] = []
  // Structured output is not listed; Mistral's chat models all take a schema.
  if (able['function_calling']) found.push('tools', 'structured-output')
  if (able['vision'] === true) found.push('images')
  if (able['reasoning'] === true) found.push('reasoning')
  return found
}

/** By the names of Groq, Mistral, vLLM and others. */
function readContext(entry: JsonObject): number | undefined {
  const names = ['context_window', 'max_context_length', 'max_model_len', 'context_length']
  return names.map((name) => readCount(entry[name])).find((count) => count !== undefined)
}
