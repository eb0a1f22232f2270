import type { ChatRequest, Json, JsonObject } from '../../chat/types.ts'
import { RequestError } from '../../errors.ts'
import type { Loss } from '../dialect.ts'
import { asList, asObject, asText } from '../lenient.ts'

/** Chat Completions names (OpenRouter's extensions among them) of Ollama's options. */
const optionNames: ReadonlyMap<string, string> = new Map([
  ['top_k', 'top_k'],
  ['min_p', 'min_p'],
  ['repetition_penalty', 'repeat_penalty'],
  ['presence_penalty', 'presence_penalty'],
  ['frequency_penalty', 'frequency_penalty'],
])

// What the neutral request already says, and what changes nothing in the answer.
const silent: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'tools',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'seed',
  'stop',
  'parallel_tool_calls',
  'reasoning',
  'stream_options',
  'usage',
  'user',
  'safety_identifier',
  'metadata',
  'store',
  'service_tier',
  'session_id',
  'include_reasoning',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
])

/** What another dialect kept and this one can say too. The rest is reported as lost. */
export function carryForeign(
  request: ChatRequest,
  lost: Loss[],
): { readonly options: JsonObject; readonly members: JsonObject } {
  const options: Record<string, Json> = {}
  const members: Record<string, Json> = {}
  const { ollama: _own, 'openai-chat': chat, ...others } = request.extra ?? {}
  for (const kept of Object.values(others)) for (const name in kept) lost.push(`${name} dropped`)
  if (chat === undefined) return { options, members }
  refuseUnsayable(chat)
  reportTools(chat, lost)
  for (const name in chat) {
    const value = chat[name] ?? null
    const option = optionNames.get(name)
    if (value === null || isSaid(name, value, request)) continue
    if (option !== undefined && typeof value === 'number') options[option] = value
    else if (name === 'logprobs' || name === 'top_logprobs') members[name] = value
    else lost.push(`${name} dropped`)
  }
  return { options, members }
}

function isSaid(name: string, value: Json, request: ChatRequest): boolean {
  switch (name) {
    case 'n':
      return value === 1
    case 'tool_choice':
      return request.toolChoice !== undefined
    case 'reasoning_effort':
      return request.reasoning !== undefined
    case 'response_format':
      return request.format !== undefined || asObject(value)?.type === 'text'
    default:
      return silent.has(name)
  }
}

// A question about a file without the file would be answered, and wrongly.
function refuseUnsayable(chat: JsonObject): void {
  for (const [index, message] of asList(chat.messages).entries()) {
    for (const [position, part] of asList(asObject(message)?.content).entries()) {
      const type = asText(asObject(part)?.type)
      if (type === undefined || ['text', 'image_url', 'refusal'].includes(type)) continue
      throw new RequestError(
        'invalid_request',
        `content of type "${type}" is not supported by this route`,
        `messages[${index}].content[${position}]`,
      )
    }
  }
}

function reportTools(chat: JsonObject, lost: Loss[]): void {
  for (const tool of asList(chat.tools)) {
    const type = asText(asObject(tool)?.type) ?? 'function'
    if (type !== 'function') lost.push(`tool of type "${type}" dropped`)
  }
}
