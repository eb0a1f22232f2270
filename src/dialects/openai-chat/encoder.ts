import { randomUUID } from 'node:crypto'
import { mergeUsage } from '../../chat/fold.ts'
import type { ChatEvent, FinishReason, Json, JsonObject, Usage } from '../../chat/types.ts'
import type { AnswerContext, StreamEncoder } from '../dialect.ts'
import { writeReasoning } from './reasoning.ts'
import { writeUsage } from './usage.ts'

/** An answer needs an id; the upstream may have none. */
export function answerId(id: string | undefined): string {
  return id === undefined || id === '' ? `chatcmpl-${randomUUID().replaceAll('-', '')}` : id
}

/** Clients act on calls only when told that the answer ended in them. */
export function writeFinish(reason: FinishReason | undefined, called: boolean): string {
  switch (reason) {
    case 'length':
      return 'length'
    case 'filtered':
      return 'content_filter'
    case 'error':
      return 'error'
    case 'tool-calls':
      return 'tool_calls'
    default:
      return called ? 'tool_calls' : 'stop'
  }
}

/**
 * The order strict clients need: role, deltas, one finish chunk with an empty delta, usage if wanted, `[DONE]`.
 * `id`, `created` and `model` are the same in every chunk.
 */
export function createEncoder(context: AnswerContext): StreamEncoder {
  let head: JsonObject | undefined
  let usage: Usage | undefined
  let called = false
  let finished = false

  const begin = (start?: Extract<ChatEvent, { type: 'message-start' }>): string => {
    if (head !== undefined) return ''
    head = {
      id: answerId(start?.id),
      object: 'chat.completion.chunk',
      created: start?.created ?? Math.floor(context.now / 1000),
      model: start === undefined || start.model === '' ? 'unknown' : start.model,
      // No `system_fingerprint: null`, which whole answers have: @openrouter/sdk 1.3 refuses a chunk with it
      // (https://github.com/OpenRouterTeam/typescript-sdk/blob/main/src/models/chatstreamchunk.ts).
    }
    return chunk({ role: 'assistant', content: '' }, null)
  }
  const chunk = (delta: Json, finish: string | null): string =>
    frame({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] })
  const finish = (reason: FinishReason | undefined): string => {
    if (finished) return ''
    finished = true
    return chunk({}, writeFinish(reason, called))
  }
  const toolDelta = (call: JsonObject): string => chunk({ tool_calls: [call] }, null)

  const push = (event: ChatEvent): string => {
    switch (event.type) {
      case 'message-start':
        return begin(event)
      case 'text-delta':
        return event.text === '' ? '' : begin() + chunk({ content: event.text }, null)
      case 'reasoning-delta':
        return begin() + chunk(writeReasoning(event), null)
      case 'tool-start': {
        called = true
        const named = { name: event.name, arguments: '' }
        return begin() + toolDelta({ index: event.index, id: event.id, type: 'function', function: named })
      }
      case 'tool-delta':
        return begin() + toolDelta({ index: event.index, function: { arguments: event.json } })
      case 'finish':
        return begin() + finish(event.reason)
      case 'usage':
        usage = mergeUsage(usage, event.usage)
        return ''
      default:
        return ''
    }
  }

  return {
    push,
    end() {
      const rest = begin() + finish(undefined)
      const counted =
        context.usage && usage !== undefined ? frame({ ...head, choices: [], usage: writeUsage(usage) }) : ''
      return `${rest}${counted}data: [DONE]\n\n`
    },
  }
}

function frame(body: JsonObject): string {
  return `data: ${JSON.stringify(body)}\n\n`
}
