import type { ChatRequest, Json, JsonObject } from '../../chat/types.ts'
import { RequestError } from '../../errors.ts'
import type { Loss } from '../dialect.ts'
import { asList, asObject, asText, isList } from '../lenient.ts'
import { isCustom } from './check.ts'
import { readBlock } from './read-messages.ts'

// What the neutral request already says, and what changes nothing in the answer.
const silent: ReadonlySet<string> = new Set([
  'model',
  'max_tokens',
  'messages',
  'system',
  'stream',
  'tools',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'metadata',
  'cache_control',
  'service_tier',
  'speed',
  'betas',
  'diagnostics',
  'billing_policy',
  'user_profile_id',
  'workspace_id',
])
const silentInTools: ReadonlySet<string> = new Set([
  'type',
  'name',
  'description',
  'input_schema',
  'strict',
  'cache_control',
  'defer_loading',
  'eager_input_streaming',
])

/** What a Messages request loses in another dialect. Throws for content that no other dialect here can carry. */
export function untold(request: ChatRequest): readonly Loss[] {
  const kept = request.extra?.anthropic
  if (kept === undefined) return []
  refuseUnsayable(kept, request)
  const lost = new Set<Loss>()
  for (const [index, message] of asList(kept.messages).entries()) {
    const { role, content } = asObject(message) ?? {}
    readContent(content, { path: `messages[${index}].content`, isQuestion: role === 'user', lost })
  }
  for (const tool of asList(kept.tools)) lostTool(asObject(tool) ?? {}, lost)
  for (const name in kept) {
    const value = kept[name] ?? null
    if (value !== null && !isSaid(name, value, request)) lost.add(`${name} dropped`)
  }
  for (const name of lostConfig(kept, request)) lost.add(`output_config.${name} dropped`)
  return [...lost]
}

function isSaid(name: string, value: Json, request: ChatRequest): boolean {
  switch (name) {
    case 'tool_choice':
      return request.toolChoice !== undefined
    case 'thinking':
      // Adaptive thinking without an effort is what models do by themselves; how it is shown is the encoder's business.
      return ['enabled', 'adaptive', 'disabled'].includes(asText(asObject(value)?.type) ?? '')
    case 'output_config':
      return true
    case 'output_format':
      return request.format !== undefined
    default:
      return silent.has(name)
  }
}

function lostConfig(kept: JsonObject, request: ChatRequest): readonly string[] {
  const config = asObject(kept.output_config) ?? {}
  return Object.keys(config).filter((name) => {
    if ((config[name] ?? null) === null) return false
    if (name === 'format') return request.format === undefined
    return name !== 'effort' || request.reasoning === undefined
  })
}

function lostTool(tool: JsonObject, lost: Set<Loss>): void {
  if (!isCustom(tool)) {
    lost.add(`tool of type "${asText(tool.type) ?? ''}" dropped`)
    return
  }
  for (const name in tool) if (!silentInTools.has(name)) lost.add(`${name} of tools dropped`)
}

// Without them the model would be asked something else, or could not do what it must.
function refuseUnsayable(kept: JsonObject, { toolChoice, tools }: ChatRequest): void {
  if (asObject(kept.thread)?.type === 'continue') {
    const words = 'a conversation that is stored elsewhere cannot be continued by this route'
    throw new RequestError('invalid_request', words, 'thread')
  }
  if (typeof toolChoice !== 'object' || kept.tools === undefined) return
  if (tools.some((tool) => tool.name === toolChoice.name)) return
  const words = `'tool_choice' names "${toolChoice.name}", which is no tool of yours that this route can offer`
  throw new RequestError('invalid_request', words, 'tool_choice')
}

interface Place {
  readonly path: string
  /** Part of what the user asks, as opposed to what a service did for an earlier answer. */
  readonly isQuestion: boolean
  readonly lost: Set<Loss>
}

function readContent(content: Json | undefined, place: Place): void {
  if (!isList(content)) return
  for (const [position, value] of content.entries())
    readOne(asObject(value) ?? {}, { ...place, path: `${place.path}[${position}]` })
}

function readOne(block: JsonObject, place: Place): void {
  const { path, isQuestion, lost } = place
  const type = asText(block.type) ?? ''
  if (type === 'text' || type === 'thinking' || type === 'redacted_thinking') return
  if (asObject(block.citations)?.enabled === true) lost.add('citations dropped')
  const source = asObject(block.source)
  if (type === 'tool_result') return readContent(block.content, { ...place, path: `${path}.content` })
  if (type === 'document' && source?.type === 'content')
    return readContent(source.content, { ...place, path: `${path}.source.content` })
  if (readBlock(block).length > 0) return
  if (!isQuestion && type !== 'compaction') {
    lost.add(`block of type "${type}" dropped`)
    return
  }
  const kind = source === undefined ? '' : ` from a source of type "${asText(source.type) ?? ''}"`
  const words = `content of type "${type}"${kind} is not supported by this route`
  throw new RequestError('invalid_request', words, path)
}
