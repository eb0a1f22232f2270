import type { ChatEvent, Json, Usage } from '../chat/types.ts'
import { unreadable } from './error-event.ts'
import { isList, type Loose } from './lenient.ts'

// A vector travels as an array of numbers, or as base64 of 32-bit floats, little-endian.

const bytesPerFloat = 4

/** Whether this can be read as a vector. */
export function isVector(value: Loose): value is readonly number[] | string {
  if (typeof value === 'string')
    return value !== '' && Buffer.byteLength(value, 'base64') % bytesPerFloat === 0
  return isList(value) && value.length > 0 && value.every((number) => Number.isFinite(number))
}

/** As an array of numbers, whichever form it came in. */
export function asNumbers(vector: Json): Json {
  if (typeof vector !== 'string') return vector
  const bytes = Buffer.from(vector, 'base64')
  const numbers: number[] = []
  for (let at = 0; at + bytesPerFloat <= bytes.length; at += bytesPerFloat)
    numbers.push(bytes.readFloatLE(at))
  return numbers
}

/** As base64, whichever form it came in. */
export function asBase64(vector: Json): Json {
  if (!isList(vector)) return vector
  const bytes = Buffer.alloc(vector.length * bytesPerFloat)
  for (const [index, number] of vector.entries()) bytes.writeFloatLE(Number(number), index * bytesPerFloat)
  return bytes.toString('base64')
}

/** An answer of vectors as events; an error when one of them cannot be read, or none came. */
export function vectorEvents(answer: {
  readonly model: string
  readonly id?: string
  readonly created?: number
  readonly vectors: readonly Loose[]
  readonly usage: Usage | undefined
}): readonly ChatEvent[] {
  const { model, id = '', created, usage } = answer
  const vectors = answer.vectors.filter(isVector)
  if (vectors.length === 0 || vectors.length < answer.vectors.length)
    return [unreadable("the upstream's answer has no vectors that can be read")]
  return [
    { type: 'message-start', id, model, ...(created === undefined ? {} : { created }) },
    { type: 'vectors', vectors },
    ...(usage === undefined ? [] : [{ type: 'usage' as const, usage }]),
    { type: 'message-end' },
  ]
}
