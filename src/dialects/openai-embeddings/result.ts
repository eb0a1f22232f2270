import { foldEvents } from '../../chat/fold.ts'
import type { ChatEvent, Json, JsonObject } from '../../chat/types.ts'
import type { AnswerContext } from '../dialect.ts'
import { errorEvent, readSafely, unreadable } from '../error-event.ts'
import { asCount, asList, asObject, asText, present } from '../lenient.ts'
import { readUsage } from '../openai-chat/usage.ts'
import { asBase64, asNumbers, vectorEvents } from '../vectors.ts'
import { wantsBase64 } from './request.ts'

export function readResult(body: Json): readonly ChatEvent[] {
  const answer = asObject(body)
  if (answer === undefined) return [unreadable("the upstream's answer is not a JSON object")]
  const error = answer.error ?? undefined
  if (error !== undefined) return readSafely(() => [errorEvent(error, answer, JSON.stringify(answer))])
  return vectorEvents({
    id: asText(answer.id) ?? '',
    model: asText(answer.model) ?? '',
    vectors: inOrder(asList(answer.data).map((entry) => asObject(entry) ?? {})).map(
      ({ embedding }) => embedding,
    ),
    usage: readUsage(answer.usage),
  })
}

/** `context.request` says in which form the client asked for the vectors; without it they are numbers. */
export function writeResult(events: readonly ChatEvent[], { request }: AnswerContext): JsonObject {
  const { id, model, vectors = [], usage } = foldEvents(events)
  const form = wantsBase64(request) ? asBase64 : asNumbers
  return present({
    object: 'list',
    id,
    data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: form(vector) })),
    model: model ?? 'unknown',
    usage: present({
      prompt_tokens: usage?.input ?? 0,
      total_tokens: (usage?.input ?? 0) + (usage?.output ?? 0),
      cost: usage?.nanoUsd === undefined ? undefined : usage.nanoUsd / 1e9,
    }),
  })
}

/** Several services answer in numbers although base64 was asked for, which some clients read as an empty vector. */
export function asAsked(events: readonly ChatEvent[], { request }: AnswerContext): boolean {
  const form = wantsBase64(request) ? 'string' : 'object'
  return events.every(
    (event) => event.type !== 'vectors' || event.vectors.every((one) => typeof one === form),
  )
}

/** By `index` where every entry has one of its own. */
function inOrder(data: readonly JsonObject[]): readonly JsonObject[] {
  const sorted: JsonObject[] = []
  for (const entry of data) sorted[asCount(entry.index) ?? -1] = entry
  return Object.keys(sorted).length === data.length && sorted.length === data.length ? sorted : data
}
