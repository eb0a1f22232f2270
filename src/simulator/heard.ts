import { base64Bytes } from './answer.ts'

/** What a reader has taken in of a conversation, whichever API it came through. */
export class Heard {
  readonly imageBytes: number[] = []
  #chars = 0
  #lastUserText = ''
  #toolResult: string | undefined

  /** Characters of the whole prompt. */
  get chars(): number {
    return this.#chars
  }

  get lastUserText(): string {
    return this.#lastUserText
  }

  /** The text of the tool result the conversation ends with. */
  get toolResult(): string | undefined {
    return this.#toolResult
  }

  /** One message, or one tool result (role `tool`). Instructions in between do not end a conversation. */
  say(role: string, text: string): void {
    this.count(text)
    if (role === 'system' || role === 'developer') return
    this.#toolResult = role === 'tool' ? text : undefined
    if (role === 'user') this.#lastUserText = text
  }

  /** Text that only costs tokens. */
  count(text: string): void {
    this.#chars += text.length
  }

  /** An image by its address; a `data:` address holds its bytes. */
  see(url: string): void {
    const comma = url.startsWith('data:') ? url.indexOf(',') : -1
    this.imageBytes.push(comma === -1 ? 0 : base64Bytes(url.slice(comma + 1)))
  }
}
