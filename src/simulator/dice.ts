/** Everything random in the simulator, from one seed. */
export interface Dice {
  /** A whole number from 0 up to, not including, `below`. */
  int(below: number): number
  pick<T>(list: readonly T[]): T | undefined
  hex(length: number): string
  /** Letters and digits, as OpenRouter's generation ids have. */
  alphanumeric(length: number): string
  /** Lower-case letters and digits, as Ollama's call ids have. */
  lowercase(length: number): string
  uuid(): string
}

const hexDigits = '0123456789abcdef'
const lower = 'abcdefghijklmnopqrstuvwxyz0123456789'
const mixed = `ABCDEFGHIJKLMNOPQRSTUVWXYZ${lower}`

/** Mulberry32: small, fast and the same on every machine; nothing here needs to be unguessable. */
export function createDice(seed: number): Dice {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixedBits = Math.imul(state ^ (state >>> 15), state | 1)
    mixedBits ^= mixedBits + Math.imul(mixedBits ^ (mixedBits >>> 7), mixedBits | 61)
    return ((mixedBits ^ (mixedBits >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (below: number): number => Math.floor(next() * below)
  const letters = (alphabet: string, length: number): string => {
    let text = ''
    for (let index = 0; index < length; index += 1) text += alphabet[int(alphabet.length)]
    return text
  }
  const hex = (length: number): string => letters(hexDigits, length)
  return {
    int,
    pick: (list) => list[int(list.length)],
    hex,
    alphanumeric: (length) => letters(mixed, length),
    lowercase: (length) => letters(lower, length),
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${letters('89ab', 1)}${hex(3)}-${hex(12)}`,
  }
}
