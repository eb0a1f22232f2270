const patienceMs = 1000

/** Awaits something; when it takes longer than a second a terminal says what is going on, and afterwards shows nothing of it. */
export async function withProgress<Value>(what: string, work: Promise<Value>): Promise<Value> {
  if (!process.stderr.isTTY) return work
  let stop = (): void => {}
  const timer = setTimeout(() => {
    void import('@clack/prompts').then(({ spinner }) => {
      if (done) return
      const shown = spinner({ output: process.stderr })
      shown.start(what)
      stop = () => shown.clear()
    })
  }, patienceMs)
  let done = false
  try {
    return await work
  } finally {
    done = true
    clearTimeout(timer)
    stop()
  }
}
