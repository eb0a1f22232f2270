import { createHash } from 'node:crypto'
import { inspect } from 'node:util'

/** A key that prints as `[redacted]` wherever it is turned to text; only `reveal` gives the value. */
export class Secret {
  readonly #value: string
  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  /** At most the first 8 characters, fewer of a short secret: enough to recognise a key, useless to guess it. */
  get masked(): string {
    const shown = Math.min(8, Math.floor(this.#value.length / 4))
    return `${this.#value.slice(0, shown)}…`
  }

  /** A short one-way mark that changes when the secret does, so that state about an old key is not held against a new one. */
  get fingerprint(): string {
    return createHash('sha256').update(this.#value).digest('hex').slice(0, 12)
  }

  /** Foreign text without this key, whatever shape the key has: some services quote the one they refuse. */
  hiddenIn(text: string): string {
    // A very short key may be any word; cutting that out would only garble the text.
    return this.#value.length < 8 ? text : text.replaceAll(this.#value, '[key]')
  }

  toString(): string {
    return '[redacted]'
  }

  toJSON(): string {
    return '[redacted]'
  }

  static {
    Object.defineProperty(this.prototype, inspect.custom, { value: () => '[redacted]' })
  }
}
