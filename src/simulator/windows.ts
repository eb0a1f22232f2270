/** A stretch of time in epoch milliseconds: `from` belongs to it, `until` does not. */
export interface Window {
  readonly from: number
  readonly until: number
}

export type WindowAt = (now: number) => Window

export const minuteMs = 60_000
export const hourMs = 3_600_000
export const dayMs = 86_400_000

/** 1970-01-05 was the first Monday after the epoch. */
const firstMonday = 4 * dayMs
const sessionMs = 18_000_000

function grid(now: number, size: number, origin = 0): Window {
  const from = origin + Math.floor((now - origin) / size) * size
  return { from, until: from + size }
}

export const minuteWindow: WindowAt = (now) => grid(now, minuteMs)

export const hourWindow: WindowAt = (now) => grid(now, hourMs)

export const dayWindow: WindowAt = (now) => grid(now, dayMs)

/**
 * Ollama's legacy 5-hour session: one grid for everybody, turning when the unix second divides by 18000
 * (https://github.com/Sarrius/pi-multi-account/issues/30).
 */
export const sessionWindow: WindowAt = (now) => grid(now, sessionMs)

/** Weeks turn on Monday 00:00 UTC. */
export const weekWindow: WindowAt = (now) => grid(now, 7 * dayMs, firstMonday)

/** The calendar month, UTC. */
export const monthWindow: WindowAt = (now) => billingMonth(0)(now)

/** Months counted from `anchor`; on the 31st of a short month the boundary moves to that month's last day. */
export function billingMonth(anchor: number): WindowAt {
  const start = new Date(anchor)
  const timeOfDay = anchor - dayWindow(anchor).from
  const boundary = (month: number): number => {
    const last = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + month + 1, 0)).getUTCDate()
    const day = Math.min(start.getUTCDate(), last)
    return Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + month, day) + timeOfDay
  }
  return (now) => {
    const date = new Date(now)
    const years = date.getUTCFullYear() - start.getUTCFullYear()
    let month = years * 12 + date.getUTCMonth() - start.getUTCMonth()
    if (boundary(month) > now) month -= 1
    return { from: boundary(month), until: boundary(month + 1) }
  }
}

/** A number that falls back to zero whenever its window turns. */
export class WindowCount {
  readonly #windowAt: WindowAt
  #window: Window
  #count: number

  constructor(windowAt: WindowAt, now: number, count = 0) {
    this.#windowAt = windowAt
    this.#window = windowAt(now)
    this.#count = count
  }

  window(now: number): Window {
    if (now < this.#window.from || now >= this.#window.until) {
      this.#window = this.#windowAt(now)
      this.#count = 0
    }
    return this.#window
  }

  count(now: number): number {
    this.window(now)
    return this.#count
  }

  /** Adds and returns the new count. */
  add(now: number, amount = 1): number {
    this.window(now)
    this.#count += amount
    return this.#count
  }
}
