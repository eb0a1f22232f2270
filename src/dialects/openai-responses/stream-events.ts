import type { ChatEvent, FinishReason, JsonObject } from '../../chat/types.ts'
import { errorEvent } from '../error-event.ts'
import { asList, asNumber, asObject, asText, type Loose } from '../lenient.ts'
import { createSeenItems, type Delta, type Place } from './seen-items.ts'
import { readUsage } from './usage.ts'

/** Reads the events of one answer in order. A whole answer is read as the response of a last event. */
export interface EventReader {
  /** `raw`: the event as it came, for errors. */
  read(event: JsonObject, raw: string | undefined): readonly ChatEvent[]
  readWhole(response: JsonObject): readonly ChatEvent[]
}

const deltas: Readonly<Record<string, Delta['of']>> = {
  'response.output_text.delta': 'text',
  'response.refusal.delta': 'text',
  'response.reasoning_text.delta': 'content',
  'response.reasoning_summary_text.delta': 'summary',
  'response.function_call_arguments.delta': 'arguments',
}

export function createEventReader(): EventReader {
  const items = createSeenItems()
  let started = false
  let over = false

  const start = (response: JsonObject | undefined, events: ChatEvent[]): void => {
    if (started || response === undefined) return
    started = true
    const created = asNumber(response.created_at)
    const id = asText(response.id) ?? ''
    const model = asText(response.model) ?? ''
    events.push({ type: 'message-start', id, model, ...(created === undefined ? {} : { created }) })
  }

  const end = (response: JsonObject, cut: boolean, events: ChatEvent[]): void => {
    over = true
    // Read alone at the end of a relayed stream, it must not unsay the model that its beginning told.
    if (typeof response.model === 'string') start(response, events)
    const output = asList(response.output)
      .map(asObject)
      .filter((item) => item !== undefined)
    items.output(output, events)
    events.push({ type: 'finish', reason: readFinish(response, cut, items.called()) })
    const usage = readUsage(response.usage)
    if (usage !== undefined) events.push({ type: 'usage', usage })
    events.push({ type: 'message-end' })
  }

  return {
    read(event, raw) {
      // OpenAI sends `error` and then `response.failed`: one failure is told once.
      if (over) return []
      const type = asText(event.type) ?? ''
      const failure = readFailure(event, type)
      if (failure !== undefined) {
        over = true
        return [errorEvent(failure, undefined, raw ?? JSON.stringify(event))]
      }
      const events: ChatEvent[] = []
      const item = asObject(event.item)
      const of = Object.hasOwn(deltas, type) ? deltas[type] : undefined
      if (of !== undefined) items.delta(deltaOf(event, of), events)
      else if (type === 'response.output_item.added' && item !== undefined)
        items.started(item, placeOf(event, item), events)
      else if (type === 'response.output_item.done' && item !== undefined)
        items.done(item, placeOf(event, item), events)
      else if (type === 'response.completed' || type === 'response.incomplete')
        end(asObject(event.response) ?? {}, type === 'response.incomplete', events)
      else if (type.startsWith('response.')) start(asObject(event.response), events)
      return events
    },
    readWhole(response) {
      const events: ChatEvent[] = []
      end(response, false, events)
      return events
    },
  }
}

/** What went wrong, if this event tells of a failure: `null` when it has no words for it. */
function readFailure(event: JsonObject, type: string): Loose {
  const error = event.error ?? undefined
  if (error !== undefined) return error
  // `response.error` is OpenRouter's (https://openrouter.ai/docs/api_reference/responses/error-handling).
  if (type === 'error' || type === 'response.error') return event
  const response = asObject(event.response)
  if (type === 'response.failed') return response?.error ?? null
  const ended = type === 'response.completed' || type === 'response.incomplete'
  return ended && response !== undefined ? responseFailure(response) : undefined
}

export function responseFailure(response: JsonObject): Loose {
  const error = response.error ?? undefined
  if (error !== undefined) return error
  return response.status === 'failed' || response.status === 'cancelled' ? null : undefined
}

// A response that was cut for a reason nobody knows did not come to its own end.
function readFinish(response: JsonObject, cut: boolean, called: boolean): FinishReason {
  if (cut || response.status === 'incomplete') {
    return asObject(response.incomplete_details)?.reason === 'content_filter' ? 'filtered' : 'length'
  }
  return called ? 'tool-calls' : 'stop'
}

function placeOf(event: JsonObject, item: JsonObject): Place {
  return { id: asText(item.id), index: asNumber(event.output_index) }
}

function deltaOf(event: JsonObject, of: Delta['of']): Delta {
  return {
    of,
    id: asText(event.item_id),
    index: asNumber(event.output_index),
    text: asText(event.delta) ?? '',
    part: asNumber(event.summary_index) ?? asNumber(event.content_index) ?? 0,
  }
}
