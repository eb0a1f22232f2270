import { mergeUsage } from '../../chat/fold.ts'
import type { ChatEvent, FinishReason, JsonObject, Usage } from '../../chat/types.ts'
import type { AnswerContext, StreamEncoder } from '../dialect.ts'
import { argsObject } from '../function-tools.ts'
import { writeClosing } from './closing.ts'
import type { Said, SaidForm } from './said.ts'

interface HeldCall {
  readonly index: number
  readonly id: string
  readonly name: string
  args: string
}

/** Whole lines only: a widely used client decodes every network chunk by itself. */
export function createEncoder(form: SaidForm, context: AnswerContext): StreamEncoder {
  const begun = performance.now()
  const createdAt = new Date(context.now).toISOString()
  let model = 'unknown'
  let usage: Usage | undefined
  let finish: FinishReason | undefined
  // A call goes out whole, so its fragments wait until it is complete.
  const held = new Map<number, HeldCall>()

  const line = (said: Said): string =>
    `${JSON.stringify({ model, created_at: createdAt, ...form.write(said), done: false })}\n`
  const release = (): string => {
    let text = ''
    for (const call of held.values()) text += line({ content: '', calls: [writeCall(call)] })
    held.clear()
    return text
  }

  const push = (event: ChatEvent): string => {
    switch (event.type) {
      case 'message-start':
        if (event.model !== '') model = event.model
        return ''
      case 'text-delta':
        return event.text === '' ? '' : line({ content: event.text })
      case 'reasoning-delta':
        return event.text === '' ? '' : line({ content: '', thinking: event.text })
      case 'tool-start':
        held.set(event.index, { index: event.index, id: event.id, name: event.name, args: '' })
        return ''
      case 'tool-delta': {
        const call = held.get(event.index)
        if (call !== undefined) call.args += event.json
        return ''
      }
      case 'finish':
        finish = event.reason
        return release()
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
      const closing = writeClosing(finish, usage, performance.now() - begun)
      const last = { ...form.write({ content: '' }), ...form.last, ...closing }
      return `${release()}${JSON.stringify({ model, created_at: createdAt, ...last })}\n`
    },
  }
}

export function writeCall(call: Omit<HeldCall, 'args'> & { readonly args: string }): JsonObject {
  return {
    id: call.id,
    function: { index: call.index, name: call.name, arguments: argsObject(call.args) },
  }
}
