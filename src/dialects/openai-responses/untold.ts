import type { ChatRequest, Json, JsonObject } from '../../chat/types.ts'
import { RequestError } from '../../errors.ts'
import { readFile } from '../data-url.ts'
import type { Loss } from '../dialect.ts'
import { asList, asObject, asText } from '../lenient.ts'
import { inNamespaces } from './tools.ts'

// What the neutral request already says, and what changes nothing in the answer.
const silent: ReadonlySet<string> = new Set([
  'model',
  'instructions',
  'input',
  'stream',
  'tools',
  'parallel_tool_calls',
  'max_output_tokens',
  'temperature',
  'top_p',
  'top_logprobs',
  'include',
  'safety_identifier',
  'user',
  'store',
  'background',
  'metadata',
  'client_metadata',
  'stream_options',
  'service_tier',
  'session_id',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
])

/** What a Responses request loses in another dialect. Throws for content that no other dialect here can carry. */
export function untold(request: ChatRequest): readonly Loss[] {
  const kept = request.extra?.['openai-responses'] ?? {}
  refuseUnsayable(kept)
  const lost = [...lostItems(kept), ...lostTools(kept)]
  for (const name in kept) {
    const value = kept[name] ?? null
    if (value !== null) lost.push(...lossOf(name, value, request))
  }
  return lost
}

function lossOf(name: string, value: Json, request: ChatRequest): readonly Loss[] {
  switch (name) {
    case 'truncation':
      return value === 'disabled' ? [] : ['truncation dropped']
    case 'tool_choice':
      if (asObject(value)?.type === 'allowed_tools') return ['tool_choice.tools dropped']
      return request.toolChoice === undefined ? ['tool_choice dropped'] : []
    case 'reasoning':
      return lostMembers(name, value, [
        'summary',
        'generate_summary',
        ...(request.reasoning === undefined ? [] : ['effort']),
      ])
    case 'text': {
      const { format, verbosity } = asObject(value) ?? {}
      const plain = request.format !== undefined || asObject(format)?.type === 'text'
      const said = [...(plain ? ['format'] : []), ...(verbosity === 'medium' ? ['verbosity'] : [])]
      return lostMembers(name, value, said)
    }
    default:
      return silent.has(name) ? [] : [`${name} dropped`]
  }
}

function lostMembers(name: string, value: Json, said: readonly string[]): readonly Loss[] {
  const object = asObject(value) ?? {}
  const lost = Object.keys(object).filter((member) => object[member] !== null && !said.includes(member))
  return lost.map((member) => `${name}.${member} dropped`)
}

// Items that only the service that made them can read, and results without which a model would guess.
const unsayable = /^(compaction.*|.*_output)$/
const known: ReadonlySet<string> = new Set([
  'message',
  'reasoning',
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
])

// A question about something that did not come along would be answered, and wrongly.
function refuseUnsayable(kept: JsonObject): void {
  if ((kept.prompt ?? undefined) !== undefined)
    throw refusal('a stored prompt is not supported by this route; send its text', 'prompt')
  for (const [index, value] of asList(kept.input).entries()) {
    const item = asObject(value)
    const type = asText(item?.type) ?? 'message'
    if (type === 'item_reference') {
      const advice = 'this gateway keeps no responses; send the item itself, as clients do with store: false'
      throw refusal(`an item cannot be referred to: ${advice}`, `input[${index}]`)
    }
    if (!known.has(type) && unsayable.test(type))
      throw refusal(`input of type "${type}" is not supported by this route`, `input[${index}]`)
    for (const name of ['content', 'output']) {
      if (type !== 'reasoning') refuseParts(item?.[name] ?? null, `input[${index}].${name}`)
    }
  }
  refuseToolChoice(kept)
}

function refuseParts(parts: Json, path: string): void {
  for (const [position, value] of asList(parts).entries()) {
    const part = asObject(value)
    const type = asText(part?.type)
    if (part === undefined || type === undefined || isSayable(part)) continue
    const how = type === 'input_file' ? '; send the file itself in file_data, as a base64 data: URL' : ''
    throw refusal(`content of type "${type}" is not supported by this route${how}`, `${path}[${position}]`)
  }
}

function isSayable(part: JsonObject): boolean {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
    case 'refusal':
      return true
    case 'input_image':
      return typeof part.image_url === 'string'
    case 'input_file':
      return readFile(asText(part.file_data) ?? '', undefined) !== undefined
    default:
      return false
  }
}

function refuseToolChoice(kept: JsonObject): void {
  const type = asText(asObject(kept.tool_choice)?.type)
  if (type === undefined || ['function', 'custom', 'allowed_tools'].includes(type)) return
  throw refusal(
    `'tool_choice' asks for a tool of type "${type}", which this route does not have`,
    'tool_choice',
  )
}

function refusal(message: string, param: string): RequestError {
  return new RequestError('invalid_request', message, param)
}

function lostItems(kept: JsonObject): Loss[] {
  const types = asList(kept.input).map((item) => asText(asObject(item)?.type) ?? 'message')
  const lost = new Set(types.filter((type) => !known.has(type)))
  return [...lost].map((type) => `input of type "${type}" dropped`)
}

function lostTools(kept: JsonObject): Loss[] {
  return asList(kept.tools)
    .flatMap(inNamespaces)
    .flatMap(({ tool }) => {
      const type = asText(tool.type) ?? 'unknown'
      if (type === 'function') return []
      if (type !== 'custom') return [`tool of type "${type}" dropped`]
      const grammar = asObject(tool.format)?.type === 'grammar'
      return grammar ? [`grammar of tool "${asText(tool.name) ?? ''}" asked for by instruction`] : []
    })
}
