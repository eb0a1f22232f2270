import type { Json, JsonObject } from '../../chat/types.ts'
import { asList, asObject, asText, isList, type Loose } from '../lenient.ts'

const bytesPerToken = 4
// What the largest image that is not scaled down costs: https://platform.claude.com/docs/en/build-with-claude/vision
const tokensPerImage = 1600
// A page of PDF has about 50 KB in base64 and costs 1,500 to 3,000 tokens
// (https://platform.claude.com/docs/en/build-with-claude/pdf-support).
const pdfBytesPerToken = 25
const tokensPerMessage = 4
// More than any real request holds; what lies beyond is not counted, so that nobody can keep us counting.
const mostValues = 500_000
// Blocks in a result, and those of a document in it.
const deepestBlocks = 3

interface Count {
  bytes: number
  tokens: number
  values: number
}

/** About how many tokens a Messages request has, for clients that ask before they send. An estimate by its size. */
export function countTokens(body: JsonObject): number {
  const count: Count = { bytes: 0, tokens: 0, values: 0 }
  countContent(body.system, count, deepestBlocks)
  for (const value of asList(body.messages)) {
    if (count.values > mostValues) break
    count.tokens += tokensPerMessage
    countContent(asObject(value)?.content, count, deepestBlocks)
  }
  for (const tool of asList(body.tools)) {
    if (count.values > mostValues) break
    const { cache_control: _, ...said } = asObject(tool) ?? {}
    countJson(said, count)
  }
  const format = asObject(body.output_config)?.format
  if (format !== undefined) countJson(format, count)
  return Math.ceil(count.bytes / bytesPerToken) + count.tokens
}

function countContent(content: Loose, count: Count, depth: number): void {
  if (typeof content === 'string') countText(content, count)
  if (!isList(content) || depth === 0) return
  for (const block of content) {
    if (count.values > mostValues) return
    countBlock(asObject(block) ?? {}, count, depth - 1)
  }
}

function countBlock(block: JsonObject, count: Count, depth: number): void {
  count.values++
  switch (block.type) {
    case 'text':
      return countText(block.text, count)
    case 'thinking':
      return countText(block.thinking, count)
    case 'redacted_thinking':
      return
    case 'image':
      count.tokens += tokensPerImage
      return
    case 'document': {
      const source = asObject(block.source) ?? {}
      countText(block.title, count)
      countText(block.context, count)
      if (source.type === 'text') return countText(source.data, count)
      if (source.type === 'content') return countContent(source.content, count, depth)
      count.tokens += Math.max(
        tokensPerImage,
        Math.ceil((asText(source.data)?.length ?? 0) / pdfBytesPerToken),
      )
      return
    }
    case 'tool_use':
      countText(block.name, count)
      return countJson(block.input ?? null, count)
    case 'tool_result':
      return countContent(block.content, count, depth)
    default: {
      const { cache_control: _, type: _type, ...said } = block
      countJson(said, count)
    }
  }
}

// Bytes rather than characters: text in other alphabets has more tokens a character, and more bytes.
function countText(text: Loose, count: Count): void {
  count.values++
  if (typeof text === 'string') count.bytes += Buffer.byteLength(text)
}

/** The size of a value as JSON. Without recursion, since a client decides how deep it is. */
function countJson(value: Json, count: Count): void {
  const left: Json[] = [value]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (count.values++ > mostValues) return
    if (typeof next === 'string') {
      count.bytes += Buffer.byteLength(next) + 2
    } else if (isList(next)) {
      for (const item of next) {
        if (left.length > mostValues) return
        count.bytes += 1
        left.push(item)
      }
    } else if (typeof next === 'object' && next !== null) {
      for (const name in next) {
        if (left.length > mostValues) return
        count.bytes += Buffer.byteLength(name) + 4
        left.push(next[name] ?? null)
      }
    } else {
      count.bytes += 4
    }
  }
}
