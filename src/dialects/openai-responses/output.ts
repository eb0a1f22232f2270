import type { ChatEvent, JsonObject } from '../../chat/types.ts'
import { createCall, createMessage, createThinking, type OutputItem, type Thinking } from './output-items.ts'
import type { Toolbox } from './tools.ts'

/**
 * Puts the output of an answer together, item after item. Strict clients take one item at a time, so what comes for a
 * later one waits until those before it are whole.
 */
export interface Output {
  push(event: ChatEvent): void
  /** The stream events that can be told now. */
  due(): readonly JsonObject[]
  /** All that is left. `whole`: the answer came to its own end. */
  end(whole: boolean): readonly JsonObject[]
  /** The items told so far. */
  readonly items: readonly JsonObject[]
}

interface Entry {
  readonly item: OutputItem
  opened: boolean
  closed: boolean
}

/** `sealing`: whether the client takes reasoning back in sealed form. */
export function createOutput(toolbox: Toolbox, sealing: boolean): Output {
  const items: JsonObject[] = []
  let waiting: Entry[] = []
  let last: Entry | undefined
  let thinking: Thinking | undefined
  /** A seal that came when its reasoning was already told. */
  let late: Thinking | undefined
  const calls = new Map<number, Entry>()

  const begin = <Item extends OutputItem>(item: Item): Item => {
    for (const entry of waiting) entry.closed ||= entry.item.complete()
    last = { item, opened: false, closed: false }
    waiting.push(last)
    return item
  }

  const think = (event: Extract<ChatEvent, { type: 'reasoning-delta' }>): void => {
    const { text, signature, sealed } = event
    const seals = sealing && (signature !== undefined || sealed !== undefined)
    if (text === '' && !seals) return
    if (text === '' && last !== undefined && last.item.kind !== 'reasoning') {
      late ??= createThinking(sealing)
      late.seal(signature, sealed)
      return
    }
    // A signature is for all the text before it: what comes behind it is another thought.
    const goesOn = last?.item.kind === 'reasoning' && (text === '' || thinking?.signed() !== true)
    if (!goesOn) thinking = begin(createThinking(sealing))
    thinking?.add(text)
    if (seals) thinking?.seal(signature, sealed)
  }

  const release = (whole: boolean): readonly JsonObject[] => {
    const events: JsonObject[] = []
    for (const [position, entry] of waiting.entries()) {
      const at = items.length
      if (!entry.opened) events.push(...entry.item.open(at))
      entry.opened = true
      events.push(...entry.item.flow(at))
      if (!entry.closed) {
        if (position > 0) waiting = waiting.slice(position)
        return events
      }
      const { events: closing, item } = entry.item.close(at, whole || entry !== last)
      events.push(...closing)
      items.push(item)
    }
    waiting = []
    return events
  }

  return {
    items,
    push(event) {
      switch (event.type) {
        case 'text-delta':
          if (event.text === '') return
          if (last?.item.kind !== 'message') begin(createMessage())
          last?.item.add(event.text)
          return
        case 'reasoning-delta':
          think(event)
          return
        case 'tool-start': {
          const origin = toolbox.originOf(event.name) ?? { name: event.name, custom: false }
          begin(createCall(event.id, origin))
          if (last !== undefined) calls.set(event.index, last)
          return
        }
        case 'tool-delta': {
          const call = calls.get(event.index)
          if (call?.closed === false) call.item.add(event.json)
          return
        }
        default:
          return
      }
    },
    due: () => release(true),
    end(whole) {
      if (late !== undefined) {
        waiting.push({ item: late, opened: false, closed: true })
      }
      for (const entry of waiting) entry.closed = true
      return release(whole)
    },
  }
}
