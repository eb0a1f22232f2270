import type { ChatRequest, Json, JsonObject } from '../../chat/types.ts'
import type { Loss, Outline } from '../dialect.ts'
import { readTools } from '../function-tools.ts'
import { keepRest, putBack, type Groups } from '../kept.ts'
import { asNumber, asObject, present } from '../lenient.ts'
import { readControls, readModel, writeControls } from './controls.ts'
import { writeFormat } from './format.ts'
import { readMessages } from './read-messages.ts'
import { writeTools } from './tools.ts'
import { writeMessages } from './write-messages.ts'

const groups: Groups = [
  ['model'],
  ['messages'],
  ['stream'],
  ['tools'],
  ['format'],
  ['think'],
  ['options'],
  ['logprobs', 'top_logprobs'],
]

export function outline(body: JsonObject): Outline {
  const limit = asNumber(asObject(body.options)?.num_predict)
  return {
    model: readModel(body.model),
    stream: body.stream !== false,
    // The last line always holds it.
    wantsUsage: true,
    maxTokens: limit !== undefined && limit > 0 ? limit : undefined,
  }
}

/** Reads a request; what has no neutral form is kept, so that writing it again in this dialect loses nothing. */
export function readRequest(body: JsonObject): ChatRequest {
  const request = read(body)
  const kept = keepRest(body, write(request, []), groups)
  return kept === undefined ? request : { ...request, extra: { ollama: kept } }
}

/** Throws RequestError for content this wire cannot carry, since leaving it out would change the question. */
export function writeRequest(request: ChatRequest, lost: Loss[]): JsonObject {
  const written = write(request, lost)
  const kept = request.extra?.ollama
  return kept === undefined ? written : putBack(written, kept, groups, (body) => write(read(body), []))
}

function read(body: JsonObject): ChatRequest {
  return {
    model: readModel(body.model),
    stream: body.stream !== false,
    ...readMessages(body.messages),
    tools: readTools(body.tools),
    ...readControls(body),
  }
}

function write(request: ChatRequest, lost: Loss[]): Record<string, Json> {
  const { tools, instruction: toolLine } = writeTools(request, lost)
  const { format, instruction: formatLine } = writeFormat(request, tools !== undefined, lost)
  const instructions = [toolLine, formatLine].filter((line) => line !== undefined)
  return present({
    model: request.model,
    messages: writeMessages(request, instructions),
    // Absent means yes here, so it is always said.
    stream: request.stream,
    tools,
    format,
    ...writeControls(request),
  })
}
