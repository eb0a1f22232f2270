// More than any sane client has open at once; beyond it a call is refused instead of queued.
const maxWaiting = 1000

/** Where a call stands in a line. It keeps its place while it tries what it was called for. */
export interface Place {
  readonly line: WaitingLine
  readonly number: number
}

/** Calls that wait for one in flight to end, first come, first served. Bounded in number. */
export class WaitingLine {
  readonly #waiting: Map<number, () => void> = new Map()
  #given = 0

  place(): Place {
    return { line: this, number: this.#given++ }
  }

  /** False when the line is full. */
  join({ number }: Place, called: () => void): boolean {
    if (this.#waiting.size >= maxWaiting) return false
    this.#waiting.set(number, called)
    return true
  }

  leave({ number }: Place): void {
    this.#waiting.delete(number)
  }

  /**
   * A call has ended: whoever waits longest may try. With `after`, whoever waits longest behind that place: the slot
   * was of no use to it, and may be to another, whose model or size is a different one.
   */
  next(after?: Place): void {
    const from = after?.number ?? -1
    let first = Infinity
    for (const number of this.#waiting.keys()) if (number > from && number < first) first = number
    this.#waiting.get(first)?.()
  }
}

/**
 * Waits in several lines at once and resolves to the place that is called first, when all others have been left.
 * Undefined after `ms`, when `signal` aborts, or when every line is full.
 */
export function firstCalled(
  places: readonly Place[],
  ms: number,
  signal: AbortSignal | undefined,
): Promise<Place | undefined> {
  if (signal?.aborted === true) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const end = (called?: Place): void => {
      clearTimeout(timer)
      for (const place of places) place.line.leave(place)
      signal?.removeEventListener('abort', give)
      resolve(called)
    }
    const give = (): void => end()
    const timer = setTimeout(give, ms)
    signal?.addEventListener('abort', give, { once: true })
    const joined = places.filter((place) => place.line.join(place, () => end(place)))
    if (joined.length === 0) give()
  })
}
