import type { ChatRequest, Json, JsonObject } from '../../chat/types.ts'
import type { Loss, Outline } from '../dialect.ts'
import { readEffort } from '../effort.ts'
import { readTools, writeTool } from '../function-tools.ts'
import { readDescribed, writeDescribed } from '../json-format.ts'
import { keepRest, putBack, type Groups } from '../kept.ts'
import { asBoolean, asList, asNumber, asObject, asText, present, type Loose } from '../lenient.ts'
import { readMessages, writeMessages } from './messages.ts'

const groups: Groups = [
  ['model'],
  ['messages'],
  ['stream'],
  ['tools'],
  ['tool_choice'],
  ['parallel_tool_calls'],
  ['max_tokens', 'max_completion_tokens'],
  ['temperature'],
  ['top_p'],
  ['top_k'],
  ['min_p'],
  ['frequency_penalty'],
  ['presence_penalty'],
  ['repetition_penalty'],
  ['seed'],
  ['stop'],
  ['logprobs', 'top_logprobs'],
  ['user'],
  ['reasoning', 'reasoning_effort'],
  ['response_format'],
]

export function outline(body: JsonObject): Outline {
  const { model, stream } = body
  const ceiling = asNumber(body.max_completion_tokens) ?? asNumber(body.max_tokens)
  return {
    model: typeof model === 'string' && model.trim() !== '' ? model : 'auto',
    stream: stream === true,
    wantsUsage: asObject(body.stream_options)?.include_usage === true,
    maxTokens: ceiling !== undefined && ceiling > 0 ? ceiling : undefined,
  }
}

/** Reads a request; what has no neutral form is kept, so that writing it again in this dialect loses nothing. */
export function readRequest(body: JsonObject): ChatRequest {
  const request = read(body)
  const kept = keepRest(body, write(request), groups)
  return kept === undefined ? request : { ...request, extra: { 'openai-chat': kept } }
}

export function writeRequest(request: ChatRequest, _lost: Loss[]): JsonObject {
  const written = write(request)
  const kept = request.extra?.['openai-chat']
  return kept === undefined ? written : putBack(written, kept, groups, (body) => write(read(body)))
}

function read(body: JsonObject): ChatRequest {
  const toolChoice = readToolChoice(body.tool_choice)
  const parallelTools = asBoolean(body.parallel_tool_calls)
  // The newer name wins: it is the one a client sets on purpose.
  const maxTokens = asNumber(body.max_completion_tokens) ?? asNumber(body.max_tokens)
  const temperature = asNumber(body.temperature)
  const topP = asNumber(body.top_p)
  const stop = readStop(body.stop)
  const logprobs = readLogprobs(body)
  const user = asText(body.user)
  const reasoning = readReasoning(body)
  const format = readFormat(body.response_format)
  const model = asText(body.model)
  return {
    model: model === undefined || model === '' ? 'auto' : model,
    stream: body.stream === true,
    ...readMessages(body.messages),
    tools: readTools(body.tools),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(parallelTools === undefined ? {} : { parallelTools }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...readSampling(body),
    ...(stop === undefined ? {} : { stop }),
    ...(logprobs === undefined ? {} : { logprobs }),
    ...(user === undefined ? {} : { user }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(format === undefined ? {} : { format }),
  }
}

function write(request: ChatRequest): Record<string, Json> {
  const { reasoning, stop, toolChoice } = request
  const effortOnly = reasoning?.maxTokens === undefined
  return present({
    model: request.model,
    messages: writeMessages(request),
    stream: request.stream ? true : undefined,
    tools:
      request.tools.length === 0
        ? undefined
        : request.tools.map((tool) => writeTool(tool, tool.parameters, tool.strict)),
    tool_choice:
      typeof toolChoice === 'object' ? { type: 'function', function: { name: toolChoice.name } } : toolChoice,
    parallel_tool_calls: request.parallelTools,
    max_tokens: request.maxTokens,
    temperature: request.temperature,
    top_p: request.topP,
    top_k: request.topK,
    min_p: request.minP,
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty,
    repetition_penalty: request.repeatPenalty,
    seed: request.seed,
    stop: stop === undefined || stop.length === 0 ? undefined : stop.length === 1 ? stop[0] : stop,
    reasoning_effort: effortOnly ? reasoning?.effort : undefined,
    // A budget is said in OpenRouter's form, which takes no effort beside it.
    reasoning: effortOnly ? undefined : { max_tokens: reasoning.maxTokens },
    response_format: writeFormat(request.format),
    logprobs: request.logprobs === undefined ? undefined : true,
    top_logprobs: request.logprobs === undefined || request.logprobs === 0 ? undefined : request.logprobs,
    user: request.user,
  })
}

/** Those without a name in OpenAI's own reference are OpenRouter's (docs: https://openrouter.ai/docs/api/reference/parameters). */
function readSampling(body: JsonObject): Partial<ChatRequest> {
  const topK = asNumber(body.top_k)
  const minP = asNumber(body.min_p)
  const frequencyPenalty = asNumber(body.frequency_penalty)
  const presencePenalty = asNumber(body.presence_penalty)
  const repeatPenalty = asNumber(body.repetition_penalty)
  const seed = asNumber(body.seed)
  return {
    ...(topK === undefined ? {} : { topK }),
    ...(minP === undefined ? {} : { minP }),
    ...(frequencyPenalty === undefined ? {} : { frequencyPenalty }),
    ...(presencePenalty === undefined ? {} : { presencePenalty }),
    ...(repeatPenalty === undefined ? {} : { repeatPenalty }),
    ...(seed === undefined ? {} : { seed }),
  }
}

function readLogprobs(body: JsonObject): number | undefined {
  const most = asNumber(body.top_logprobs)
  return body.logprobs === true ? (most ?? 0) : most
}

function readToolChoice(choice: Loose): ChatRequest['toolChoice'] {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice
  const object = asObject(choice)
  const name = object?.type === 'function' ? asText(asObject(object.function)?.name) : undefined
  return name === undefined ? undefined : { name }
}

function readStop(stop: Loose): readonly string[] | undefined {
  const texts = (typeof stop === 'string' ? [stop] : asList(stop)).filter((text) => typeof text === 'string')
  return texts.length === 0 ? undefined : texts
}

// OpenAI has `reasoning_effort`; OpenRouter has `reasoning` with effort, budget or a mere switch
// (https://openrouter.ai/docs/use-cases/reasoning-tokens), where `enabled` alone means medium.
function readReasoning(body: JsonObject): ChatRequest['reasoning'] {
  const object = asObject(body.reasoning)
  const maxTokens = asNumber(object?.max_tokens)
  const effort =
    object?.enabled === false
      ? 'none'
      : (readEffort(object?.effort) ??
        readEffort(body.reasoning_effort) ??
        (object?.enabled === true && maxTokens === undefined ? 'medium' : undefined))
  if (effort === undefined && maxTokens === undefined) return undefined
  return {
    ...(effort === undefined ? {} : { effort }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
  }
}

function readFormat(value: Loose): ChatRequest['format'] {
  const format = asObject(value)
  if (format?.type === 'json_object') return {}
  const described = format?.type === 'json_schema' ? asObject(format.json_schema) : undefined
  return described === undefined ? undefined : readDescribed(described)
}

function writeFormat(format: ChatRequest['format']): JsonObject | undefined {
  if (format === undefined) return undefined
  if (format.schema === undefined) return { type: 'json_object' }
  return { type: 'json_schema', json_schema: writeDescribed(format) }
}
