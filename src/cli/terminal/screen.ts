import { once } from 'node:events'

const enter = '\u001b[?1049h\u001b[?25l'
const leave = '\u001b[?25h\u001b[?1049l'
const home = '\u001b[H'
const clearLine = '\u001b[K'
const clearRest = '\u001b[J'

export interface Screen {
  readonly output: NodeJS.WriteStream
  readonly everyMs: number
  /** Ends it. */
  readonly signal: AbortSignal
  /** What the screen shows now. */
  draw(): Promise<string>
}

/**
 * Shows something again and again on the terminal's second screen, in place and without flicker, until `signal`. What stood
 * on the terminal before stands there afterwards, also when drawing fails.
 */
export async function showAgain({ output, everyMs, signal, draw }: Screen): Promise<void> {
  output.write(enter)
  try {
    while (!signal.aborted) {
      const text = await draw()
      if (signal.aborted) return
      output.write(home + fitted(text, output.rows ?? 24).join(`${clearLine}\n`) + clearLine + clearRest)
      await pause(everyMs, output, signal)
    }
  } finally {
    output.write(leave)
  }
}

/** Everything if it fits, else the beginning and how much is missing. */
function fitted(text: string, rows: number): string[] {
  const lines = text.split('\n')
  if (lines.length <= rows) return lines
  return [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more lines; enlarge the window`]
}

/** Until it is time, the window changes its size, or it is over. */
async function pause(ms: number, output: NodeJS.WriteStream, signal: AbortSignal): Promise<void> {
  const done = new AbortController()
  const time = setTimeout(() => done.abort(), ms)
  const both = AbortSignal.any([signal, done.signal])
  await once(output, 'resize', { signal: both }).catch(() => {})
  clearTimeout(time)
}

/** Aborts at the first Ctrl-C or SIGTERM; a second one ends the process as usual. */
export function interrupted(): AbortSignal {
  const controller = new AbortController()
  const stop = (): void => controller.abort()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  return controller.signal
}
