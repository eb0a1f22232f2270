import { foldEvents } from '../../chat/fold.ts'
import type { ChatEvent, Json, JsonObject } from '../../chat/types.ts'
import type { AnswerContext } from '../dialect.ts'
import { readSafely, unreadable } from '../error-event.ts'
import { asObject } from '../lenient.ts'
import { writeClosing } from './closing.ts'
import { writeCall } from './encoder.ts'
import { createLineReader } from './lines.ts'
import type { SaidForm } from './said.ts'

export function readResult(form: SaidForm, body: Json): readonly ChatEvent[] {
  const answer = asObject(body)
  if (answer === undefined) return [unreadable("the upstream's answer is not a JSON object")]
  if ((answer.error ?? undefined) === undefined && form.read(answer) === undefined) {
    return [unreadable(`the upstream's answer has no ${form.name}`)]
  }
  return readSafely(() => createLineReader(form).read(answer, undefined))
}

export function writeResult(
  form: SaidForm,
  events: readonly ChatEvent[],
  { now }: AnswerContext,
): JsonObject {
  const result = foldEvents(events)
  const calls = result.toolCalls.map((call, index) => writeCall({ ...call, index }))
  return {
    model: result.model ?? 'unknown',
    created_at: timeOf(result.created, now),
    ...form.write({
      content: result.text,
      ...(result.reasoning === '' ? {} : { thinking: result.reasoning }),
      ...(calls.length === 0 ? {} : { calls }),
    }),
    ...form.last,
    ...writeClosing(result.finish, result.usage, 0),
  }
}

/** Some services tell the time of an answer in smaller units than seconds, which no date can be made of. */
function timeOf(createdSeconds: number | undefined, now: number): string {
  const made = new Date((createdSeconds ?? Number.NaN) * 1000)
  return (Number.isNaN(made.getTime()) ? new Date(now) : made).toISOString()
}
