import type { ChatRequest, Json, JsonObject } from '../../chat/types.ts'
import { RequestError } from '../../errors.ts'
import { emulated, type Loss, type Outline } from '../dialect.ts'
import { keepRest, putBack, type Groups } from '../kept.ts'
import { asList, asNumber, asObject, asText, present, type Loose } from '../lenient.ts'
import { readMessages } from './read-messages.ts'
import { readReasoning, writeReasoning } from './reasoning.ts'
import { writeSampling } from './sampling.ts'
import { forcesTool, readToolChoice, readTools, writeToolChoice, writeTools } from './tools.ts'
import { writeMessages, writeSystem } from './write-messages.ts'

const groups: Groups = [
  ['model'],
  ['max_tokens'],
  ['messages'],
  ['system'],
  ['stream'],
  ['tools'],
  ['tool_choice'],
  ['temperature'],
  ['top_p'],
  ['top_k'],
  ['stop_sequences'],
  ['thinking', 'output_config', 'output_format'],
  ['metadata'],
]

// The wire has no word for "as long as it takes".
const usualMaxTokens = 8192

export function outline(body: JsonObject): Outline {
  const { model, max_tokens: maxTokens } = body
  return {
    model: typeof model === 'string' && model.trim() !== '' ? model : 'auto',
    stream: body.stream === true,
    // The events that end a stream always hold it.
    wantsUsage: true,
    maxTokens: asNumber(maxTokens),
  }
}

/** Reads a request; what has no neutral form is kept, so that writing it again in this dialect loses nothing. */
export function readRequest(body: JsonObject): ChatRequest {
  const request = read(body)
  const kept = keepRest(body, writtenAgain(request), groups)
  return kept === undefined ? request : { ...request, extra: { anthropic: kept } }
}

/** Throws RequestError for content this wire cannot carry, since leaving it out would change the question. */
export function writeRequest(request: ChatRequest, lost: Loss[]): JsonObject {
  const written = write(request, lost)
  const kept = request.extra?.anthropic
  return kept === undefined ? written : putBack(written, kept, groups, (body) => write(read(body), []))
}

/** What a service would refuse is not refused while it is only read: the client's own bytes may yet go out. */
function writtenAgain(request: ChatRequest): JsonObject {
  try {
    return write(request, [])
  } catch (error) {
    if (error instanceof RequestError) return {}
    throw error
  }
}

function read(body: JsonObject): ChatRequest {
  const maxTokens = asNumber(body.max_tokens)
  const temperature = asNumber(body.temperature)
  const topP = asNumber(body.top_p)
  const topK = asNumber(body.top_k)
  const stop = asList(body.stop_sequences).filter((text) => typeof text === 'string')
  const user = asText(asObject(body.metadata)?.user_id)
  const reasoning = readReasoning(body)
  const format = readFormat(asObject(body.output_config)?.format) ?? readFormat(body.output_format)
  const model = asText(body.model)
  return {
    model: model === undefined || model === '' ? 'auto' : model,
    stream: body.stream === true,
    ...readMessages(body.system, body.messages),
    tools: readTools(body.tools),
    ...readToolChoice(body.tool_choice),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(topK === undefined ? {} : { topK }),
    ...(stop.length === 0 ? {} : { stop }),
    ...(user === undefined ? {} : { user }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(format === undefined ? {} : { format }),
  }
}

function write(request: ChatRequest, lost: Loss[]): Record<string, Json> {
  const { reasoning, format, user } = request
  const maxTokens = request.maxTokens ?? usualMaxTokens + (reasoning?.maxTokens ?? 0)
  if (request.maxTokens === undefined) lost.push(`max_tokens set to ${maxTokens}`)
  const messages = writeMessages(request.turns, lost)
  const bounds = { maxTokens, forced: forcesTool(request), messages }
  const { thinking, effort } = writeReasoning(reasoning, bounds, lost)
  const thinks = thinking !== undefined && thinking.type !== 'disabled'
  const config = present({ effort, format: writeFormat(format) })
  return present({
    model: request.model,
    max_tokens: maxTokens,
    system: writeSystem([...request.system, ...instruct(format, lost)]),
    messages,
    stream: request.stream ? true : undefined,
    tools: writeTools(request.tools),
    tool_choice: writeToolChoice(request),
    ...writeSampling(request, thinks, lost),
    thinking,
    output_config: Object.keys(config).length === 0 ? undefined : config,
    metadata: user === undefined ? undefined : { user_id: user },
  })
}

// `output_format` is where a beta had it.
function readFormat(value: Loose): ChatRequest['format'] {
  const format = asObject(value)
  if (format?.type !== 'json_schema' || format.schema === undefined) return undefined
  return { schema: format.schema }
}

function writeFormat(format: ChatRequest['format']): JsonObject | undefined {
  return format?.schema === undefined ? undefined : { type: 'json_schema', schema: format.schema }
}

/** Only a schema can be asked for by a member. */
function instruct(format: ChatRequest['format'], lost: Loss[]): ChatRequest['system'] {
  if (format === undefined || format.schema !== undefined) return []
  lost.push(emulated.format)
  const text =
    'When you answer in text, answer with one JSON object and nothing else: no explanation, no code fence.'
  return [{ type: 'text', text }]
}
