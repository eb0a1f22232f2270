import { hash } from 'node:crypto'
import type { Capability, JsonObject } from '../../chat/types.ts'
import { hasTag, spellings } from '../../routing/model-name.ts'
import type { ShownModel } from '../model-list.ts'

/** Nobody tells when a model was made or changed. */
export const modifiedAt: string = '1970-01-01T00:00:00Z'

// What clients take a model to hold when nobody tells: 4096 would make them cut requests that every current model takes.
const usualContext = 32_768

const words: Readonly<Partial<Record<Capability, string>>> = {
  tools: 'tools',
  images: 'vision',
  reasoning: 'thinking',
}

/** The name with its tag, as every name of an Ollama server has one: some clients look for it in the list with `:latest` added. */
export function taggedName(id: string): string {
  return spellings(id).find(hasTag) ?? id
}

/** In Ollama's words. Of models nobody knows tools are told: without them editors do not offer a model to their agents. */
export function capabilityWords({ kind, capabilities = ['tools'] }: ShownModel): readonly string[] {
  if (kind === 'embeddings') return ['embedding']
  return ['completion', ...capabilities.flatMap((capability) => words[capability] ?? [])]
}

export function detailsOf(model: ShownModel): JsonObject {
  const family = familyOf(model.id)
  return {
    parent_model: '',
    format: '',
    family,
    families: [family],
    parameter_size: '',
    quantization_level: '',
    context_length: model.contextTokens ?? usualContext,
  }
}

/** Clients read the size of the context from under the name of the architecture, and show the base name. */
export function modelInfo(model: ShownModel): JsonObject {
  const architecture = familyOf(model.id)
  return {
    'general.architecture': architecture,
    'general.basename': model.id,
    [`${architecture}.context_length`]: model.contextTokens ?? usualContext,
  }
}

/** 64 hex digits that stay the same as long as the model is called the same. */
export function digestOf({ id }: ShownModel): string {
  return hash('sha256', taggedName(id))
}

/** `vendor/gemma4:31b` is of the family `gemma4`. */
function familyOf(id: string): string {
  const name = id.slice(id.lastIndexOf('/') + 1).split(':', 1)[0]
  return name === undefined || name === '' ? 'unknown' : name
}
