import type { Answer, Question } from '../answer.ts'
import type { Headers } from '../exchange.ts'
import { isRecord, parseJson, readString, type Json } from '../json.ts'
import type { Frame } from '../play.ts'
import type { TokenUse } from './models.ts'
import type { OllamaRefusal } from './errors.ts'

/** A request as read from one of the APIs. */
export interface OllamaRequest {
  readonly model: string
  readonly streaming: boolean
  /** False when thinking is switched off or not mentioned. */
  readonly thinks: boolean
  readonly question: Question
  /** The OpenAI form sends usage in a stream only when asked. */
  readonly includeUsage?: boolean
  /** The texts of which vectors are wanted, and how long those may be. */
  readonly embeds?: { readonly texts: readonly string[]; readonly dimensions: number }
}

/** An answer on its way out. */
export interface OllamaResult {
  /** The name as the client wrote it. */
  readonly model: string
  readonly now: number
  readonly answer: Answer
  readonly use: TokenUse
  readonly callIds: readonly string[]
  /** A number below 999: the OpenAI form's ids are not unique. */
  readonly number: number
  readonly includeUsage: boolean
  /** False leaves the token counts out, by a scripted fault. */
  readonly showsUse: boolean
  readonly vectors: readonly (readonly number[])[]
}

/** One API of Ollama Cloud that answers with inference. */
export interface OllamaDialect {
  readonly streamHeaders: Headers
  /** Asks for vectors instead of words. */
  readonly embeds?: true
  read(body: Json): OllamaRequest | OllamaRefusal
  /** The whole answer as one body. */
  write(result: OllamaResult): string
  frames(result: OllamaResult, wordsPerChunk: number): Iterable<Frame>
  /** What comes when the answer fails after its start. */
  errorFrame(result: OllamaResult, text: string): string
}

export function isOllamaRefusal(value: object): value is OllamaRefusal {
  return 'kind' in value && 'status' in value
}

function objectFrom(text: string, start: number): Json | undefined {
  let depth = 0
  let inString = false
  for (let index = start; index < text.length; index += 1) {
    const char = text[index]
    if (inString) {
      if (char === '\\') index += 1
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === '{') depth += 1
    else if (char === '}' && (depth -= 1) === 0) {
      const value = parseJson(text.slice(start, index + 1))
      return isRecord(value) ? value : undefined
    }
  }
  return undefined
}

const maxSchemaStarts = 20

/**
 * The JSON Schema a system prompt asks for. The cloud pays no attention to `format`
 * (https://github.com/ollama/ollama/issues/12362), so a prompt is the only way to get JSON out of it.
 */
export function schemaInPrompt(systemText: string): Json | undefined {
  if (!/\bJSON\b/i.test(systemText)) return undefined
  let start = systemText.indexOf('{')
  for (let tries = 0; start !== -1 && tries < maxSchemaStarts; tries += 1) {
    const found = objectFrom(systemText, start)
    if (found !== undefined && (isRecord(found['properties']) || typeof found['type'] === 'string'))
      return found
    start = systemText.indexOf('{', start + 1)
  }
  return undefined
}

/** Whether each tool result follows an assistant turn that called tools (https://github.com/ollama/ollama/issues/12395). */
export function toolResultsMatch(messages: readonly Json[]): boolean {
  let called = false
  for (const message of messages) {
    const role = readString(message['role'])?.toLowerCase()
    if (role === 'tool' && !called) return false
    if (role !== 'tool') {
      const calls = message['tool_calls']
      called = role === 'assistant' && Array.isArray(calls) && calls.length > 0
    }
  }
  return true
}
