import { foldEvents } from '../../chat/fold.ts'
import type { ChatEvent, Json, JsonObject } from '../../chat/types.ts'
import type { AnswerContext } from '../dialect.ts'
import { errorEvent, readSafely, unreadable } from '../error-event.ts'
import { asCount, asList, asObject, asText } from '../lenient.ts'
import { asNumbers, vectorEvents } from '../vectors.ts'

export function readResult(body: Json): readonly ChatEvent[] {
  const answer = asObject(body)
  if (answer === undefined) return [unreadable("the upstream's answer is not a JSON object")]
  const error = answer.error ?? undefined
  if (error !== undefined) return readSafely(() => [errorEvent(error, answer, JSON.stringify(answer))])
  return vectorEvents({
    model: asText(answer.model) ?? '',
    vectors: asList(answer.embeddings),
    // Left out when it is zero.
    usage: { input: asCount(answer.prompt_eval_count) ?? 0, output: 0 },
  })
}

export function writeResult(events: readonly ChatEvent[], _context: AnswerContext): JsonObject {
  const { model, vectors = [], usage } = foldEvents(events)
  return {
    model: model ?? 'unknown',
    embeddings: vectors.map(asNumbers),
    // Nanoseconds, which clients divide by.
    total_duration: 1,
    load_duration: 0,
    prompt_eval_count: usage?.input ?? 0,
  }
}
