import { createDice } from './dice.ts'

/** The most words of a text that shape its vector one by one. */
const maxWords = 256

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}

/** A direction of its own for each seed; few of its numbers differ from zero, so that long lists of texts stay quick. */
function addDirection(vector: number[], seed: number): void {
  const dice = createDice(seed)
  for (let step = 0; step < 32; step += 1) vector[dice.int(vector.length)]! += dice.int(1000) + 1
}

/**
 * A stand-in for an embedding: a vector of length one, the same for the same text, closer for texts that share words. Its
 * numbers are exact in 32 bits, so that all ways to write it agree.
 */
export function vectorOf(text: string, dimensions: number): readonly number[] {
  const vector = Array.from({ length: dimensions }, () => 0)
  addDirection(vector, hashOf(text))
  for (const word of text.toLowerCase().split(/\s+/, maxWords)) addDirection(vector, hashOf(word))
  const length = Math.hypot(...vector) || 1
  return vector.map((value) => Math.fround(value / length))
}

/** The vector as base64 of little-endian 32-bit floats. */
export function base64Vector(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4)
  return bytes.toString('base64')
}
