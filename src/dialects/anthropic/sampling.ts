import type { ChatRequest, Json } from '../../chat/types.ts'
import type { Loss } from '../dialect.ts'
import { present } from '../lenient.ts'

// The least `top_p` beside thinking: https://platform.claude.com/docs/en/build-with-claude/extended-thinking
const leastThinkingTopP = 0.95

/**
 * The service refuses what it cannot combine, so that is left out here: sampling beside thinking, and `top_p` beside
 * `temperature` (https://github.com/BerriAI/litellm/issues/15097).
 */
export function writeSampling(request: ChatRequest, thinks: boolean, lost: Loss[]): Record<string, Json> {
  const drop = (name: string): undefined => void lost.push(`${name} dropped`)
  let { temperature, topP, topK } = request
  if (temperature !== undefined && temperature > 1) {
    temperature = 1
    lost.push('temperature lowered to 1')
  }
  if (thinks) {
    if (temperature !== undefined && temperature !== 1) temperature = drop('temperature')
    if (topP !== undefined && topP < leastThinkingTopP) topP = drop('top_p')
    if (topK !== undefined) topK = drop('top_k')
  }
  if (temperature !== undefined && topP !== undefined) topP = topP < 1 ? drop('top_p') : undefined
  if (isSet(request.minP, 0)) drop('min_p')
  if (isSet(request.frequencyPenalty, 0)) drop('frequency_penalty')
  if (isSet(request.presencePenalty, 0)) drop('presence_penalty')
  if (isSet(request.repeatPenalty, 1)) drop('repetition_penalty')
  if (request.seed !== undefined) drop('seed')
  if (request.logprobs !== undefined) drop('logprobs')
  return present({ temperature, top_p: topP, top_k: topK, stop_sequences: writeStops(request.stop, lost) })
}

/** A stop text without words is refused (https://github.com/BerriAI/litellm/issues/3286). */
function writeStops(stops: readonly string[] | undefined, lost: Loss[]): readonly string[] | undefined {
  const written = stops?.filter((stop) => stop.trim() !== '')
  if (written?.length !== stops?.length) lost.push('stop of white space dropped')
  return written === undefined || written.length === 0 ? undefined : written
}

function isSet(value: number | undefined, neutral: number): boolean {
  return value !== undefined && value !== neutral
}
