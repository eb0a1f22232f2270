import type { ChatEvent, JsonObject } from '../../chat/types.ts'
import { argsText, makeCallId } from '../function-tools.ts'
import { asText, firstText } from '../lenient.ts'
import { spokenText } from './content.ts'
import { paragraphs, thoughtText } from './read-items.ts'
import { readSealed } from './sealed.ts'
import { flatNameOf, wrapInput } from './tools.ts'

/**
 * Tells each output item once, however often it comes: in deltas, in its own `done`, and again in the response that
 * ends a stream. What a later one says beyond the earlier ones is told too, so it does not matter which of them a
 * service sends.
 */
export interface SeenItems {
  started(item: JsonObject, place: Place, events: ChatEvent[]): void
  delta(delta: Delta, events: ChatEvent[]): void
  done(item: JsonObject, place: Place, events: ChatEvent[]): void
  /** The whole output, as the last event repeats it. */
  output(items: readonly JsonObject[], events: ChatEvent[]): void
  called(): boolean
}

/** Where an item stands. Services leave out either, and some give the same one twice. */
export interface Place {
  readonly id: string | undefined
  readonly index: number | undefined
}

export interface Delta extends Place {
  /** The member of an item that it adds to; reasoning has two of them. */
  readonly of: 'text' | 'content' | 'summary' | 'arguments'
  readonly text: string
  /** Which part of that member. */
  readonly part: number
}

type Kind = 'message' | 'reasoning' | 'call'

interface Seen extends Place {
  readonly kind: Kind
  /** Of a call: its place among the calls. */
  readonly call: number
  callId: string | undefined
  begun: boolean
  /** What was told of it. */
  told: string
  /** Of reasoning: the telling that is read, where a service sends the thoughts and their summary. */
  source: 'content' | 'summary' | undefined
  part: number
  sealed: boolean
}

export function createSeenItems(): SeenItems {
  const seen: Seen[] = []
  let calls = 0

  const find = (kind: Kind, { id, index }: Place): Seen | undefined =>
    seen.findLast((one) => one.kind === kind && one.id === id && one.index === index) ??
    seen.findLast((one) => one.kind === kind && id !== undefined && one.id === id) ??
    seen.findLast(
      (one) => one.kind === kind && (index === undefined ? id === undefined : one.index === index),
    )

  const findCall = (item: JsonObject): Seen | undefined => {
    const callId = asText(item.call_id)
    return callId === undefined ? undefined : seen.find((one) => one.callId === callId)
  }

  const add = (kind: Kind, { id, index }: Place): Seen => {
    const call = kind === 'call' ? calls++ : -1
    const fresh = { callId: undefined, begun: false, told: '', source: undefined, part: 0, sealed: false }
    const one: Seen = { kind, id, index, call, ...fresh }
    seen.push(one)
    return one
  }

  const begin = (one: Seen, item: JsonObject, events: ChatEvent[]): void => {
    if (one.begun) return
    one.begun = true
    one.callId = firstText(item.call_id, item.id)
    const id = one.callId === '' ? makeCallId() : one.callId
    events.push({ type: 'tool-start', index: one.call, id, name: calledName(item) })
  }

  const finish = (one: Seen, item: JsonObject, events: ChatEvent[]): void => {
    if (one.kind === 'message') {
      const text = restOf(one, spokenText(item.content))
      if (text !== '') events.push({ type: 'text-delta', text })
    } else if (one.kind === 'reasoning') {
      finishThought(one, item, events)
    } else {
      begin(one, item, events)
      const json = restOf(one, argumentsOf(item))
      if (json !== '') events.push({ type: 'tool-delta', index: one.call, json })
    }
  }

  return {
    started(item, place, events) {
      const kind = kindOf(item)
      if (kind === undefined) return
      const one = add(kind, place)
      // The name may come only when the call is done; a custom tool's input is told whole.
      if (item.type === 'function_call' && calledName(item) !== '') begin(one, item, events)
    },
    delta(delta, events) {
      const { of, text } = delta
      if (text === '') return
      if (of === 'arguments') {
        // Those of a call that nobody has named yet come again when it is done.
        const one = find('call', delta)
        if (one?.begun !== true) return
        one.told += text
        events.push({ type: 'tool-delta', index: one.call, json: text })
      } else if (of === 'text') {
        const one = find('message', delta) ?? add('message', delta)
        one.told += text
        events.push({ type: 'text-delta', text })
      } else {
        const one = find('reasoning', delta) ?? add('reasoning', delta)
        one.source ??= of
        if (one.source !== of) return
        const more = one.told !== '' && one.part !== delta.part ? `\n\n${text}` : text
        one.part = delta.part
        one.told += more
        events.push({ type: 'reasoning-delta', text: more })
      }
    },
    done(item, place, events) {
      const kind = kindOf(item)
      if (kind === undefined) return
      finish(findCall(item) ?? find(kind, place) ?? add(kind, place), item, events)
    },
    output(items, events) {
      const before = [...seen]
      const counts: Record<Kind, number> = { message: 0, reasoning: 0, call: 0 }
      for (const item of items) {
        const kind = kindOf(item)
        if (kind === undefined) continue
        const id = asText(item.id)
        // Its place in the list says little: some services number what they stream in another way.
        const nth = before.filter((one) => one.kind === kind)[counts[kind]++]
        const same = before.findLast((one) => one.kind === kind && id !== undefined && one.id === id)
        finish(findCall(item) ?? same ?? nth ?? add(kind, { id, index: undefined }), item, events)
      }
    },
    called: () => calls > 0,
  }
}

function kindOf(item: JsonObject): Kind | undefined {
  switch (item.type) {
    case 'message':
    case 'reasoning':
      return item.type
    case 'function_call':
    case 'custom_tool_call':
      return 'call'
    default:
      return undefined
  }
}

function calledName(item: JsonObject): string {
  const name = asText(item.name) ?? ''
  const namespace = asText(item.namespace) ?? ''
  return namespace === '' ? name : flatNameOf(namespace, name)
}

function argumentsOf(item: JsonObject): string {
  if (item.type === 'custom_tool_call') return wrapInput(asText(item.input) ?? '')
  return item.arguments === undefined ? '' : argsText(item.arguments ?? '')
}

/**
 * What is new in the whole text. Where it does not begin with what was told, it says the same in other words, or only
 * its middle was seen.
 */
function restOf(one: Seen, whole: string): string {
  const rest = whole.startsWith(one.told) ? whole.slice(one.told.length) : ''
  one.told += rest
  return rest
}

function finishThought(one: Seen, item: JsonObject, events: ChatEvent[]): void {
  const held = readSealed(asText(item.encrypted_content))
  const shown = one.source === undefined ? thoughtText(item) : paragraphs(item[one.source])
  const text = restOf(one, shown === '' ? (held.text ?? '') : shown)
  // OpenRouter signs reasoning beside its text.
  const signature = held.signature ?? asText(item.signature)
  const { sealed } = held
  const seals = !one.sealed && (signature !== undefined || sealed !== undefined)
  if (text === '' && !seals) return
  one.sealed ||= seals
  events.push({
    type: 'reasoning-delta',
    text,
    ...(seals && signature !== undefined ? { signature } : {}),
    ...(seals && sealed !== undefined ? { sealed } : {}),
  })
}
