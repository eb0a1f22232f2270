import type { ChatRequest, Json, JsonObject } from '../../chat/types.ts'
import type { Loss, Outline } from '../dialect.ts'
import { effortOf, readEffort } from '../effort.ts'
import { readDescribed, writeDescribed } from '../json-format.ts'
import { keepRest, putBack, type Groups } from '../kept.ts'
import { asBoolean, asList, asNumber, asObject, asText, present, type Loose } from '../lenient.ts'
import { readItems } from './read-items.ts'
import { openToolbox, readToolChoice, type Toolbox, writeTool } from './tools.ts'
import { writeItems } from './write-items.ts'

const groups: Groups = [
  ['model'],
  ['instructions', 'input'],
  ['stream'],
  ['tools'],
  ['tool_choice'],
  ['parallel_tool_calls'],
  ['max_output_tokens'],
  ['temperature'],
  ['top_p'],
  ['top_logprobs', 'include'],
  ['reasoning'],
  ['text'],
  ['safety_identifier', 'user'],
]

const wantsLogprobs = 'message.output_text.logprobs'
const wantsSealed = 'reasoning.encrypted_content'

export function outline(body: JsonObject): Outline {
  const { model, stream } = body
  const ceiling = asNumber(body.max_output_tokens)
  return {
    model: typeof model === 'string' && model.trim() !== '' ? model : 'auto',
    stream: stream === true,
    // The last event always holds it.
    wantsUsage: true,
    maxTokens: ceiling !== undefined && ceiling > 0 ? ceiling : undefined,
  }
}

/** Whether a client takes reasoning back in a form it cannot read, so that it survives a service that keeps nothing. */
export function takesSealed(body: JsonObject): boolean {
  return asList(body.include).includes(wantsSealed)
}

/** Reads a request; what has no neutral form is kept, so that writing it again in this dialect loses nothing. */
export function readRequest(body: JsonObject): ChatRequest {
  const request = read(body)
  const kept = keepRest(body, write(request, openToolbox(body.tools)), groups)
  // Even an empty one tells that the request came in this dialect.
  return { ...request, extra: { 'openai-responses': kept ?? {} } }
}

export function writeRequest(request: ChatRequest, lost: Loss[]): JsonObject {
  lost.push(...unsayable(request))
  const kept = request.extra?.['openai-responses']
  if (kept === undefined) return { ...write(request, openToolbox(undefined)), ...stateless(request) }
  const toolbox = openToolbox(kept.tools)
  return putBack(write(request, toolbox), kept, groups, (body) => write(read(body), toolbox))
}

function read(body: JsonObject): ChatRequest {
  const toolbox = openToolbox(body.tools)
  const toolChoice = readToolChoice(body.tool_choice, toolbox)
  const parallelTools = asBoolean(body.parallel_tool_calls)
  const maxTokens = asNumber(body.max_output_tokens)
  const temperature = asNumber(body.temperature)
  const topP = asNumber(body.top_p)
  const most = asNumber(body.top_logprobs)
  const logprobs = asList(body.include).includes(wantsLogprobs) ? (most ?? 0) : most
  // `user` is the older name.
  const user = asText(body.safety_identifier) ?? asText(body.user)
  const effort = readEffort(asObject(body.reasoning)?.effort)
  const format = readFormat(asObject(body.text)?.format)
  const model = asText(body.model)
  return {
    model: model === undefined || model === '' ? 'auto' : model,
    stream: body.stream === true,
    ...readItems(body, toolbox),
    tools: toolbox.tools,
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(parallelTools === undefined ? {} : { parallelTools }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(effort === undefined ? {} : { reasoning: { effort } }),
    ...(format === undefined ? {} : { format }),
    ...(logprobs === undefined ? {} : { logprobs }),
    ...(user === undefined ? {} : { user }),
  }
}

function write(request: ChatRequest, toolbox: Toolbox): Record<string, Json> {
  const { toolChoice, logprobs } = request
  const effort = effortOf(request.reasoning)
  const format = writeFormat(request.format)
  return present({
    model: request.model,
    ...writeItems(request, toolbox),
    stream: request.stream ? true : undefined,
    tools: request.tools.length === 0 ? undefined : request.tools.map(writeTool),
    tool_choice: typeof toolChoice === 'object' ? { type: 'function', name: toolChoice.name } : toolChoice,
    parallel_tool_calls: request.parallelTools,
    max_output_tokens: request.maxTokens,
    temperature: request.temperature,
    top_p: request.topP,
    top_logprobs: logprobs === 0 ? undefined : logprobs,
    include: logprobs === undefined ? undefined : [wantsLogprobs],
    reasoning: effort === undefined ? undefined : { effort },
    text: format === undefined ? undefined : { format },
    safety_identifier: request.user,
  })
}

/**
 * What a request of another dialect means and cannot say: nothing is to be kept at the service, so reasoning has to come
 * along with the answer. It is asked for only where reasoning was: models without it refuse the member.
 */
function stateless(request: ChatRequest): JsonObject {
  const effort = effortOf(request.reasoning)
  if (effort === undefined || effort === 'none') return { store: false }
  return { store: false, include: [...(request.logprobs === undefined ? [] : [wantsLogprobs]), wantsSealed] }
}

/** Members of the neutral request that this wire has no name for. */
function unsayable(request: ChatRequest): Loss[] {
  const members = {
    top_k: request.topK,
    min_p: request.minP,
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty,
    repetition_penalty: request.repeatPenalty,
    seed: request.seed,
    stop: request.stop?.length === 0 ? undefined : request.stop,
  }
  return Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [`${name} dropped`]))
}

function readFormat(value: Loose): ChatRequest['format'] {
  const format = asObject(value)
  if (format?.type === 'json_object') return {}
  return format?.type === 'json_schema' ? readDescribed(format) : undefined
}

function writeFormat(format: ChatRequest['format']): JsonObject | undefined {
  if (format === undefined) return undefined
  if (format.schema === undefined) return { type: 'json_object' }
  return { type: 'json_schema', ...writeDescribed(format) }
}
