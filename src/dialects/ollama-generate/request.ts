import type { ChatRequest, Json, JsonObject } from '../../chat/types.ts'
import { RequestError } from '../../errors.ts'
import type { Loss } from '../dialect.ts'
import { keepRest, putBack, type Groups } from '../kept.ts'
import { asText, present } from '../lenient.ts'
import { readControls, readModel, writeControls } from '../ollama/controls.ts'
import { writeFormat } from '../ollama/format.ts'
import { readImages } from '../ollama/read-messages.ts'
import { writeImages } from '../ollama/write-messages.ts'
import { joinTexts } from '../texts.ts'

const groups: Groups = [
  ['model'],
  ['prompt'],
  ['system'],
  ['images'],
  ['stream'],
  ['format'],
  ['think'],
  ['options'],
  ['logprobs', 'top_logprobs'],
]

/** Reads a prompt as a conversation of one question; what has no neutral form is kept. */
export function readRequest(body: JsonObject): ChatRequest {
  const request = read(body)
  const kept = keepRest(body, write(request, []), groups)
  return kept === undefined ? request : { ...request, extra: { 'ollama-generate': kept } }
}

/** Throws RequestError for a conversation of more than one question. */
export function writeRequest(request: ChatRequest, lost: Loss[]): JsonObject {
  const written = write(request, lost)
  const kept = request.extra?.['ollama-generate']
  return kept === undefined ? written : putBack(written, kept, groups, (body) => write(read(body), []))
}

function read(body: JsonObject): ChatRequest {
  const system = asText(body.system) ?? ''
  const text = asText(body.prompt) ?? ''
  return {
    model: readModel(body.model),
    stream: body.stream !== false,
    system: system === '' ? [] : [{ type: 'text', text: system }],
    turns: [{ role: 'user', parts: [{ type: 'text', text }, ...readImages(body.images)] }],
    tools: [],
    ...readControls(body),
  }
}

function write(request: ChatRequest, lost: Loss[]): Record<string, Json> {
  const [question, ...more] = request.turns
  if (question === undefined || more.length > 0 || question.role !== 'user') throw tooLong()
  if (question.parts.some((part) => part.type === 'tool-result')) throw tooLong()
  if (request.tools.length > 0) lost.push('tools dropped')
  const { format, instruction } = writeFormat(request, false, lost)
  const system = [...request.system.map((part) => part.text), instruction].filter(
    (text) => text !== undefined,
  )
  return present({
    model: request.model,
    prompt: joinTexts(question.parts),
    system: system.length === 0 ? undefined : system.join('\n\n'),
    images: writeImages(question.parts),
    // Absent means yes here, so it is always said.
    stream: request.stream,
    format,
    ...writeControls(request),
  })
}

function tooLong(): RequestError {
  return new RequestError('invalid_request', 'this route takes one question, not a conversation', 'messages')
}
