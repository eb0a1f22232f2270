import { execFile } from 'node:child_process'

export interface Result {
  readonly code: number
  readonly out: string
}

/** Runs promtool or prometheus to its end. Without the program the test fails and says what to install. */
export function runTool(
  name: 'promtool' | 'prometheus',
  args: readonly string[],
  options: { readonly input?: string; readonly cwd?: string } = {},
): Promise<Result> {
  return new Promise((done, failed) => {
    const child = execFile(name, args, { timeout: 60_000, cwd: options.cwd }, (error, out, err) => {
      if (error !== null && error.code === 'ENOENT') failed(missing(name))
      else done({ code: error === null ? 0 : Number(error.code ?? 1), out: out + err })
    })
    child.stdin?.on('error', () => {})
    child.stdin?.end(options.input)
  })
}

export function missing(name: string): Error {
  return new Error(
    `${name} is not installed: on Debian or Ubuntu "apt-get install prometheus"; elsewhere put it in PATH from https://prometheus.io/download`,
  )
}
