import type { Json, JsonObject, Part, ReasoningPart, TextPart, Turn } from '../../chat/types.ts'
import { argsText } from '../function-tools.ts'
import { asList, asObject, asText, isList, type Loose } from '../lenient.ts'
import { readContent, textOf } from './content.ts'
import { readSealed } from './sealed.ts'
import { type Toolbox, wrapInput } from './tools.ts'

export interface Conversation {
  readonly system: readonly TextPart[]
  readonly turns: readonly Turn[]
}

/**
 * Instructions, then system and developer items at the head, are the `system` of the request; later ones keep their
 * place. What the assistant thought, said and called in a row is one turn.
 */
export function readItems(body: JsonObject, toolbox: Toolbox): Conversation {
  const system: TextPart[] = []
  const turns: Turn[] = []
  /** The parts of the assistant's turn, while it goes on. */
  let spoken: Part[] | undefined
  const say = (...parts: readonly Part[]): void => {
    if (spoken === undefined) {
      spoken = []
      turns.push({ role: 'assistant', parts: spoken })
    }
    spoken.push(...parts)
  }
  const hear = (role: 'system' | 'user', parts: readonly Part[]): void => {
    spoken = undefined
    turns.push({ role, parts })
  }

  const instructions = asText(body.instructions) ?? ''
  if (instructions !== '') system.push({ type: 'text', text: instructions })
  const { input } = body
  for (const [index, value] of (isList(input) ? input : [userMessage(input)]).entries()) {
    const item = asObject(value)
    if (item === undefined) continue
    switch (typeOf(item)) {
      case 'message': {
        const role = asText(item.role)
        if (role === 'assistant') {
          say(...readContent(item.content).filter((part) => part.type !== 'text' || part.text !== ''))
        } else if (role !== 'system' && role !== 'developer') {
          hear('user', readContent(item.content))
        } else {
          const text: TextPart = { type: 'text', text: textOf(item.content) }
          if (turns.length === 0) system.push(text)
          else hear('system', [text])
        }
        break
      }
      case 'reasoning': {
        const thought = readThought(item)
        if (thought !== undefined) say(thought)
        break
      }
      case 'function_call':
      case 'custom_tool_call':
        say(readCall(item, `call_${index}`, toolbox))
        break
      case 'function_call_output':
      case 'custom_tool_call_output':
        hear('user', readOutput(item, `call_${index}`))
        break
      default:
        // What this gateway cannot read stays in the original input; `untold` says what that means.
        break
    }
  }
  return { system, turns }
}

/** Messages need not say that they are one. */
export function typeOf(item: JsonObject): string | undefined {
  return asText(item.type) ?? (item.role === undefined ? undefined : 'message')
}

function userMessage(input: Loose): Json {
  return { role: 'user', content: asText(input) ?? '' }
}

function readCall(item: JsonObject, spareId: string, toolbox: Toolbox): Part {
  const custom = item.type === 'custom_tool_call'
  return {
    type: 'tool-call',
    id: asText(item.call_id) ?? spareId,
    name: toolbox.flatName(asText(item.name) ?? '', asText(item.namespace)),
    args: custom ? wrapInput(asText(item.input) ?? '') : argsText(item.arguments),
  }
}

function readOutput(item: JsonObject, spareId: string): Part[] {
  const images = readContent(item.output).filter((part) => part.type !== 'text')
  const id = asText(item.call_id) ?? spareId
  return [{ type: 'tool-result', id, text: textOf(item.output) }, ...images]
}

function readThought(item: JsonObject): ReasoningPart | undefined {
  const { text, signature, sealed } = readSealed(asText(item.encrypted_content))
  // Some services sign reasoning beside its text instead of sealing it (`signature` at OpenRouter).
  const signed = signature ?? asText(item.signature)
  const told = text ?? thoughtText(item)
  if (told === '' && signed === undefined && sealed === undefined) return undefined
  return {
    type: 'reasoning',
    text: told,
    ...(signed === undefined ? {} : { signature: signed }),
    ...(sealed === undefined ? {} : { sealed }),
  }
}

/** What the model thought where that is told, else its summary. */
export function thoughtText(item: JsonObject): string {
  const content = paragraphs(item.content)
  return content === '' ? paragraphs(item.summary) : content
}

export function paragraphs(parts: Loose): string {
  return asList(parts)
    .map((part) => asText(asObject(part)?.text) ?? '')
    .filter((text) => text !== '')
    .join('\n\n')
}
