import { foldEvents } from '../../chat/fold.ts'
import type { ChatEvent, Json, JsonObject } from '../../chat/types.ts'
import type { AnswerContext } from '../dialect.ts'
import { readSafely, unreadable } from '../error-event.ts'
import { asObject, isList } from '../lenient.ts'
import { createBlocks, hidesThinking, writeBlock } from './blocks.ts'
import { answerId } from './encoder.ts'
import { createEventReader } from './event-reader.ts'
import { writeStop } from './stop-reason.ts'
import { estimatedUsage, writeUsage } from './usage.ts'

export function readResult(body: Json): readonly ChatEvent[] {
  const answer = asObject(body)
  if (answer === undefined) return [unreadable("the upstream's answer is not a JSON object")]
  const { id = null, model = null, content, usage = null, error = null } = answer
  if (error === null && answer.type !== 'error' && !isList(content))
    return [unreadable("the upstream's answer has no content")]
  return readSafely(() => {
    const reader = createEventReader()
    if (error !== null || !isList(content)) return reader.read(answer, undefined)
    // A whole answer is what its stream would have said, block by block.
    const told: readonly JsonObject[] = [
      { type: 'message_start', message: { id, model } },
      ...content.flatMap((block, index) => [
        { type: 'content_block_start', index, content_block: block },
        { type: 'content_block_stop', index },
      ]),
      { type: 'message_delta', delta: answer, usage },
      { type: 'message_stop' },
    ]
    return told.flatMap((event) => reader.read(event, undefined))
  })
}

export function writeResult(events: readonly ChatEvent[], context: AnswerContext): JsonObject {
  const { id, model, finish, stopped, usage } = foldEvents(events)
  const hidden = hidesThinking(context.request)
  const blocks = createBlocks()
  for (const event of events) blocks.push(event)
  const content = blocks.list.flatMap((block) => {
    if (!hidden || block.type !== 'thinking') return [writeBlock(block)]
    return block.signature === '' ? [] : [writeBlock({ ...block, pending: '' })]
  })
  return {
    id: answerId(id),
    type: 'message',
    role: 'assistant',
    model: model ?? 'unknown',
    content,
    ...writeStop(finish, stopped, blocks.called()),
    usage: usage === undefined ? estimatedUsage(context.inputTokens) : writeUsage(usage),
  }
}
