import type { Json, JsonObject, Part, TextPart, Turn } from '../../chat/types.ts'
import { RequestError } from '../../errors.ts'
import type { Loss } from '../dialect.ts'
import { argsObject } from '../function-tools.ts'
import { present } from '../lenient.ts'
import { joinTexts } from '../texts.ts'
import { writeId, writeName } from './names.ts'

type Role = 'user' | 'assistant'

/** One text stays a text; blocks without words are refused by the service and left out. */
export function writeSystem(parts: readonly TextPart[]): Json | undefined {
  const blocks = parts.flatMap(writeText)
  return blocks.length === 0 ? undefined : plainest(blocks)
}

/**
 * Turns of one role in a row become one message: all results of parallel calls have to stand together, before anything
 * else the user says (https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use).
 */
export function writeMessages(turns: readonly Turn[], lost: Loss[]): readonly JsonObject[] {
  const messages: { readonly role: Role; readonly blocks: JsonObject[] }[] = []
  const said = new Set<Loss>()
  for (const turn of turns) {
    const role = turn.role === 'assistant' ? turn.role : 'user'
    const blocks = turn.role === 'system' ? writeReminder(turn, said) : turn.parts.flatMap(writer(said))
    const last = messages.at(-1)
    if (blocks.length === 0) continue
    if (last?.role === role) last.blocks.push(...blocks)
    else messages.push({ role, blocks })
  }
  if (messages.length === 0)
    throw new RequestError('invalid_request', 'the messages hold nothing that can be asked', 'messages')
  lost.push(...said)
  return messages.map(({ role, blocks }) => ({ role, content: plainest(resultsFirst(blocks)) }))
}

/**
 * Only some models take `role: "system"` between messages, and only behind a user's
 * (https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages).
 */
function writeReminder(turn: Turn, lost: Set<Loss>): JsonObject[] {
  const text = joinTexts(turn.parts)
  if (text.trim() === '') return []
  lost.add('system message between turns sent as text of the user')
  return [{ type: 'text', text: `<system-reminder>\n${text}\n</system-reminder>` }]
}

function writer(lost: Set<Loss>): (part: Part) => JsonObject[] {
  return (part) => {
    switch (part.type) {
      case 'text':
        return writeText(part)
      case 'image':
        return [{ type: 'image', source: { type: 'base64', media_type: part.mediaType, data: part.data } }]
      case 'image-url':
        return [writeImageUrl(part.url)]
      case 'file':
        return [writeFile(part)]
      case 'reasoning':
        return writeReasoning(part, lost)
      case 'tool-call':
        return [
          {
            type: 'tool_use',
            id: writeId(part.id),
            name: writeName(part.name),
            input: argsObject(part.args),
          },
        ]
      case 'tool-result':
        return [
          present({
            type: 'tool_result',
            tool_use_id: writeId(part.id),
            content: part.text,
            is_error: part.failed === true ? true : undefined,
          }),
        ]
    }
  }
}

function writeText({ text, cache }: TextPart): JsonObject[] {
  return text.trim() === '' ? [] : [present({ type: 'text', text, cache_control: cache })]
}

/** Thinking without its signature is refused by the service, and the model does without it. */
function writeReasoning(part: Extract<Part, { type: 'reasoning' }>, lost: Set<Loss>): JsonObject[] {
  const { text, signature, sealed } = part
  if (signature === undefined && sealed === undefined) lost.add('reasoning without a signature dropped')
  return [
    ...(signature === undefined ? [] : [{ type: 'thinking', thinking: text, signature }]),
    ...(sealed === undefined ? [] : [{ type: 'redacted_thinking', data: sealed }]),
  ]
}

function writeImageUrl(url: string): JsonObject {
  if (!url.startsWith('data:')) return { type: 'image', source: { type: 'url', url } }
  throw new RequestError(
    'invalid_request',
    'data: URLs that are not base64 are not supported by this route; send the image as a base64 data: URL',
    'messages',
  )
}

/** The wire has PDF in base64 and plain text. */
function writeFile({ mediaType, data, name }: Extract<Part, { type: 'file' }>): JsonObject {
  if (mediaType === 'application/pdf') {
    const source = { type: 'base64', media_type: mediaType, data }
    return present({ type: 'document', source, title: name })
  }
  if (mediaType.startsWith('text/') || mediaType === 'application/json') {
    const text = Buffer.from(data, 'base64').toString()
    return present({
      type: 'document',
      source: { type: 'text', media_type: 'text/plain', data: text },
      title: name,
    })
  }
  throw new RequestError(
    'invalid_request',
    `files of type "${mediaType}" are not supported by this route; send PDF or text`,
    'messages',
  )
}

function resultsFirst(blocks: readonly JsonObject[]): readonly JsonObject[] {
  const isResult = (block: JsonObject): boolean => block.type === 'tool_result'
  return [...blocks.filter(isResult), ...blocks.filter((block) => !isResult(block))]
}

function plainest(blocks: readonly JsonObject[]): Json {
  const [first] = blocks
  const isPlain = blocks.length === 1 && first?.type === 'text' && first.cache_control === undefined
  return isPlain ? (first.text ?? '') : blocks
}
