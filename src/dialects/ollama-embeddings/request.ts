import type { ChatRequest, Json, JsonObject } from '../../chat/types.ts'
import { RequestError } from '../../errors.ts'
import type { Loss, Outline, RequestProblem } from '../dialect.ts'
import { embedOutline, embedRequest, textsOf } from '../embed-request.ts'
import { keepRest, putBack, type Groups } from '../kept.ts'
import { asObject, asText, present } from '../lenient.ts'
import { checkTypes, notAnObject, wrong } from '../problems.ts'

const groups: Groups = [['model'], ['prompt']]
const silent: ReadonlySet<string> = new Set(['model', 'prompt', 'keep_alive', 'options'])

export function check(body: Json): RequestProblem | undefined {
  const object = asObject(body)
  if (object === undefined) return notAnObject(body)
  return (
    checkTypes(object, ['model'], 'string') ??
    checkTypes(object, ['options'], 'object') ??
    (typeof object.prompt === 'string' ? undefined : wrong('prompt', 'a text', object.prompt))
  )
}

export function outline(body: JsonObject): Outline {
  return embedOutline(body.model)
}

export function readRequest(body: JsonObject): ChatRequest {
  const request = read(body)
  const kept = keepRest(body, write(request), groups)
  return kept === undefined ? request : { ...request, extra: { 'ollama-embeddings': kept } }
}

/** Throws RequestError for more than one text. */
export function writeRequest(request: ChatRequest, _lost: Loss[]): JsonObject {
  const written = write(request)
  const kept = request.extra?.['ollama-embeddings']
  return kept === undefined ? written : putBack(written, kept, groups, (body) => write(read(body)))
}

export function untold(request: ChatRequest): readonly Loss[] {
  const kept = Object.keys(request.extra?.['ollama-embeddings'] ?? {})
  return kept.filter((name) => !silent.has(name)).map((name) => `${name} dropped`)
}

function read(body: JsonObject): ChatRequest {
  return embedRequest(body.model, { inputs: [asText(body.prompt) ?? ''] })
}

function write(request: ChatRequest): Record<string, Json> {
  const [prompt, ...more] = textsOf(request)
  if (prompt === undefined || more.length > 0)
    throw new RequestError('invalid_request', 'this route takes exactly one text', 'prompt')
  return present({ model: request.model, prompt })
}
