import { readNumber, readString, readStrings, type Json } from '../json.ts'
import type { OllamaDialect, OllamaRequest, OllamaResult } from './dialect.ts'
import { handlerError, type OllamaRefusal } from './errors.ts'
import { loadNs, promptTokenNs } from './native.ts'

function readEmbed(body: Json, texts: readonly string[]): OllamaRequest | OllamaRefusal {
  const model = readString(body['model'])
  if (model === undefined || model === '') return handlerError('bad-request', 400, 'model is required')
  const dimensions = readNumber(body['dimensions']) ?? 0
  const question = {
    promptChars: texts.reduce((sum, text) => sum + text.length, 0),
    lastUserText: '',
    toolResult: undefined,
    tools: [],
    toolChoice: 'none' as const,
    oneToolCall: false,
    imageBytes: [],
    schema: undefined,
    wantsReasoning: false,
    maxTokens: 0,
    stop: [],
  }
  const embeds = { texts, dimensions: dimensions > 0 ? Math.ceil(dimensions) : Infinity }
  return { model, streaming: false, thinks: false, question, embeds }
}

/** `/api/embed` takes a list, the older `/api/embeddings` one text; neither streams. */
function embedDialect(
  readTexts: (body: Json) => readonly string[],
  write: (result: OllamaResult) => Json,
): OllamaDialect {
  return {
    streamHeaders: {},
    embeds: true,
    read: (body) => readEmbed(body, readTexts(body)),
    write: (result) => JSON.stringify(write(result)),
    frames: () => [],
    errorFrame: () => '',
  }
}

export const embed: OllamaDialect = embedDialect(
  (body) => readStrings(body['input']),
  ({ model, vectors, use, showsUse }) => ({
    model,
    embeddings: vectors,
    ...(showsUse
      ? {
          total_duration: loadNs + use.promptTokens * promptTokenNs,
          load_duration: loadNs,
          prompt_eval_count: use.promptTokens,
        }
      : {}),
  }),
)

export const embedOne: OllamaDialect = embedDialect(
  (body) => readStrings(readString(body['prompt'])),
  ({ vectors }) => ({ embedding: vectors[0] ?? [] }),
)
