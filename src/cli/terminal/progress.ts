const patienceMs = 1000
const frameMs = 80
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const clearLine = '\r\u001b[K'

/**
 * Awaits something; when it takes longer than a second a terminal says what is going on, and afterwards shows nothing of it.
 * Not the spinner of @clack/prompts (1.9.0): that one takes Ctrl-C for itself and ends the process with exit code 0.
 */
export async function withProgress<Value>(what: string, work: Promise<Value>): Promise<Value> {
  const { stderr } = process
  if (!stderr.isTTY) return work
  let shown = 0
  let frame: NodeJS.Timeout | undefined
  const patience = setTimeout(() => {
    const draw = (): void => void stderr.write(`${clearLine}${frames[shown++ % frames.length]} ${what}`)
    draw()
    frame = setInterval(draw, frameMs)
  }, patienceMs)
  try {
    return await work
  } finally {
    clearTimeout(patience)
    clearInterval(frame)
    if (shown > 0) stderr.write(clearLine)
  }
}
