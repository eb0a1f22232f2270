// Long enough for a person to read an answer; the services forget their caches in about as long.
const memoryMs = 600_000
const maxConversations = 10_000

/** Which account last served a conversation, so that its next turn finds the prompt cache warm. Bounded in number and time. */
export class Sticky<Owner> {
  readonly #owners: Map<string, { readonly owner: Owner; readonly at: number }> = new Map()

  owner(conversation: string, now: number): Owner | undefined {
    const found = this.#owners.get(conversation)
    return found !== undefined && now - found.at < memoryMs ? found.owner : undefined
  }

  remember(conversation: string, owner: Owner, now: number): void {
    // Set anew, so that the map stays in the order of last use and the oldest goes first.
    this.#owners.delete(conversation)
    this.#owners.set(conversation, { owner, at: now })
    if (this.#owners.size > maxConversations) this.#owners.delete(this.#owners.keys().next().value ?? '')
  }
}
