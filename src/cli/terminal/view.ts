import { paintFor, type Paint } from './paint.ts'

/** What a text for people is made for. */
export interface View {
  /** Columns; Infinity where nothing is cut, as in a pipe. */
  readonly width: number
  readonly paint: Paint
  /** Epoch milliseconds. */
  readonly now: number
  /** IANA name; left out: the machine's own. */
  readonly timeZone?: string
}

/** Of this process's output. `COLUMNS` sets the width where there is no terminal. */
export function viewOf(now: number = Date.now()): View {
  const told = Number(process.env['COLUMNS'])
  const width = process.stdout.columns ?? (told >= 20 ? told : Infinity)
  return { width, paint: paintFor(process.stdout), now }
}
