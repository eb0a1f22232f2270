import { tokensOf } from '../../answer.ts'
import { Heard } from '../../heard.ts'
import { isRecord } from '../../json.ts'
import { hearContent } from '../../openai-question.ts'

/** One thing to embed. */
export interface EmbeddingInput {
  /** What decides its vector. */
  readonly text: string
  readonly tokens: number
  readonly imageBytes: readonly number[]
}

function isTokens(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => Number.isInteger(item))
}

function readInput(value: unknown): EmbeddingInput | undefined {
  if (typeof value === 'string') {
    return value === '' ? undefined : { text: value, tokens: tokensOf(value.length), imageBytes: [] }
  }
  if (isTokens(value)) return { text: `tokens ${value.join(' ')}`, tokens: value.length, imageBytes: [] }
  if (!isRecord(value)) return undefined
  const heard = new Heard()
  const said = hearContent(value['content'], heard)
  const images = heard.imageBytes.map((size) => ` image of ${size} bytes`).join('')
  if (said === '' && images === '') return undefined
  return { text: said + images, tokens: tokensOf(said.length), imageBytes: heard.imageBytes }
}

/** Reads `input`: a text, tokens, contents of text and images, or a list of one of them; undefined when it is none. */
export function readInputs(value: unknown): readonly EmbeddingInput[] | undefined {
  const values = Array.isArray(value) && !isTokens(value) ? (value as unknown[]) : [value]
  const inputs = values.map(readInput).filter((input) => input !== undefined)
  return inputs.length === values.length && inputs.length > 0 ? inputs : undefined
}
