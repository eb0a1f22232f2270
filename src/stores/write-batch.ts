import type { RouterError } from '../errors.ts'

/** Somebody who waits for rows to be on disk. */
export interface Waiter {
  /** The place of its row in the batch; undefined: it waits for the whole batch. */
  readonly index: number | undefined
  readonly resolve: () => void
  readonly reject: (error: RouterError) => void
}

/** Rows that went to the ledger's thread together and are not known to be on disk. */
export class WriteBatch {
  /** How many rows. */
  readonly size: number
  #waiters: readonly Waiter[]
  readonly #timer: NodeJS.Timeout
  #onQuiet: (() => void) | undefined

  /**
   * `late` makes the error for those who waited `waitMs` in vain. `onQuiet` is called once, when nobody can be waiting
   * any more. One timer for the batch, not one for each row: a busy second has thousands.
   */
  constructor(
    size: number,
    waiters: readonly Waiter[],
    options: { readonly waitMs: number; readonly late: () => RouterError; readonly onQuiet: () => void },
  ) {
    this.size = size
    this.#waiters = waiters
    this.#onQuiet = options.onQuiet
    this.#timer = setTimeout(() => this.fail(options.late()), options.waitMs)
    this.#timer.unref()
  }

  /** The rows are on disk, but for those named in `refused`. */
  written(refused: ReadonlyMap<number | undefined, RouterError>): void {
    for (const waiter of this.#end()) {
      const refusal = refused.get(waiter.index)
      if (refusal === undefined) waiter.resolve()
      else waiter.reject(refusal)
    }
  }

  fail(error: RouterError): void {
    for (const waiter of this.#end()) waiter.reject(error)
  }

  #end(): readonly Waiter[] {
    const waiters = this.#waiters
    this.#waiters = []
    clearTimeout(this.#timer)
    this.#onQuiet?.()
    this.#onQuiet = undefined
    return waiters
  }
}
