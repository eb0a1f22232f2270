import { randomUUID } from 'node:crypto'
import { mergeUsage } from '../../chat/fold.ts'
import type { ChatEvent, FinishReason, JsonObject, Usage } from '../../chat/types.ts'
import type { AnswerContext, StreamEncoder } from '../dialect.ts'
import { type Block, createBlocks, hidesThinking, writeBlock } from './blocks.ts'
import { writeStop } from './stop-reason.ts'
import { estimatedUsage, writeUsage } from './usage.ts'

/** Clients log the id and some check its beginning; other services' ids begin otherwise. */
export function answerId(id: string | undefined): string {
  return id?.startsWith('msg_') === true ? id : `msg_${randomUUID().replaceAll('-', '').slice(0, 24)}`
}

/**
 * The order SDKs insist on: `message_start`, blocks one after the other, `message_delta` with usage, `message_stop`.
 * A call whose fragments come between those of another waits until that one is whole.
 */
export function createEncoder(context: AnswerContext): StreamEncoder {
  const blocks = createBlocks()
  const hidden = hidesThinking(context.request)
  let begun = false
  let opened = false
  let index = 0
  let usage: Usage | undefined
  let finish: FinishReason | undefined
  let stopped: string | undefined

  const begin = (start?: Extract<ChatEvent, { type: 'message-start' }>): string => {
    if (begun) return ''
    begun = true
    const message = {
      id: answerId(start?.id),
      type: 'message',
      role: 'assistant',
      model: start === undefined || start.model === '' ? 'unknown' : start.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: estimatedUsage(context.inputTokens),
    }
    return frame({ type: 'message_start', message })
  }

  /** All that may leave by now; everything, once the answer has ended. */
  const release = (ended: boolean): string => {
    let text = ''
    for (let block = blocks.list[0]; block !== undefined; block = blocks.list[0]) {
      const last = ended || block.closed
      text += send(block, last)
      if (!last) break
      blocks.list.shift()
    }
    return text
  }

  const send = (block: Block, last: boolean): string => {
    const omitted = hidden && block.type === 'thinking'
    // Whether it has a signature is known only when it is over.
    if (omitted && (!last || block.signature === '')) return ''
    let text = ''
    if (!opened) {
      opened = true
      text += frame({ type: 'content_block_start', index, content_block: opening(block) })
    }
    if (block.pending !== '' && block.type !== 'redacted_thinking' && !omitted)
      text += frame({ type: 'content_block_delta', index, delta: deltaOf(block) })
    if (block.type === 'tool_use') block.sent += block.pending
    if (block.type !== 'redacted_thinking') block.pending = ''
    if (!last) return text
    if (block.signature !== '') {
      const delta = { type: 'signature_delta', signature: block.signature }
      text += frame({ type: 'content_block_delta', index, delta })
    }
    text += frame({ type: 'content_block_stop', index })
    opened = false
    index++
    return text
  }

  const push = (event: ChatEvent): string => {
    switch (event.type) {
      case 'message-start':
        return begin(event)
      case 'finish':
        finish = event.reason
        stopped = event.stopped ?? stopped
        return begin()
      case 'usage':
        usage = mergeUsage(usage, event.usage)
        return ''
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-start':
      case 'tool-delta':
        blocks.push(event)
        return begin() + release(false)
      default:
        return ''
    }
  }

  return {
    push,
    end() {
      // Without `output_tokens` here SDKs fail; without `input_tokens` they keep the estimate of the start.
      const counted = usage === undefined ? { output_tokens: 0 } : writeUsage(usage)
      const delta = writeStop(finish, stopped, blocks.called())
      const rest = begin() + release(true)
      return rest + frame({ type: 'message_delta', delta, usage: counted }) + frame({ type: 'message_stop' })
    },
  }
}

/** Clients drop events without the line that names them. */
function frame(event: { readonly type: string } & JsonObject): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}

function opening(block: Block): JsonObject {
  switch (block.type) {
    case 'redacted_thinking':
      return writeBlock(block)
    case 'tool_use':
      return { type: 'tool_use', id: block.id, name: block.name, input: {} }
    default:
      return writeBlock({ ...block, pending: '', signature: '' })
  }
}

function deltaOf({ type, pending }: Block): JsonObject {
  switch (type) {
    case 'thinking':
      return { type: 'thinking_delta', thinking: pending }
    case 'tool_use':
      return { type: 'input_json_delta', partial_json: pending }
    default:
      return { type: 'text_delta', text: pending }
  }
}
