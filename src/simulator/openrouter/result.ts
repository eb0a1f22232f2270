import { piecesOf, type Answer } from '../answer.ts'
import type { Dice } from '../dice.ts'
import type { Json } from '../json.ts'
import type { Frame } from '../play.ts'
import type { OpenRouterModel } from './models.ts'

/** One answered call. */
export interface Generation {
  readonly id: string
  /** Unix seconds. */
  readonly created: number
  readonly served: OpenRouterModel
  readonly answer: Answer
  readonly callIds: readonly string[]
  readonly metadata: Json | undefined
}

/** The id OpenRouter also sends as `X-Generation-Id`. */
export function generationId(dice: Dice, now: number): string {
  return `gen-${Math.floor(now / 1000)}-${dice.alphanumeric(20)}`
}

/** A dated slug answers for a paid model, the id itself for a free one, as captures show. */
function modelName(model: OpenRouterModel): string {
  return model.isFree ? model.id : model.canonicalSlug
}

export function costUsd(model: OpenRouterModel, promptTokens: number, outputTokens: number): number {
  // Zero completion insurance: an answer without a token is not billed.
  if (outputTokens === 0 || model.promptUsd <= 0) return 0
  return promptTokens * model.promptUsd + outputTokens * model.completionUsd
}

function usageOf({ served, answer }: Generation): Json {
  const { promptTokens, outputTokens, reasoningTokens } = answer
  return {
    prompt_tokens: promptTokens,
    completion_tokens: outputTokens,
    total_tokens: promptTokens + outputTokens,
    cost: costUsd(served, promptTokens, outputTokens),
    is_byok: false,
    prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 0, audio_tokens: 0, video_tokens: 0 },
    cost_details: {
      upstream_inference_cost: null,
      upstream_inference_prompt_cost: promptTokens * Math.max(0, served.promptUsd),
      upstream_inference_completions_cost: outputTokens * Math.max(0, served.completionUsd),
    },
    completion_tokens_details: { reasoning_tokens: reasoningTokens, audio_tokens: 0, image_tokens: 0 },
  }
}

function reasoningDetails(text: string): readonly Json[] {
  return text === '' ? [] : [{ type: 'reasoning.text', text, format: 'unknown', index: 0 }]
}

function toolCallsOf({ answer, callIds }: Generation): readonly Json[] {
  return answer.toolCalls.map((call, index) => ({
    id: callIds[index],
    index,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }))
}

/** The whole answer as one body; with an error it is one that failed half way. */
export function writeResult(generation: Generation, error?: Json): string {
  const { id, created, served, answer, metadata } = generation
  const toolCalls = toolCallsOf(generation)
  const content = toolCalls.length > 0 && answer.text === '' ? null : answer.text
  const message = {
    role: 'assistant',
    content: error === undefined ? content : (content ?? '').slice(0, (content ?? '').length >> 1),
    refusal: null,
    reasoning: answer.reasoning === '' ? null : answer.reasoning,
    ...(answer.reasoning === '' ? {} : { reasoning_details: reasoningDetails(answer.reasoning) }),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
  }
  const finish = error === undefined ? answer.finish : 'error'
  return JSON.stringify({
    id,
    provider: served.provider,
    model: modelName(served),
    object: 'chat.completion',
    created,
    choices: [
      {
        logprobs: null,
        finish_reason: finish,
        native_finish_reason: finish,
        index: 0,
        message,
        ...(error === undefined ? {} : { error }),
      },
    ],
    system_fingerprint: null,
    service_tier: null,
    usage: usageOf(generation),
    ...(metadata === undefined ? {} : { openrouter_metadata: metadata }),
  })
}

/** How the frames of a stream look. */
export interface StreamStyle {
  readonly wordsPerChunk: number
  readonly keepAliveComments: number
  readonly usageChunk: 'empty-choices' | 'empty-delta'
}

/** The members every chunk of a stream begins with, as JSON without the closing brace. */
function chunkHead({ id, created, served }: Generation): string {
  const head = {
    id,
    provider: served.provider,
    model: modelName(served),
    object: 'chat.completion.chunk',
    created,
  }
  return JSON.stringify(head).slice(0, -1)
}

function choiceJson(delta: Json, finish: string | null): string {
  return JSON.stringify({
    index: 0,
    delta,
    finish_reason: finish,
    native_finish_reason: finish,
    logprobs: null,
  })
}

function* deltas(generation: Generation, words: number): Generator<Json> {
  const { answer } = generation
  for (const piece of piecesOf(answer.reasoning, words)) {
    yield { role: 'assistant', content: '', reasoning: piece, reasoning_details: reasoningDetails(piece) }
  }
  for (const piece of piecesOf(answer.text ?? '', words)) {
    yield { role: 'assistant', content: piece, reasoning: null, reasoning_details: [] }
  }
  for (const [index, call] of answer.toolCalls.entries()) {
    const start = { name: call.name, arguments: '' }
    const first = { index, id: generation.callIds[index], type: 'function', function: start }
    yield { role: 'assistant', content: null, tool_calls: [first] }
    const text = JSON.stringify(call.arguments)
    const middle = text.length >> 1
    for (const piece of [text.slice(0, middle), text.slice(middle)]) {
      yield {
        role: 'assistant',
        content: null,
        tool_calls: [{ index, type: 'function', function: { arguments: piece } }],
      }
    }
  }
}

/** The stream of an answer: keep-alive comments, chunks, the finish, the usage, the end mark. */
export function* writeFrames(generation: Generation, style: StreamStyle): Generator<Frame> {
  const { answer, metadata } = generation
  const head = chunkHead(generation)
  const chunk = (choices: string, rest = ''): string => `data: ${head},"choices":[${choices}]${rest}}\n\n`
  for (let index = 0; index < style.keepAliveComments; index += 1) {
    yield { kind: 'comment', text: ': OPENROUTER PROCESSING\n\n' }
  }
  for (const delta of deltas(generation, style.wordsPerChunk)) {
    yield { kind: 'token', text: chunk(choiceJson(delta, null)) }
  }
  const empty = { role: 'assistant', content: '' }
  yield { kind: 'finish', text: chunk(choiceJson(empty, answer.finish)) }
  const choices = style.usageChunk === 'empty-choices' ? '' : choiceJson(empty, null)
  const routing = metadata === undefined ? '' : `,"openrouter_metadata":${JSON.stringify(metadata)}`
  const usage = `,"usage":${JSON.stringify(usageOf(generation))}${routing}`
  yield { kind: 'finish', text: chunk(choices, usage) }
  yield { kind: 'done', text: 'data: [DONE]\n\n' }
}

/** How a stream says that it failed: at the top level, in the choice, or before any choice was made. */
export function writeErrorFrame(
  generation: Generation,
  error: Json,
  place: 'no-choices' | 'top' | 'choice',
): string {
  const failed = { index: 0, delta: { role: 'assistant', content: '' }, finish_reason: 'error' }
  const inChoice = place === 'choice' ? { ...failed, error } : failed
  const choices = place === 'no-choices' ? '' : JSON.stringify({ ...inChoice, native_finish_reason: 'error' })
  const top = place === 'choice' ? '' : `,"error":${JSON.stringify(error)}`
  return `data: ${chunkHead(generation)}${top},"choices":[${choices}]}\n\n`
}
