import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createMovableClock, type MovableClock } from '../../src/clock.ts'
import { environmentFor, type Simulator, startSimulator } from '../../src/simulator/index.ts'
import { freePort } from '../../test/support/free-port.ts'

const bin = resolve(import.meta.dirname, '../../bin/switchyard.js')
const fixedClock = resolve(import.meta.dirname, 'fixed-clock.ts')

/** A command that was started. */
interface Command {
  readonly child: ChildProcessWithoutNullStreams
  /** Its exit code, once everything it wrote has been read; null when a signal ended it. */
  readonly ended: Promise<number | null>
}

interface ServeOptions {
  readonly ready: RegExp
  readonly keep?: boolean
  readonly environment?: Readonly<Record<string, string>>
}

/** A machine with a home of its own, a simulator instead of the services, and a clock that stands still. */
export class Stage implements AsyncDisposable {
  readonly simulator: Simulator
  readonly #clock: MovableClock
  readonly #home: string = mkdtempSync(join(tmpdir(), 'switchyard-tour-'))
  readonly #port: string
  readonly #shownIds: Map<string, string> = new Map()
  readonly #running: Command[] = []

  constructor(simulator: Simulator, clock: MovableClock, port: string) {
    this.simulator = simulator
    this.#clock = clock
    this.#port = port
  }

  static async open(now: number): Promise<Stage> {
    const clock = createMovableClock({ start: now })
    const accounts = [{ keys: ['sk-or-v1-of-the-tour-one', 'sk-or-v1-of-the-tour-two'] }, {}]
    const simulator = await startSimulator({ clock, seed: 1, openrouter: { accounts } })
    return new Stage(simulator, clock, await freePort())
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.#home, name), text)
  }

  /** Runs a command to its end; what it shows on both streams, and its exit code. */
  async run(
    args: readonly string[],
    options: { readonly columns?: number; readonly input?: string } = {},
  ): Promise<{ readonly text: string; readonly code: number }> {
    const { child, ended } = this.#spawn(args, options.columns)
    // One after the other: which of two pipes is read first is chance.
    const streams = [collect(child.stdout), collect(child.stderr)]
    child.stdin.end(options.input ?? '')
    const code = (await ended) ?? -1
    return { text: this.tidy(streams.map((text) => text()).join('')), code }
  }

  /** Id of the newest request that met a failure; from now on the page shows it as `shown`. */
  async failedRequest(shown: string): Promise<string> {
    const { text } = await this.run(['logs', '--failed', '-n', '1', '--json'])
    const { request } = JSON.parse(text) as { request: string }
    this.#shownIds.set(request, shown)
    return request
  }

  /** Starts what runs until it is stopped; what it says until `ready`. Without `keep` it is stopped then. */
  async serve(
    args: readonly string[],
    { ready, keep = false, environment = {} }: ServeOptions,
  ): Promise<string> {
    const command = this.#spawn(args, undefined, environment)
    this.#running.push(command)
    const text = collect(command.child.stdout, command.child.stderr)
    let over = false
    const ended = command.ended.then(() => (over = true))
    while (!ready.test(text())) {
      if (over) throw new Error(`it ended:\n${text()}`)
      await Promise.race([once(command.child.stdout, 'data'), ended])
    }
    const said = this.tidy(text())
    if (!keep) await stop(command)
    return said
  }

  /** A home in which nothing has been set up. */
  emptyHome(): Readonly<Record<string, string>> {
    return {
      SWITCHYARD_HOME: join(this.#home, 'empty'),
      SWITCHYARD_PORT: '0',
      OPENROUTER_BASE_URL: '',
      OLLAMA_BASE_URL: '',
    }
  }

  /** Without what is different on every machine and in every run. */
  tidy(text: string): string {
    const named = [...this.#shownIds].reduce((all, [id, shown]) => all.replaceAll(id, shown), text)
    return (
      named
        .replaceAll(new URL(this.simulator.url).host, '127.0.0.1:4142')
        .replaceAll(`127.0.0.1:${this.#port}`, '127.0.0.1:4141')
        .replaceAll(join(this.#home, 'empty'), '/home/you/.config/switchyard')
        .replaceAll(this.#home, '/home/you/.config/switchyard')
        // Made anew in every run.
        .replaceAll(
          /(Switchyard listens on|Dashboard:) http:\/\/127\.0\.0\.1:\d+/g,
          '$1 http://127.0.0.1:4141',
        )
        .replaceAll(/curl http:\/\/127\.0\.0\.1:\d+/g, 'curl http://127.0.0.1:4141')
        .replaceAll(
          /(Simulator:|Simulator on|counters:|(?:OPENROUTER|OLLAMA)_BASE_URL=)( ?)http:\/\/127\.0\.0\.1:\d+/g,
          '$1$2http://127.0.0.1:4142',
        )
        .replaceAll(/sy-[\w-]{32}/g, 'sy-…')
        .replaceAll(/(API_KEY_\d=(?:sk-or-v1-)?)\S+/g, '$1…')
        .replaceAll(/\b\d+ ms\b/g, '5 ms')
        .replaceAll(/(?<= )\d+\.\ds\b/g, '0.1s')
        .replaceAll(/\b\d+ KiB\b/g, '40 KiB')
        .replaceAll(/Node v[\d.]+/g, 'Node v24')
        .trimEnd()
    )
  }

  #spawn(
    args: readonly string[],
    columns?: number,
    environment: Readonly<Record<string, string>> = {},
  ): Command {
    const { OPENROUTER_BASE_URL = '', OLLAMA_BASE_URL = '' } = environmentFor(this.simulator)
    const child = spawn(process.execPath, ['--import', fixedClock, bin, ...args], {
      cwd: this.#home,
      env: {
        PATH: process.env['PATH'] ?? '',
        TZ: 'UTC',
        TOUR_NOW: String(this.#clock.now()),
        SWITCHYARD_HOME: this.#home,
        SWITCHYARD_PORT: this.#port,
        SWITCHYARD_LOG: 'silent',
        OPENROUTER_BASE_URL,
        OLLAMA_BASE_URL,
        ...(columns === undefined ? {} : { COLUMNS: String(columns) }),
        ...environment,
      },
    })
    return { child, ended: once(child, 'close').then(([code]) => code as number | null) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const command of this.#running) await stop(command)
    await this.simulator.close()
    rmSync(this.#home, { recursive: true, force: true })
  }
}

async function stop({ child, ended }: Command): Promise<void> {
  child.kill('SIGTERM')
  await ended
}

function collect(...streams: readonly Readable[]): () => string {
  let text = ''
  for (const stream of streams) stream.setEncoding('utf8').on('data', (data: string) => (text += data))
  return () => text
}
