import { mergeUsage } from '../../chat/fold.ts'
import type { ChatEvent, FinishReason, JsonObject, Usage } from '../../chat/types.ts'
import type { AnswerContext, StreamEncoder } from '../dialect.ts'
import { createOutput, type Output } from './output.ts'
import { takesSealed } from './request.ts'
import { type Head, headOf, type Standing, standingOf, writeResponse } from './response.ts'
import { openToolbox } from './tools.ts'

/**
 * The order strict clients need: created, in progress, every item from `added` to `done`, and a last event that repeats
 * the whole output under the same ids. `sequence_number` counts all of them.
 */
export function createEncoder(context: AnswerContext): StreamEncoder {
  const output = outputFor(context)
  let head: Head | undefined
  let sequence = 0
  let finish: FinishReason | undefined
  let usage: Usage | undefined

  const frames = (events: readonly JsonObject[]): string =>
    events.map((event) => writeFrame(event, sequence++)).join('')
  const begin = (start?: Extract<ChatEvent, { type: 'message-start' }>): string => {
    if (head !== undefined) return ''
    head = headOf(start, context)
    const response = writeResponse(head, { status: 'in_progress' }, [], undefined)
    return frames([
      { type: 'response.created', response },
      { type: 'response.in_progress', response },
    ])
  }
  const close = (standing: Standing): string => {
    const rest = frames(output.end(standing.status === 'completed'))
    const response = writeResponse(head ?? headOf(undefined, context), standing, output.items, usage)
    return rest + frames([{ type: `response.${standing.status}`, response }])
  }

  return {
    push(event) {
      switch (event.type) {
        case 'message-start':
          return begin(event)
        case 'finish':
          finish = event.reason
          return begin()
        case 'usage':
          usage = mergeUsage(usage, event.usage)
          return ''
        default: {
          output.push(event)
          const due = output.due()
          return due.length === 0 ? '' : begin() + frames(due)
        }
      }
    },
    end: () => begin() + close(standingOf(finish)),
  }
}

/** Where no request tells whether sealed reasoning is wanted, nothing is held back. */
export function outputFor({ request }: AnswerContext): Output {
  return createOutput(openToolbox(request?.tools), request === undefined || takesSealed(request))
}

export function writeFrame(event: JsonObject, sequence: number): string {
  const members = JSON.stringify(event).slice(0, -1)
  return `event: ${String(event.type)}\ndata: ${members},"sequence_number":${sequence}}\n\n`
}
