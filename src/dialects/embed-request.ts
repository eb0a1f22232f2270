import type { ChatRequest, Json } from '../chat/types.ts'
import { RequestError } from '../errors.ts'
import type { Outline } from './dialect.ts'
import type { Loose } from './lenient.ts'

type Embed = NonNullable<ChatRequest['embed']>

/** The neutral form of a request for vectors. */
export function embedRequest(model: Loose, embed: Embed): ChatRequest {
  return { model: named(model), stream: false, system: [], turns: [], tools: [], embed }
}

/** Nothing about vectors is streamed, and their number bounds the answer. */
export function embedOutline(model: Loose): Outline {
  return { model: named(model), stream: false, wantsUsage: false, maxTokens: undefined }
}

function named(model: Loose): string {
  return typeof model === 'string' && model.trim() !== '' ? model : 'auto'
}

/** Throws RequestError for a request that asks for an answer in words. */
export function embedOf(request: ChatRequest): Embed {
  if (request.embed !== undefined) return request.embed
  throw new RequestError('invalid_request', 'this route makes vectors of texts and answers no questions')
}

/** Throws RequestError for tokens and pictures, which only some services take. */
export function textsOf(request: ChatRequest): readonly string[] {
  return embedOf(request).inputs.map((input: Json) => {
    if (typeof input === 'string') return input
    throw new RequestError('invalid_request', 'this route takes texts only, not tokens or pictures', 'input')
  })
}
