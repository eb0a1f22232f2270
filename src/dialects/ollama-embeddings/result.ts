import { foldEvents } from '../../chat/fold.ts'
import type { ChatEvent, Json, JsonObject } from '../../chat/types.ts'
import type { AnswerContext } from '../dialect.ts'
import { errorEvent, readSafely, unreadable } from '../error-event.ts'
import { asObject } from '../lenient.ts'
import { asNumbers, vectorEvents } from '../vectors.ts'

export function readResult(body: Json): readonly ChatEvent[] {
  const answer = asObject(body)
  if (answer === undefined) return [unreadable("the upstream's answer is not a JSON object")]
  const error = answer.error ?? undefined
  if (error !== undefined) return readSafely(() => [errorEvent(error, answer, JSON.stringify(answer))])
  return vectorEvents({ model: '', vectors: [answer.embedding], usage: undefined })
}

/** The vector and nothing else. */
export function writeResult(events: readonly ChatEvent[], _context: AnswerContext): JsonObject {
  const [vector = []] = foldEvents(events).vectors ?? []
  return { embedding: asNumbers(vector) }
}
