import type { ChatEvent, Json } from '../../chat/types.ts'
import { argsText, makeCallId } from '../function-tools.ts'
import { asNumber, asObject, asText } from '../lenient.ts'

/** Puts the fragments of tool calls in order: each call gets one index of ours, however the upstream numbers them. */
export interface ToolReader {
  read(entries: readonly Json[], events: ChatEvent[]): void
  /** Starts the calls that never got a name. */
  flush(events: ChatEvent[]): void
  any(): boolean
}

interface Call {
  readonly index: number
  id: string | undefined
  name: string
  started: boolean
}

export function createToolReader(): ToolReader {
  /** The call that now receives fragments, by the upstream's index. */
  const open = new Map<number, Call>()
  const calls: Call[] = []

  const callFor = (at: number, id: string | undefined): Call => {
    const current = open.get(at)
    // Two calls under one index are told apart by their ids.
    const same = current !== undefined && (id === undefined || current.id === undefined || current.id === id)
    if (same) return current
    const call: Call = { index: calls.length, id: undefined, name: '', started: false }
    open.set(at, call)
    calls.push(call)
    return call
  }

  const start = (call: Call, events: ChatEvent[]): void => {
    call.started = true
    events.push({ type: 'tool-start', index: call.index, id: call.id ?? makeCallId(), name: call.name })
  }

  return {
    read(entries, events) {
      for (const [position, value] of entries.entries()) {
        const entry = asObject(value)
        if (entry === undefined) continue
        const id = asText(entry.id) === '' ? undefined : asText(entry.id)
        const call = callFor(asNumber(entry.index) ?? position, id)
        if (!call.started) call.id ??= id
        const named = asObject(entry.function)
        if (call.name === '') call.name = asText(named?.name) ?? ''
        const args = named?.arguments === undefined ? '' : argsText(named.arguments ?? '')
        if (!call.started && (call.name !== '' || args !== '')) start(call, events)
        if (args !== '') events.push({ type: 'tool-delta', index: call.index, json: args })
      }
    },
    flush(events) {
      for (const call of calls) if (!call.started) start(call, events)
    },
    any: () => calls.length > 0,
  }
}
