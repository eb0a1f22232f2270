import type { ChatRequest, JsonObject, Part, Turn } from '../../chat/types.ts'
import { RequestError } from '../../errors.ts'
import { argsObject } from '../function-tools.ts'
import { present } from '../lenient.ts'
import { joinTexts } from '../texts.ts'

type ToolResult = Extract<Part, { type: 'tool-result' }>

/** `instructions` are what this wire has no field for; they join the system message, since many templates read only one. */
export function writeMessages(request: ChatRequest, instructions: readonly string[]): readonly JsonObject[] {
  const messages: JsonObject[] = []
  const system = [...request.system.map((part) => part.text), ...instructions].join('\n\n')
  if (system !== '') messages.push({ role: 'system', content: system })
  const names = new Map<string, string>()
  for (const turn of request.turns) {
    if (turn.role === 'assistant') messages.push(writeAssistant(turn, names))
    else if (turn.role === 'system') messages.push({ role: 'system', content: joinTexts(turn.parts) })
    else messages.push(...writeUser(turn, names))
  }
  return messages
}

function writeAssistant(turn: Turn, names: Map<string, string>): JsonObject {
  const thinking = turn.parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('')
  const calls = turn.parts.filter((part) => part.type === 'tool-call')
  for (const call of calls) names.set(call.id, call.name)
  return present({
    role: 'assistant',
    content: joinTexts(turn.parts),
    thinking: thinking === '' ? undefined : thinking,
    tool_calls:
      calls.length === 0
        ? undefined
        : calls.map((call) => ({
            id: call.id,
            function: { name: call.name, arguments: argsObject(call.args) },
          })),
  })
}

function writeUser(turn: Turn, names: ReadonlyMap<string, string>): JsonObject[] {
  const results = turn.parts.filter((part) => part.type === 'tool-result')
  const content = joinTexts(turn.parts)
  const images = writeImages(turn.parts)
  if (results.length > 0 && content === '') {
    return results.map((part, index) =>
      writeToolResult(part, names, index === results.length - 1 ? images : undefined),
    )
  }
  return [
    ...results.map((part) => writeToolResult(part, names, undefined)),
    present({ role: 'user', content, images }),
  ]
}

// Hosted models refuse a result they cannot match to a call, some by id, some by name: both go out
// (https://github.com/ollama/ollama/issues/12395).
function writeToolResult(
  part: ToolResult,
  names: ReadonlyMap<string, string>,
  images: readonly string[] | undefined,
): JsonObject {
  return present({
    role: 'tool',
    content: part.failed === true ? `Error: ${part.text}` : part.text,
    tool_call_id: part.id === '' ? undefined : part.id,
    tool_name: part.name ?? names.get(part.id),
    images,
  })
}

export function writeImages(parts: readonly Part[]): readonly string[] | undefined {
  const images: string[] = []
  for (const part of parts) {
    if (part.type === 'image') images.push(part.data)
    else if (part.type === 'image-url') throw unsupported(part.url)
    else if (part.type === 'file') throw noFiles()
  }
  return images.length === 0 ? undefined : images
}

function noFiles(): RequestError {
  return new RequestError(
    'invalid_request',
    'documents are not supported by this route; send their text instead',
    'messages',
  )
}

// Ollama fetches nothing (https://github.com/ollama/ollama/blob/main/docs/api.md: `images` are base64).
function unsupported(url: string): RequestError {
  const what = url.startsWith('data:') ? 'data: URLs that are not base64' : 'image URLs'
  return new RequestError(
    'invalid_request',
    `${what} are not supported by this route; send the image as a base64 data: URL`,
    'messages',
  )
}
