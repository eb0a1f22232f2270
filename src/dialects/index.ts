import type { DialectName } from '../chat/types.ts'
import { RouterError } from '../errors.ts'
import { anthropic } from './anthropic/index.ts'
import type { Dialect } from './dialect.ts'
import { ollamaEmbed } from './ollama-embed/index.ts'
import { ollamaEmbeddings } from './ollama-embeddings/index.ts'
import { ollamaGenerate } from './ollama-generate/index.ts'
import { ollama } from './ollama/index.ts'
import { openaiChat } from './openai-chat/index.ts'
import { openaiEmbeddings } from './openai-embeddings/index.ts'
import { openaiResponses } from './openai-responses/index.ts'

/** Every dialect there is code for. */
export const dialects: Readonly<Partial<Record<DialectName, Dialect>>> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  anthropic,
  ollama,
  'ollama-generate': ollamaGenerate,
  'openai-embeddings': openaiEmbeddings,
  'ollama-embed': ollamaEmbed,
  'ollama-embeddings': ollamaEmbeddings,
}

/** Throws RouterError for a name without code: naming one is a mistake in this package or in a plug-in. */
export function dialectNamed(name: DialectName): Dialect {
  const dialect = dialects[name]
  if (dialect !== undefined) return dialect
  const known = Object.keys(dialects).join(', ')
  throw new RouterError('internal', `there is no dialect "${name}"; there are ${known}`)
}
