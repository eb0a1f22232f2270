import { foldEvents } from '../../chat/fold.ts'
import type { ChatEvent, Json, JsonObject } from '../../chat/types.ts'
import type { AnswerContext } from '../dialect.ts'
import { errorEvent, readSafely, unreadable } from '../error-event.ts'
import { asObject, isList } from '../lenient.ts'
import { outputFor } from './encoder.ts'
import { headOf, standingOf, writeResponse } from './response.ts'
import { createEventReader, responseFailure } from './stream-events.ts'

export function readResult(body: Json): readonly ChatEvent[] {
  const answer = asObject(body)
  if (answer === undefined) return [unreadable("the upstream's answer is not a JSON object")]
  return readSafely(() => {
    const failure = responseFailure(answer)
    if (failure !== undefined) return [errorEvent(failure, undefined, JSON.stringify(answer))]
    if (!isList(answer.output)) return [unreadable("the upstream's answer has no output")]
    return createEventReader().readWhole(answer)
  })
}

export function writeResult(events: readonly ChatEvent[], context: AnswerContext): JsonObject {
  const { finish, usage } = foldEvents(events)
  const standing = standingOf(finish)
  const output = outputFor(context)
  for (const event of events) output.push(event)
  output.end(standing.status === 'completed')
  const start = events.find((event) => event.type === 'message-start')
  return writeResponse(headOf(start, context), standing, output.items, usage)
}
