import type { ChatRequest, Json, JsonObject } from '../../chat/types.ts'
import type { Loss, Outline } from '../dialect.ts'
import { embedOf, embedOutline, embedRequest, textsOf } from '../embed-request.ts'
import { keepRest, putBack, type Groups } from '../kept.ts'
import { asNumber, asText, isList, present, type Loose } from '../lenient.ts'

const groups: Groups = [['model'], ['input'], ['dimensions'], ['encoding_format'], ['user']]

// Members that the neutral request has, or that change nothing in the vectors.
const silent: ReadonlySet<string> = new Set(['model', 'input', 'dimensions', 'encoding_format', 'user'])

export function outline(body: JsonObject): Outline {
  return embedOutline(body.model)
}

export function readRequest(body: JsonObject): ChatRequest {
  const request = read(body)
  const kept = keepRest(body, write(request), groups)
  return kept === undefined ? request : { ...request, extra: { 'openai-embeddings': kept } }
}

export function writeRequest(request: ChatRequest, _lost: Loss[]): JsonObject {
  const written = write(request)
  const kept = request.extra?.['openai-embeddings']
  return kept === undefined ? written : putBack(written, kept, groups, (body) => write(read(body)))
}

/** Throws for inputs that are no texts: no other dialect takes them. */
export function untold(request: ChatRequest): readonly Loss[] {
  textsOf(request)
  const kept = Object.keys(request.extra?.['openai-embeddings'] ?? {})
  return kept.filter((name) => !silent.has(name)).map((name) => `${name} dropped`)
}

export function wantsBase64(body: JsonObject | undefined): boolean {
  return body?.encoding_format === 'base64'
}

function read(body: JsonObject): ChatRequest {
  const dimensions = asNumber(body.dimensions)
  const user = asText(body.user)
  const request = embedRequest(body.model, {
    inputs: readInputs(body.input),
    ...(dimensions === undefined ? {} : { dimensions }),
    ...(wantsBase64(body) ? { base64: true } : {}),
  })
  return user === undefined ? request : { ...request, user }
}

function write(request: ChatRequest): Record<string, Json> {
  const { inputs, dimensions, base64 } = embedOf(request)
  return present({
    model: request.model,
    input: inputs,
    dimensions,
    encoding_format: base64 === true ? 'base64' : undefined,
    user: request.user,
  })
}

/** A bare list of numbers is one input, in tokens. */
function readInputs(input: Loose): readonly Json[] {
  if (!isList(input)) return [input ?? '']
  return input.some((value) => typeof value === 'number') ? [input] : input
}
