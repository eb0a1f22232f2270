import type { ChatRequest, Json, JsonObject } from '../../chat/types.ts'
import { asList, asNumber, asObject, present, type Loose } from '../lenient.ts'
import { readThink, writeThink } from './think.ts'

// How an answer is to be made, which every path that answers with text is told in the same members.

/** `auto` when the client named none. */
export function readModel(model: Loose): string {
  return typeof model === 'string' && model.trim() !== '' ? model : 'auto'
}

export function readControls(body: JsonObject): Partial<ChatRequest> {
  const options = asObject(body.options) ?? {}
  const limit = asNumber(options.num_predict)
  const temperature = asNumber(options.temperature)
  const topP = asNumber(options.top_p)
  const stop = readStop(options.stop)
  const most = asNumber(body.top_logprobs)
  const logprobs = body.logprobs === true ? (most ?? 0) : most
  const reasoning = readThink(body.think)
  const format = readFormat(body.format)
  return {
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

/** Without `format`, which depends on what else the request holds. */
export function writeControls(request: ChatRequest): Record<string, Json> {
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
