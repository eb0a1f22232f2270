import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** A server in a process of its own, so that its CPU time can be told from everybody else's. */
export interface Contestant extends AsyncDisposable {
  readonly url: string
  /** User and system CPU so far, in milliseconds; NaN where the system does not tell. */
  cpuMs(): number
}

/** Starts a script and waits for the line that names its address. */
export async function startContestant(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Contestant> {
  const child = spawn(process.execPath, [...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await firstUrl(child)
  return {
    url,
    cpuMs: () => cpuMsOf(child.pid ?? 0),
    async [Symbol.asyncDispose]() {
      const closed = once(child, 'exit')
      child.kill('SIGTERM')
      await closed
    },
  }
}

async function firstUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no output to read the address from')
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\/\/[\d.]+:\d+/.exec(line)?.[0]
    if (url !== undefined) {
      child.stdout.resume()
      return url
    }
  }
  throw new Error(`a contestant ended before it listened (exit code ${child.exitCode})`)
}

// Linux only: fields 14 and 15 of /proc/<pid>/stat are user and system time in ticks of 10 ms.
function cpuMsOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) * 10
  } catch {
    return Number.NaN
  }
}
