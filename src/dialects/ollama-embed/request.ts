import type { ChatRequest, Json, JsonObject } from '../../chat/types.ts'
import type { Loss, Outline } from '../dialect.ts'
import { embedOf, embedOutline, embedRequest, textsOf } from '../embed-request.ts'
import { keepRest, putBack, type Groups } from '../kept.ts'
import { asNumber, isList, present } from '../lenient.ts'

const groups: Groups = [['model'], ['input'], ['dimensions']]

// Members that the neutral request has, and settings of a machine that holds the model in its memory. Texts that are too
// long are cut here by default, and refused elsewhere.
const silent: ReadonlySet<string> = new Set([
  'model',
  'input',
  'dimensions',
  'truncate',
  'keep_alive',
  'options',
])

export function outline(body: JsonObject): Outline {
  return embedOutline(body.model)
}

export function readRequest(body: JsonObject): ChatRequest {
  const request = read(body)
  const kept = keepRest(body, write(request), groups)
  return kept === undefined ? request : { ...request, extra: { 'ollama-embed': kept } }
}

export function writeRequest(request: ChatRequest, _lost: Loss[]): JsonObject {
  const written = write(request)
  const kept = request.extra?.['ollama-embed']
  return kept === undefined ? written : putBack(written, kept, groups, (body) => write(read(body)))
}

export function untold(request: ChatRequest): readonly Loss[] {
  const kept = Object.keys(request.extra?.['ollama-embed'] ?? {})
  return kept.filter((name) => !silent.has(name)).map((name) => `${name} dropped`)
}

function read(body: JsonObject): ChatRequest {
  const { input = '' } = body
  const dimensions = asNumber(body.dimensions)
  return embedRequest(body.model, {
    inputs: isList(input) ? input : [input],
    ...(dimensions === undefined ? {} : { dimensions }),
  })
}

function write(request: ChatRequest): Record<string, Json> {
  const { dimensions } = embedOf(request)
  return present({ model: request.model, input: textsOf(request), dimensions })
}
