import type { Json, JsonObject, Part, TextPart, Turn } from '../../chat/types.ts'
import { dataUrl, readFile, readImage } from '../data-url.ts'
import { argsText } from '../function-tools.ts'
import { asList, asObject, asText, isList, present, type Loose } from '../lenient.ts'
import { joinTexts } from '../texts.ts'
import { readReasoning, writeDetails } from './reasoning.ts'

export interface Conversation {
  readonly system: readonly TextPart[]
  readonly turns: readonly Turn[]
}

/** System and developer messages at the head are the `system` of the request; later ones keep their place. */
export function readMessages(messages: Loose): Conversation {
  const system: TextPart[] = []
  const turns: Turn[] = []
  // The retired function messages have no call ids: a result belongs to the latest call of its name.
  const legacyIds = new Map<string, string>()
  for (const [index, value] of asList(messages).entries()) {
    const message = asObject(value)
    if (message === undefined) continue
    switch (asText(message.role)?.toLowerCase()) {
      case 'system':
      case 'developer': {
        const text: TextPart = { type: 'text', text: textOf(message.content) }
        if (turns.length === 0) system.push(text)
        else turns.push({ role: 'system', parts: [text] })
        break
      }
      case 'assistant':
        turns.push({ role: 'assistant', parts: readAssistant(message, `call_${index}`, legacyIds) })
        break
      case 'tool':
        turns.push({ role: 'user', parts: readResult(message, asText(message.tool_call_id) ?? '') })
        break
      case 'function': {
        const id = legacyIds.get(asText(message.name) ?? '') ?? `call_${index}`
        turns.push({ role: 'user', parts: readResult(message, id) })
        break
      }
      default:
        turns.push({ role: 'user', parts: readContent(message.content) })
    }
  }
  return { system, turns }
}

function readAssistant(message: JsonObject, spareId: string, legacyIds: Map<string, string>): Part[] {
  const parts: Part[] = []
  const reasoning = readReasoning(message)
  if (reasoning !== undefined) parts.push({ type: 'reasoning', ...reasoning })
  const content = readContent(message.content ?? message.refusal).filter(
    (part) => part.type !== 'text' || part.text !== '',
  )
  parts.push(...content)
  for (const [index, value] of asList(message.tool_calls).entries()) {
    const call = asObject(value)
    const named = asObject(call?.function)
    const name = asText(named?.name)
    if (name === undefined) continue
    const id = asText(call?.id) ?? `${spareId}_${index}`
    parts.push({ type: 'tool-call', id, name, args: argsText(named?.arguments) })
  }
  const legacy = asObject(message.function_call)
  const name = asText(legacy?.name)
  if (name !== undefined) {
    legacyIds.set(name, spareId)
    parts.push({ type: 'tool-call', id: spareId, name, args: argsText(legacy?.arguments) })
  }
  return parts
}

function readResult(message: JsonObject, id: string): Part[] {
  const name = asText(message.name)
  const images = readContent(message.content).filter((part) => part.type !== 'text')
  const text = textOf(message.content)
  return [{ type: 'tool-result', id, ...(name === undefined ? {} : { name }), text }, ...images]
}

/** Parts without a neutral form (audio, stored files) are left out here; the request keeps the original messages then. */
function readContent(content: Loose): Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  const parts: Part[] = []
  for (const value of asList(content)) {
    const part = asObject(value)
    const text = asText(part?.text) ?? asText(part?.refusal)
    if ((part?.type === 'text' || part?.type === 'refusal') && text !== undefined) {
      const cache = asObject(part.cache_control)
      parts.push({ type: 'text', text, ...(cache === undefined ? {} : { cache }) })
    } else if (part?.type === 'image_url') {
      const url = asText(part.image_url) ?? asText(asObject(part.image_url)?.url)
      if (url !== undefined) parts.push(readImage(url))
    } else if (part?.type === 'file') {
      const described = asObject(part.file)
      const file = readFile(asText(described?.file_data) ?? '', asText(described?.filename))
      if (file !== undefined) parts.push(file)
    }
  }
  return parts
}

function textOf(content: Loose): string {
  return isList(content) ? joinTexts(readContent(content)) : (asText(content) ?? '')
}

export function writeMessages(conversation: Conversation): readonly JsonObject[] {
  const messages: JsonObject[] = []
  if (conversation.system.length > 0) {
    const marked = conversation.system.some((part) => part.cache !== undefined)
    const joined = conversation.system.map((part) => part.text).join('\n\n')
    messages.push({ role: 'system', content: marked ? writeParts(conversation.system) : joined })
  }
  for (const turn of conversation.turns) {
    if (turn.role === 'assistant') messages.push(writeAssistant(turn))
    else if (turn.role === 'system') messages.push({ role: 'system', content: joinTexts(turn.parts) })
    else messages.push(...writeUser(turn))
  }
  return messages
}

function writeAssistant(turn: Turn): JsonObject {
  const reasoning = turn.parts.filter((part) => part.type === 'reasoning')
  const thought = reasoning.map((part) => part.text).join('')
  const calls = turn.parts.filter((part) => part.type === 'tool-call')
  const texts = turn.parts.filter((part) => part.type === 'text')
  const details = reasoning.flatMap(writeDetails)
  return present({
    role: 'assistant',
    content: texts.length === 0 ? (calls.length === 0 ? '' : null) : writeParts(texts),
    reasoning: thought === '' ? undefined : thought,
    reasoning_details: details.length === 0 ? undefined : details,
    tool_calls:
      calls.length === 0
        ? undefined
        : calls.map((call) => ({
            id: call.id,
            type: 'function',
            function: { name: call.name, arguments: call.args },
          })),
  })
}

// One message for each result, and before anything else: a result must follow its call at once.
function writeUser(turn: Turn): JsonObject[] {
  const results = turn.parts.filter((part) => part.type === 'tool-result')
  const messages: JsonObject[] = results.map((part) => ({
    role: 'tool',
    tool_call_id: part.id,
    // This wire has no mark for a tool that failed.
    content: part.failed === true ? `Error: ${part.text}` : part.text,
  }))
  const rest = turn.parts.filter((part) => part.type !== 'tool-result')
  if (rest.length > 0 || results.length === 0) messages.push({ role: 'user', content: writeParts(rest) })
  return messages
}

function writeParts(parts: readonly Part[]): Json {
  const [first] = parts
  if (first === undefined) return ''
  if (parts.length === 1 && first.type === 'text' && first.cache === undefined) return first.text
  return parts.flatMap((part): Json[] => {
    if (part.type === 'text') return [present({ type: 'text', text: part.text, cache_control: part.cache })]
    if (part.type === 'image-url') return [{ type: 'image_url', image_url: { url: part.url } }]
    if (part.type === 'file') {
      return [{ type: 'file', file: present({ filename: part.name, file_data: dataUrl(part) }) }]
    }
    if (part.type !== 'image') return []
    return [{ type: 'image_url', image_url: { url: dataUrl(part) } }]
  })
}
