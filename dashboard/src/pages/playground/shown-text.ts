// An answer of this length is read by nobody; a page that kept more would only grow.
const mostCharacters = 1_000_000
// A browser lays out anew only the piece that grows.
const pieceCharacters = 4_000

/** Text as it comes in, in pieces to be shown below each other, up to a million characters. */
export class ShownText {
  readonly #pieces: string[] = []
  #tail = ''
  #length = 0
  #dropped = 0

  push(text: string): void {
    const kept = text.slice(0, mostCharacters - this.#length)
    this.#length += kept.length
    this.#dropped += text.length - kept.length
    this.#tail += kept
    // At line breaks only: what stands below each other is on lines of its own anyway.
    const end = this.#tail.length < pieceCharacters ? -1 : this.#tail.lastIndexOf('\n')
    if (end === -1) return
    this.#pieces.push(this.#tail.slice(0, end))
    this.#tail = this.#tail.slice(end + 1)
  }

  /** Together with a line break between each two of them they are the text. */
  get pieces(): readonly string[] {
    return this.#length === 0 ? [] : [...this.#pieces, this.#tail]
  }

  /** How many characters more came, and are not kept. */
  get dropped(): number {
    return this.#dropped
  }
}
