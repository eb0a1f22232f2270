import type { ChatRequest, Json, JsonObject } from '../../chat/types.ts'
import { RequestError } from '../../errors.ts'
import type { Loss } from '../dialect.ts'
import { asList, asObject, asText } from '../lenient.ts'

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
  'logprobs',
  'top_logprobs',
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

/** What a Chat Completions request loses in another dialect. Throws for content that no other dialect here can carry. */
export function untold(request: ChatRequest): readonly Loss[] {
  const kept = request.extra?.['openai-chat']
  if (kept === undefined) return []
  refuseUnsayable(kept)
  const lost = lostTools(kept)
  for (const name in kept) {
    const value = kept[name] ?? null
    if (value !== null && !isSaid(name, value, request)) lost.push(`${name} dropped`)
  }
  return lost
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

// A question about a recording without the recording would be answered, and wrongly.
function refuseUnsayable(chat: JsonObject): void {
  for (const [index, message] of asList(chat.messages).entries()) {
    for (const [position, part] of asList(asObject(message)?.content).entries()) {
      const type = asText(asObject(part)?.type)
      if (type === undefined || ['text', 'image_url', 'refusal'].includes(type)) continue
      // One that is stored elsewhere cannot be fetched from here.
      if (type === 'file' && asText(asObject(asObject(part)?.file)?.file_data)?.startsWith('data:') === true)
        continue
      throw new RequestError(
        'invalid_request',
        `content of type "${type}" is not supported by this route`,
        `messages[${index}].content[${position}]`,
      )
    }
  }
}

function lostTools(chat: JsonObject): Loss[] {
  return asList(chat.tools).flatMap((tool) => {
    const type = asText(asObject(tool)?.type) ?? 'function'
    return type === 'function' ? [] : [`tool of type "${type}" dropped`]
  })
}
