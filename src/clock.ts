/** Where the code learns what time it is. Everything that decides by time takes one, so tests and the simulator can move it. */
export interface Clock {
  /** Wall time in epoch milliseconds. */
  now(): number
}

/** A number in [0, 1), like `Math.random`. */
export type Random = () => number

export const systemClock: Clock = { now: () => Date.now() }

/** A clock that runs with real time from a movable starting point. */
export interface MovableClock extends Clock {
  /** Jumps to `epochMs`; time runs on from there. */
  set(epochMs: number): void
  advance(ms: number): void
}

/** A clock that stands still until it is moved (`running: false`) or runs with real time from `start`. */
export function createMovableClock(options: { start?: number; running?: boolean } = {}): MovableClock {
  const running = options.running ?? false
  let base = options.start ?? Date.now()
  let since = performance.now()
  const now = (): number => Math.floor(running ? base + (performance.now() - since) : base)
  const set = (epochMs: number): void => {
    base = epochMs
    since = performance.now()
  }
  return { now, set, advance: (ms) => set(now() + ms) }
}
