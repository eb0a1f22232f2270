import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export const clientKey = 'kill-test-client-key-0123456789'

const ownGateway: readonly string[] = [
  join(import.meta.dirname, '../../bin/switchyard.js'),
  'serve',
  '--port',
  '0',
]

/** A gateway in a process of its own, as a user starts it. */
export interface GatewayProcess extends AsyncDisposable {
  readonly url: string
  /** What it logged so far, a line of JSON each. */
  log(): readonly Readonly<Record<string, unknown>>[]
  /** SIGKILL: it gets no chance to write anything. */
  kill(): Promise<void>
  /** SIGTERM; its exit code. */
  stop(): Promise<number | null>
}

/** How a process ended that was not expected to listen. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts a gateway and waits until it listens; throws with what it said when it ends before. `args`: another script. */
export async function startGatewayProcess(
  environment: Readonly<Record<string, string>>,
  args: readonly string[] = ownGateway,
): Promise<GatewayProcess> {
  const running = run(environment, args)
  const url = await running.listening
  if (url === undefined) throw new Error(`the gateway did not start: ${(await running.ended).stderr}`)
  // It prints its address a moment before it listens to signals; when it answers, that moment is over.
  await (await fetch(`${url}/healthz`)).text()
  return {
    url,
    log: () => running.log,
    kill: async () => {
      running.signal('SIGKILL')
      await running.ended
    },
    stop: async () => {
      running.signal('SIGTERM')
      return (await running.ended).code
    },
    async [Symbol.asyncDispose]() {
      running.signal('SIGKILL')
      await running.ended
    },
  }
}

/** Starts a gateway and sends SIGKILL after `afterMs`, wherever it is then; without it, waits for it to end by itself. */
export function runGatewayProcess(
  environment: Readonly<Record<string, string>>,
  afterMs?: number,
): Promise<Ended> {
  const running = run(environment, ownGateway)
  if (afterMs !== undefined) setTimeout(() => running.signal('SIGKILL'), afterMs)
  return running.ended
}

interface Running {
  /** Undefined: it ended without listening. */
  readonly listening: Promise<string | undefined>
  readonly ended: Promise<Ended>
  readonly log: Record<string, unknown>[]
  signal(name: NodeJS.Signals): void
}

function run(environment: Readonly<Record<string, string>>, args: readonly string[]): Running {
  // Only what is given here: keys in the environment of whoever runs the tests must not take part.
  const env = {
    PATH: process.env['PATH'],
    SWITCHYARD_API_KEY: clientKey,
    SWITCHYARD_LOG: 'warn',
    ...environment,
  }
  const child = spawn(process.execPath, [...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const log: Record<string, unknown>[] = []
  let stdout = ''
  let stderr = ''
  const { promise: listening, resolve: listens } = Promise.withResolvers<string | undefined>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    stdout += `${line}\n`
    const url = /^Switchyard listens on (\S+)/.exec(line)?.[1]
    if (url !== undefined) listens(url)
  })
  createInterface({ input: child.stderr }).on('line', (line) => {
    stderr += `${line}\n`
    if (line.startsWith('{')) log.push(JSON.parse(line) as Record<string, unknown>)
  })
  // `close`, not `exit`: by then everything it wrote has been read.
  const ended = once(child, 'close').then(() => {
    listens(undefined)
    return { code: child.exitCode, stdout, stderr }
  })
  return { listening, ended, log, signal: (name) => void child.kill(name) }
}

/** How many calls a start reported as left open by the process before. */
export function interruptedIn(log: readonly Readonly<Record<string, unknown>>[]): number {
  return log.reduce((sum, { interrupted }) => sum + Number(interrupted ?? 0), 0)
}
