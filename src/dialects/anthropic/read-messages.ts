import type { JsonObject, Part, TextPart, Turn } from '../../chat/types.ts'
import { argsText } from '../function-tools.ts'
import { asList, asObject, asText, type Loose } from '../lenient.ts'
import { joinTexts } from '../texts.ts'

const attribution = 'x-anthropic-billing-header:'

/** System messages at the head belong to the system prompt; later ones keep their place. */
export function readMessages(
  system: Loose,
  messages: Loose,
): { readonly system: readonly TextPart[]; readonly turns: readonly Turn[] } {
  const head: TextPart[] = readSystem(system)
  const turns: Turn[] = []
  for (const value of asList(messages)) {
    const message = asObject(value)
    const role = asText(message?.role)?.toLowerCase()
    const parts = readBlocks(message?.content)
    if (role !== 'system') turns.push({ role: role === 'assistant' ? role : 'user', parts })
    else if (turns.length === 0) head.push(...parts.filter((part) => part.type === 'text'))
    else if (parts.length > 0) turns.push({ role, parts })
  }
  return { system: head, turns }
}

/**
 * Claude Code's first block says which build calls and carries a number that differs with every request. It means
 * nothing to other services and would keep them from caching all that follows
 * (https://github.com/anthropics/claude-code/issues/68900).
 */
function readSystem(system: Loose): TextPart[] {
  return readBlocks(system).flatMap((part) => {
    if (part.type !== 'text') return []
    if (!part.text.startsWith(attribution)) return [part]
    const lineEnd = part.text.indexOf('\n')
    const rest = lineEnd === -1 ? '' : part.text.slice(lineEnd + 1).trimStart()
    return rest === '' ? [] : [{ ...part, text: rest }]
  })
}

export function readBlocks(content: Loose): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  return asList(content).flatMap((value) => readBlock(asObject(value) ?? {}))
}

/** Blocks without a neutral form give nothing; `untold` says which of them may be left out. */
export function readBlock(block: JsonObject): Part[] {
  switch (block.type) {
    case 'text': {
      const cache = asObject(block.cache_control)
      return [{ type: 'text', text: asText(block.text) ?? '', ...(cache === undefined ? {} : { cache }) }]
    }
    case 'image':
      return readImage(asObject(block.source) ?? {})
    case 'document':
      return readDocument(asObject(block.source) ?? {}, asText(block.title))
    case 'search_result': {
      const found = joinTexts(readBlocks(block.content))
      const lines = [asText(block.title), asText(block.source), found]
      return [{ type: 'text', text: lines.filter((line) => line !== undefined && line !== '').join('\n') }]
    }
    case 'tool_reference':
      return [{ type: 'text', text: `The tool ${asText(block.tool_name) ?? ''} is available now.` }]
    case 'compaction':
      // What stands for the conversation so far, where it is readable.
      return readBlocks(asText(block.content))
    case 'thinking': {
      const text = asText(block.thinking) ?? ''
      // Ours carry none when they come from a service that signs nothing.
      const signature = asText(block.signature) ?? ''
      if (text === '' && signature === '') return []
      return [{ type: 'reasoning', text, ...(signature === '' ? {} : { signature }) }]
    }
    case 'redacted_thinking':
      return [{ type: 'reasoning', text: '', sealed: asText(block.data) ?? '' }]
    case 'tool_use': {
      const facts = { id: asText(block.id) ?? '', name: asText(block.name) ?? '' }
      return [{ type: 'tool-call', ...facts, args: argsText(block.input) }]
    }
    case 'tool_result':
      return readResult(block)
    default:
      return []
  }
}

/** Neutral results are text: images and documents in them follow as parts of the same turn. */
function readResult(block: JsonObject): Part[] {
  const parts = readBlocks(block.content)
  const others = parts.filter((part) => part.type !== 'text')
  const id = asText(block.tool_use_id) ?? ''
  const failed = block.is_error === true ? { failed: true } : {}
  return [{ type: 'tool-result', id, text: joinTexts(parts), ...failed }, ...others]
}

function readImage(source: JsonObject): Part[] {
  const url = asText(source.url)
  if (source.type === 'url' && url !== undefined) return [{ type: 'image-url', url }]
  const data = asText(source.data)
  if (source.type !== 'base64' || data === undefined) return []
  return [{ type: 'image', mediaType: asText(source.media_type) ?? 'image/png', data }]
}

function readDocument(source: JsonObject, title: string | undefined): Part[] {
  const heading: Part[] = title === undefined || title === '' ? [] : [{ type: 'text', text: title }]
  if (source.type === 'content') return [...heading, ...readBlocks(source.content)]
  const data = asText(source.data)
  if (data === undefined) return []
  if (source.type === 'text') return [...heading, { type: 'text', text: data }]
  if (source.type !== 'base64') return []
  const mediaType = asText(source.media_type) ?? 'application/pdf'
  return [{ type: 'file', mediaType, data, ...(title === undefined ? {} : { name: title }) }]
}
