import type { JsonObject, Part, ReasoningPart, TextPart, Turn } from '../../chat/types.ts'
import { present } from '../lenient.ts'
import { joinTexts } from '../texts.ts'
import { writeContent, writeParts } from './content.ts'
import type { Conversation } from './read-items.ts'
import { type Toolbox, unwrapInput } from './tools.ts'

type ToolCall = Extract<Part, { type: 'tool-call' }>
type ToolResult = Extract<Part, { type: 'tool-result' }>

export function writeItems(
  { system, turns }: Conversation,
  toolbox: Toolbox,
): { readonly instructions: string | undefined; readonly input: readonly JsonObject[] } {
  const [first, ...others] = system
  const items = others.map((part) => message('developer', [part]))
  const customIds = new Set<string>()
  for (const turn of turns) {
    if (turn.role === 'assistant') items.push(...writeAssistant(turn, toolbox, customIds))
    else if (turn.role === 'system') items.push(message('developer', [asOneText(turn)]))
    else items.push(...writeUser(turn, customIds))
  }
  return { instructions: first?.text, input: items }
}

function message(role: string, parts: readonly Part[]): JsonObject {
  return { type: 'message', role, content: writeContent(parts) }
}

function asOneText(turn: Turn): TextPart {
  return { type: 'text', text: joinTexts(turn.parts) }
}

function writeAssistant(turn: Turn, toolbox: Toolbox, customIds: Set<string>): JsonObject[] {
  const items: JsonObject[] = []
  let texts: JsonObject[] = []
  for (const part of turn.parts) {
    if (part.type === 'text') {
      if (texts.length === 0) items.push({ type: 'message', role: 'assistant', content: texts })
      texts.push({ type: 'output_text', text: part.text })
      continue
    }
    texts = []
    if (part.type === 'reasoning') items.push(writeThought(part))
    else if (part.type === 'tool-call') items.push(writeCall(part, toolbox, customIds))
  }
  return items
}

function writeCall(call: ToolCall, toolbox: Toolbox, customIds: Set<string>): JsonObject {
  const { name, namespace, custom } = toolbox.originOf(call.name) ?? { name: call.name, custom: false }
  if (!custom)
    return present({ type: 'function_call', call_id: call.id, name, namespace, arguments: call.args })
  customIds.add(call.id)
  const input = unwrapInput(call.args)
  return present({ type: 'custom_tool_call', call_id: call.id, name, namespace, input })
}

function writeThought({ text, signature, sealed }: ReasoningPart): JsonObject {
  return present({
    type: 'reasoning',
    summary: text === '' ? [] : [{ type: 'summary_text', text }],
    encrypted_content: sealed,
    signature,
  })
}

// Results first: they must follow their calls. Images that came with nothing but results belong to the last of them.
function writeUser(turn: Turn, customIds: ReadonlySet<string>): JsonObject[] {
  const results = turn.parts.filter((part) => part.type === 'tool-result')
  const rest = turn.parts.filter((part) => part.type !== 'tool-result')
  if (results.length === 0) return [message('user', rest)]
  const shown = rest.some((part) => part.type === 'text') ? [] : rest
  const items = results.map((part, index) =>
    writeOutput(part, index === results.length - 1 ? shown : [], customIds),
  )
  return shown.length === rest.length ? items : [...items, message('user', rest)]
}

function writeOutput(part: ToolResult, images: readonly Part[], customIds: ReadonlySet<string>): JsonObject {
  // This wire has no mark for a tool that failed.
  const text = part.failed === true ? `Error: ${part.text}` : part.text
  const said: readonly Part[] = text === '' ? [] : [{ type: 'text', text }]
  return {
    type: customIds.has(part.id) ? 'custom_tool_call_output' : 'function_call_output',
    call_id: part.id,
    output: images.length === 0 ? text : writeParts([...said, ...images]),
  }
}
