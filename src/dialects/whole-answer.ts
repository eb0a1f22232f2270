import type { ChatEvent, Json, JsonObject } from '../chat/types.ts'
import type { AnswerContext, StreamDecoder, StreamEncoder } from './dialect.ts'
import { unreadable } from './error-event.ts'
import { parseJson } from './lenient.ts'

// For a dialect that never streams: its stream is the whole answer in one line.

export function createWholeDecoder(readResult: (body: Json) => readonly ChatEvent[]): StreamDecoder {
  return {
    push(frame) {
      const body = parseJson(frame.data)
      return body === undefined
        ? [unreadable('the upstream sent a line that is not a JSON object')]
        : readResult(body)
    },
  }
}

export function createWholeEncoder(
  writeResult: (events: readonly ChatEvent[], context: AnswerContext) => JsonObject,
  context: AnswerContext,
): StreamEncoder {
  const events: ChatEvent[] = []
  return {
    push(event) {
      events.push(event)
      return ''
    },
    end: () => `${JSON.stringify(writeResult(events, context))}\n`,
  }
}
