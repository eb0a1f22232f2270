import type { ChatEvent, JsonObject } from '../../chat/types.ts'
import { argsText, makeCallId } from '../function-tools.ts'
import { asNumber, asObject, asText } from '../lenient.ts'
import { readError } from './error.ts'
import { readName } from './names.ts'
import { readStopReason } from './stop-reason.ts'
import { type Counts, readCounts, usageOf } from './usage.ts'

/**
 * Reads the events of one answer in order, by their `type`. It may begin anywhere: of what it has not seen begin, it
 * tells what it can.
 */
export interface EventReader {
  /** `raw`: the event as it came, for errors. */
  read(event: JsonObject, raw: string | undefined): readonly ChatEvent[]
}

interface OpenCall {
  readonly index: number
  /** The input that came with the start; counts when no fragments follow. */
  whole: string
}

export function createEventReader(): EventReader {
  /** Calls that may still grow, by the number of their block. */
  const open = new Map<number | undefined, OpenCall>()
  let calls = 0
  let started = false
  let finished = false
  let counts: Counts = {}

  const readStart = (block: JsonObject, at: number | undefined, events: ChatEvent[]): void => {
    switch (block.type) {
      case 'text':
        readText(block.text, events)
        return
      case 'thinking':
        readThinking(block.thinking, block.signature, events)
        return
      case 'redacted_thinking':
        events.push({ type: 'reasoning-delta', text: '', sealed: asText(block.data) ?? '' })
        return
      case 'tool_use': {
        const index = calls++
        const given = asText(block.id) ?? ''
        const id = given === '' ? makeCallId() : given
        open.set(at, { index, whole: argsText(block.input) })
        events.push({ type: 'tool-start', index, id, name: readName(asText(block.name) ?? '') })
      }
    }
  }

  const readDelta = (delta: JsonObject, at: number | undefined, events: ChatEvent[]): void => {
    switch (delta.type) {
      case 'text_delta':
        readText(delta.text, events)
        return
      case 'thinking_delta':
        readThinking(delta.thinking, undefined, events)
        return
      case 'signature_delta':
        readThinking(undefined, delta.signature, events)
        return
      case 'input_json_delta': {
        const call = open.get(at)
        const json = asText(delta.partial_json) ?? ''
        if (call === undefined || json === '') return
        call.whole = ''
        events.push({ type: 'tool-delta', index: call.index, json })
      }
    }
  }

  /** A tool without arguments gets no fragments; other dialects want their JSON all the same. */
  const stop = (at: number | undefined, events: ChatEvent[]): void => {
    const call = open.get(at)
    if (call === undefined) return
    open.delete(at)
    if (call.whole !== '') events.push({ type: 'tool-delta', index: call.index, json: call.whole })
  }

  const count = (usage: JsonObject[string] | undefined, events: ChatEvent[]): void => {
    const told = readCounts(usage)
    if (Object.keys(told).length === 0) return
    counts = { ...counts, ...told }
    const sum = usageOf(counts)
    if (sum !== undefined) events.push({ type: 'usage', usage: sum })
  }

  const readEnd = (delta: JsonObject | undefined, events: ChatEvent[]): void => {
    const reason = asText(delta?.stop_reason)
    if (reason === undefined || finished) return
    finished = true
    for (const at of open.keys()) stop(at, events)
    const stopped = asText(delta?.stop_sequence)
    events.push({
      type: 'finish',
      reason: readStopReason(reason, calls > 0),
      ...(stopped === undefined ? {} : { stopped }),
    })
  }

  return {
    read(event, raw) {
      const error = event.error ?? (event.type === 'error' ? event : undefined)
      if (error !== undefined) return [readError(error, event, raw ?? JSON.stringify(event))]
      const events: ChatEvent[] = []
      const at = asNumber(event.index)
      switch (event.type) {
        case 'message_start': {
          const message = asObject(event.message)
          const facts = { id: asText(message?.id) ?? '', model: asText(message?.model) ?? '' }
          if (!started) events.push({ type: 'message-start', ...facts })
          started = true
          count(message?.usage, events)
          break
        }
        case 'content_block_start':
          readStart(asObject(event.content_block) ?? {}, at, events)
          break
        case 'content_block_delta':
          readDelta(asObject(event.delta) ?? {}, at, events)
          break
        case 'content_block_stop':
          stop(at, events)
          break
        case 'message_delta':
          readEnd(asObject(event.delta), events)
          count(event.usage, events)
          break
        case 'message_stop':
          events.push({ type: 'message-end' })
      }
      return events
    },
  }
}

function readText(text: JsonObject[string] | undefined, events: ChatEvent[]): void {
  if (typeof text === 'string' && text !== '') events.push({ type: 'text-delta', text })
}

/** Services without signatures send empty ones. */
function readThinking(
  thinking: JsonObject[string] | undefined,
  signed: JsonObject[string] | undefined,
  events: ChatEvent[],
): void {
  const text = asText(thinking) ?? ''
  const signature = asText(signed) ?? ''
  if (text === '' && signature === '') return
  events.push({ type: 'reasoning-delta', text, ...(signature === '' ? {} : { signature }) })
}
