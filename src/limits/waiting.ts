// More than any sane client has open at once; beyond it a call is refused instead of queued.
const maxWaiting = 1000

/** Calls that wait for one in flight to end, first come, first served. Bounded in number and time. */
export class WaitingLine {
  readonly #waiting: Set<() => void> = new Set()

  /** Resolves true when a call has ended, false after `ms`, when `signal` aborts, or when the line is full. */
  wait(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#waiting.size >= maxWaiting || signal?.aborted === true) return Promise.resolve(false)
    return new Promise((resolve) => {
      const leave = (called: boolean): void => {
        clearTimeout(timer)
        this.#waiting.delete(call)
        signal?.removeEventListener('abort', give)
        resolve(called)
      }
      const call = (): void => leave(true)
      const give = (): void => leave(false)
      const timer = setTimeout(give, ms)
      this.#waiting.add(call)
      signal?.addEventListener('abort', give, { once: true })
    })
  }

  /** A call has ended: whoever waits longest may try. */
  next(): void {
    const [first] = this.#waiting
    first?.()
  }
}
