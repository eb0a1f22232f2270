// Longer than any frame the gateway passes on (4 MiB).
const mostCharacters = 8_000_000

/**
 * Cuts server-sent events out of text that comes in pieces, and gives the data of each. Throws when one event never ends.
 * The form is the one of https://html.spec.whatwg.org/multipage/server-sent-events.html; only `data` is looked at.
 */
export class EventStream {
  #rest = ''
  #data: string[] = []
  #size = 0

  /** The data of every event that ended in this piece. */
  feed(piece: string): readonly string[] {
    // A line end may be cut in two: a carriage return at the end waits for what follows.
    const isWhole = /[\r\n]/.test(piece) || this.#rest.endsWith('\r')
    const text = this.#rest + piece
    if (!isWhole) {
      this.#keep(text)
      return []
    }
    const end = text.endsWith('\r') ? text.length - 1 : text.length
    const lines = text.slice(0, end).split(/\r\n|\n|\r/)
    const last = lines.pop() ?? ''
    const events = lines.flatMap((line) => this.#line(line))
    this.#keep(last + text.slice(end))
    return events
  }

  #line(line: string): readonly string[] {
    if (line === '') {
      const data = this.#data
      this.#data = []
      this.#size = 0
      return data.length === 0 ? [] : [data.join('\n')]
    }
    if (!line.startsWith('data')) return []
    if (line !== 'data' && line[4] !== ':') return []
    const value = line.slice(5)
    this.#data.push(value.startsWith(' ') ? value.slice(1) : value)
    this.#size += value.length
    return []
  }

  #keep(rest: string): void {
    this.#rest = rest
    if (this.#size + rest.length > mostCharacters)
      throw new Error('the answer holds an event that is too large to be shown')
  }
}
