import { answerTo } from '../../answer.ts'
import { readRecords, readString, readStrings, type Json } from '../../json.ts'
import { anthropicTypeOf, errorTypeOf } from '../error-types.ts'
import { plainRefusal, type Refusal } from '../errors.ts'
import type { Asked, OpenRouterDialect } from '../dialect.ts'
import { readMessagesQuestion } from './question.ts'
import { writeMessage } from './result.ts'
import { eventText, writeMessageFrames } from './stream.ts'

/** An error in Anthropic's words, with OpenRouter's own name for its kind beside them. */
function writeError(error: Json): Json {
  const errorType = errorTypeOf(error)
  const message = readString(error['message']) ?? ''
  return { type: 'error', error: { type: anthropicTypeOf(errorType), message, error_type: errorType } }
}

/** Fallbacks come as `models`, or as Anthropic's `fallbacks` (https://openrouter.ai/docs/guides/routing/model-fallbacks). */
function readFallbacks(body: Json): readonly string[] | Refusal {
  if (body['fallbacks'] === undefined || body['fallbacks'] === null) return readStrings(body['models'])
  const refuse = (problem: string): Refusal => plainRefusal('bad-request', 400, `Invalid request: ${problem}`)
  if (body['models'] !== undefined) return refuse('models and fallbacks cannot be used together')
  const models: string[] = []
  for (const fallback of readRecords(body['fallbacks'])) {
    const model = readString(fallback['model'])
    if (model === undefined || Object.keys(fallback).length > 1) {
      return refuse('a fallback takes a model and nothing else')
    }
    models.push(model)
  }
  return models.length > 3 ? refuse('fallbacks must have 3 items or fewer') : models
}

function read(body: Json): Asked | Refusal {
  if (!Array.isArray(body['messages']) || body['messages'].length === 0) {
    return plainRefusal('bad-request', 400, 'Invalid request: messages is required')
  }
  if (readString(body['model']) === undefined) {
    return plainRefusal('bad-request', 400, 'Invalid request: model is required')
  }
  const fallbacks = readFallbacks(body)
  return 'kind' in fallbacks ? fallbacks : { question: readMessagesQuestion(body), fallbacks }
}

/** POST /messages, Anthropic's API. */
export const messages: OpenRouterDialect = {
  output: 'text',
  callPrefix: 'toolu_',
  quirks: new Set(['no-event-lines']),
  read,
  answer: answerTo,
  refusalBody: (refusal, { newId }) => ({ ...writeError(refusal.error), request_id: newId?.() ?? null }),
  write: writeMessage,
  writeFailed: ({ id }, error) => JSON.stringify({ ...writeError(error), request_id: id }),
  frames: writeMessageFrames,
  errorFrame: (_generation, error, _place, _sent, style) => eventText(writeError(error), style),
}
