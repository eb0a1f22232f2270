import type { RouterError } from '../errors.ts'

interface Asker {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: RouterError) => void
}

/** Questions that the ledger's thread has been asked and has not answered. */
export class Questions {
  readonly #askers = new Map<number, Asker>()
  readonly #onChange: (change: 1 | -1) => void
  #last = 0

  /** `onChange` is told when one more or one less waits for an answer. */
  constructor(onChange: (change: 1 | -1) => void) {
    this.#onChange = onChange
  }

  /** A new question; the thread answers each with the type that the store's method names. */
  add<T>(): { readonly ask: number; readonly answer: Promise<T> } {
    this.#last += 1
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#askers.set(this.#last, { resolve: (answer) => resolve(answer as T), reject })
    this.#onChange(1)
    return { ask: this.#last, answer: promise }
  }

  answer(ask: number, answer: unknown): void {
    this.#take(ask)?.resolve(answer)
  }

  fail(ask: number, error: RouterError): void {
    this.#take(ask)?.reject(error)
  }

  failAll(error: RouterError): void {
    for (const ask of this.#askers.keys()) this.fail(ask, error)
  }

  #take(ask: number): Asker | undefined {
    const asker = this.#askers.get(ask)
    if (this.#askers.delete(ask)) this.#onChange(-1)
    return asker
  }
}
