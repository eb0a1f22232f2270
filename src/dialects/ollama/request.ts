import type { ChatRequest, Json, JsonObject } from '../../chat/types.ts'
import type { Loss, Outline } from '../dialect.ts'
import { readTools } from '../function-tools.ts'
import { keepRest, putBack, type Groups } from '../kept.ts'
import { asList, asNumber, asObject, asText, present, type Loose } from '../lenient.ts'
import { readMessages } from './read-messages.ts'
import { readThink, writeThink } from './think.ts'
import { writeTools } from './tools.ts'
import { writeFormat } from './format.ts'
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
  const { model } = body
  return {
    model: typeof model === 'string' && model.trim() !== '' ? model : 'auto',
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
  const options = asObject(body.options) ?? {}
  const limit = asNumber(options.num_predict)
  const temperature = asNumber(options.temperature)
  const topP = asNumber(options.top_p)
  const stop = readStop(options.stop)
  const most = asNumber(body.top_logprobs)
  const logprobs = body.logprobs === true ? (most ?? 0) : most
  const reasoning = readThink(body.think)
  const format = readFormat(body.format)
  const model = asText(body.model)
  return {
    model: model === undefined || model === '' ? 'auto' : model,
    stream: body.stream !== false,
    ...readMessages(body.messages),
    tools: readTools(body.tools),
    // Negative limits mean none.
    ...(limit === undefined || limit <= 0 ? {} : { maxTokens: limit }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...readSampling(options),
    ...(logprobs === undefined ? {} : { logprobs }),
    ...(stop === undefined ? {} : { stop }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(format === undefined ? {} : { format }),
  }
}

function write(request: ChatRequest, lost: Loss[]): Record<string, Json> {
  const { tools, instruction: toolLine } = writeTools(request, lost)
  const { format, instruction: formatLine } = writeFormat(request, tools !== undefined, lost)
  const instructions = [toolLine, formatLine].filter((line) => line !== undefined)
  const options = present({
    num_predict: request.maxTokens,
    temperature: request.temperature,
    top_p: request.topP,
    top_k: request.topK,
    min_p: request.minP,
    repeat_penalty: request.repeatPenalty,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
    seed: request.seed,
    stop: request.stop === undefined || request.stop.length === 0 ? undefined : request.stop,
  })
  return present({
    model: request.model,
    messages: writeMessages(request, instructions),
    // Absent means yes here, so it is always said.
    stream: request.stream,
    tools,
    format,
    think: writeThink(request.reasoning),
    options: Object.keys(options).length === 0 ? undefined : options,
    logprobs: request.logprobs === undefined ? undefined : true,
    top_logprobs: request.logprobs === undefined || request.logprobs === 0 ? undefined : request.logprobs,
  })
}

function readSampling(options: JsonObject): Partial<ChatRequest> {
  const topK = asNumber(options.top_k)
  const minP = asNumber(options.min_p)
  const repeatPenalty = asNumber(options.repeat_penalty)
  const presencePenalty = asNumber(options.presence_penalty)
  const frequencyPenalty = asNumber(options.frequency_penalty)
  const seed = asNumber(options.seed)
  return {
    ...(topK === undefined ? {} : { topK }),
    ...(minP === undefined ? {} : { minP }),
    ...(repeatPenalty === undefined ? {} : { repeatPenalty }),
    ...(presencePenalty === undefined ? {} : { presencePenalty }),
    ...(frequencyPenalty === undefined ? {} : { frequencyPenalty }),
    ...(seed === undefined ? {} : { seed }),
  }
}

function readStop(stop: Loose): readonly string[] | undefined {
  const texts = (typeof stop === 'string' ? [stop] : asList(stop)).filter((text) => typeof text === 'string')
  return texts.length === 0 ? undefined : texts
}

function readFormat(format: Loose): ChatRequest['format'] {
  if (format === 'json') return {}
  const schema = asObject(format)
  return schema === undefined ? undefined : { schema }
}
