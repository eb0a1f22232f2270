import type { Json, JsonObject, Part, TextPart, Turn } from '../../chat/types.ts'
import { argsText } from '../function-tools.ts'
import { asList, asObject, asText, type Loose } from '../lenient.ts'

interface OpenCall {
  readonly id: string
  readonly name: string
}

/** System messages at the head are the `system` of the request; later ones keep their place. */
export function readMessages(messages: Loose): {
  readonly system: readonly TextPart[]
  readonly turns: readonly Turn[]
} {
  const system: TextPart[] = []
  const turns: Turn[] = []
  let open: OpenCall[] = []
  for (const [index, value] of asList(messages).entries()) {
    const message = asObject(value)
    if (message === undefined) continue
    const text = asText(message.content) ?? ''
    switch (asText(message.role)?.toLowerCase()) {
      case 'system':
        if (turns.length === 0) system.push({ type: 'text', text })
        else turns.push({ role: 'system', parts: [{ type: 'text', text }] })
        break
      case 'assistant': {
        const calls = readCalls(message.tool_calls, index)
        open = calls.map(({ id, name }) => ({ id, name }))
        turns.push({ role: 'assistant', parts: [...readSpoken(message, text), ...calls] })
        break
      }
      case 'tool': {
        const { id, name } = takeCall(open, message, `call_${index}`)
        const result: Part = { type: 'tool-result', id, ...(name === '' ? {} : { name }), text }
        turns.push({ role: 'user', parts: [result, ...readImages(message.images)] })
        break
      }
      default:
        turns.push({ role: 'user', parts: [{ type: 'text', text }, ...readImages(message.images)] })
    }
  }
  return { system, turns }
}

function readSpoken(message: JsonObject, text: string): Part[] {
  const parts: Part[] = []
  const thinking = asText(message.thinking) ?? ''
  if (thinking !== '') parts.push({ type: 'reasoning', text: thinking })
  if (text !== '') parts.push({ type: 'text', text })
  return parts
}

// Clients need not send ids: those made here depend on the position only, so the same history reads the same.
function readCalls(calls: Loose, index: number): Extract<Part, { type: 'tool-call' }>[] {
  return asList(calls).flatMap((value, position) => {
    const call = asObject(value)
    const named = asObject(call?.function)
    const name = asText(named?.name)
    if (name === undefined) return []
    const id = asText(call?.id) ?? `call_${index}_${position}`
    return [{ type: 'tool-call' as const, id, name, args: argsText(named?.arguments) }]
  })
}

// Some clients send the id, some only the tool's name, some neither: then results come in the order of the calls.
function takeCall(open: OpenCall[], message: JsonObject, spareId: string): OpenCall {
  const id = asText(message.tool_call_id)
  const name = asText(message.tool_name) ?? ''
  let at = id === undefined ? -1 : open.findIndex((call) => call.id === id)
  if (at === -1 && id === undefined && name !== '') at = open.findIndex((call) => call.name === name)
  if (at === -1 && id === undefined && name === '') at = 0
  const [call] = at === -1 ? [] : open.splice(at, 1)
  return { id: id ?? call?.id ?? spareId, name: name === '' ? (call?.name ?? '') : name }
}

export function readImages(images: Loose): Part[] {
  return asList(images)
    .filter((image: Json) => typeof image === 'string')
    .map((data) => ({ type: 'image', mediaType: sniff(data), data }))
}

// This wire carries no media type; the first bytes tell it.
const beginnings: readonly (readonly [string, string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
]

function sniff(base64: string): string {
  return beginnings.find(([start]) => base64.startsWith(start))?.[1] ?? 'image/png'
}
