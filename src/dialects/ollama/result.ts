import { foldEvents } from '../../chat/fold.ts'
import type { ChatEvent, Json, JsonObject } from '../../chat/types.ts'
import type { AnswerContext } from '../dialect.ts'
import { readSafely, unreadable } from '../error-event.ts'
import { asObject, present } from '../lenient.ts'
import { writeClosing } from './closing.ts'
import { writeCall } from './encoder.ts'
import { createLineReader } from './lines.ts'

export function readResult(body: Json): readonly ChatEvent[] {
  const answer = asObject(body)
  if (answer === undefined) return [unreadable("the upstream's answer is not a JSON object")]
  if ((answer.error ?? undefined) === undefined && asObject(answer.message) === undefined) {
    return [unreadable("the upstream's answer has no message")]
  }
  return readSafely(() => createLineReader().read(answer, undefined))
}

export function writeResult(events: readonly ChatEvent[], { now }: AnswerContext): JsonObject {
  const result = foldEvents(events)
  const calls = result.toolCalls.map((call, index) => writeCall({ ...call, index }))
  return {
    model: result.model ?? 'unknown',
    created_at: new Date(result.created === undefined ? now : result.created * 1000).toISOString(),
    message: present({
      role: 'assistant',
      content: result.text,
      thinking: result.reasoning === '' ? undefined : result.reasoning,
      tool_calls: calls.length === 0 ? undefined : calls,
    }),
    ...writeClosing(result.finish, result.usage, 0),
  }
}
