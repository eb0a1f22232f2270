import { foldEvents } from '../../chat/fold.ts'
import type { ChatEvent, Json, JsonObject } from '../../chat/types.ts'
import type { AnswerContext } from '../dialect.ts'
import { readSafely, unreadable } from '../error-event.ts'
import { asObject, isList, present } from '../lenient.ts'
import { createChunkReader } from './chunks.ts'
import { answerId, writeFinish } from './encoder.ts'
import { writeReasoning } from './reasoning.ts'
import { writeUsage } from './usage.ts'

export function readResult(body: Json): readonly ChatEvent[] {
  const answer = asObject(body)
  if (answer === undefined) return [unreadable("the upstream's answer is not a JSON object")]
  const events = readSafely(() => createChunkReader().read(answer, undefined))
  if (events.some((event) => event.type === 'error')) return events
  if (!isList(answer.choices)) return [unreadable("the upstream's answer has no choices")]
  return [...events, { type: 'message-end' }]
}

export function writeResult(events: readonly ChatEvent[], { now }: AnswerContext): JsonObject {
  const result = foldEvents(events)
  const calls = result.toolCalls.map((call) => ({
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: call.args },
  }))
  const { reasoning: thought, signature, sealed } = result
  const reasoning = {
    text: thought,
    ...(signature === undefined ? {} : { signature }),
    ...(sealed === undefined ? {} : { sealed }),
  }
  const message = {
    role: 'assistant',
    content: result.text === '' && calls.length > 0 ? null : result.text,
    refusal: null,
    ...(thought === '' && signature === undefined && sealed === undefined ? {} : writeReasoning(reasoning)),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  }
  return present({
    id: answerId(result.id),
    object: 'chat.completion',
    created: result.created ?? Math.floor(now / 1000),
    model: result.model ?? 'unknown',
    choices: [
      { index: 0, message, logprobs: null, finish_reason: writeFinish(result.finish, calls.length > 0) },
    ],
    usage: result.usage === undefined ? undefined : writeUsage(result.usage),
    system_fingerprint: null,
  })
}
