import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** What a finished command left behind. */
export interface Finished {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A command that runs until it is stopped. */
export interface Running extends AsyncDisposable {
  readonly child: ChildProcess
  /** All output so far, both streams. */
  text(): string
  /** Resolves with the output once it holds `pattern`; rejects when the command ends before. */
  until(pattern: RegExp): Promise<string>
  /** Resolves once it has ended and everything it wrote has been read, whether it ended before or ends later. */
  readonly ended: Promise<Finished>
  /** Sends one signal, SIGTERM unless told, and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Finished>
}

/** A command with what it wrote to each stream so far. */
export type Run = Running & { streams(): Omit<Finished, 'code'> }

const ptyScript = resolve(import.meta.dirname, 'on_terminal.py')

export const bin: string = resolve(import.meta.dirname, '../../bin/switchyard.js')

/** A person's machine: a home of its own and none of this process's variables. */
export class Desk implements Disposable {
  readonly home: string = mkdtempSync(join(tmpdir(), 'switchyard-cli-'))
  readonly environment: Record<string, string>

  constructor(environment: Record<string, string> = {}) {
    this.environment = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.home,
      SWITCHYARD_HOME: this.home,
      ...environment,
    }
  }

  /** Runs to the end. `input` is piped in; without it there is none. */
  async run(args: readonly string[], input = ''): Promise<Finished> {
    const running = this.start(args)
    running.child.stdin?.end(input)
    return await running.ended
  }

  /** `program`: another copy than this one. */
  start(args: readonly string[], program: string = bin): Run {
    return this.#spawn(process.execPath, [program, ...args])
  }

  /** On a terminal of its own, of that size; what is written to its standard input is typed. Needs Python 3 (Linux, macOS). */
  onTerminal(args: readonly string[], columns = 80, rows = 40): Run {
    return this.programOnTerminal([process.execPath, bin, ...args], columns, rows)
  }

  /** The same for any program, such as a shell. */
  programOnTerminal(command: readonly string[], columns = 80, rows = 40): Run {
    return this.#spawn('python3', [ptyScript, String(columns), String(rows), ...command])
  }

  #spawn(program: string, args: readonly string[]): Run {
    const child = spawn(program, args, { env: this.environment, cwd: this.home })
    // A program that is not there must fail the test, not hang it.
    child.on('error', (error) => child.stderr.emit('data', Buffer.from(String(error))))
    let out = ''
    let err = ''
    let heard = (): void => {}
    child.stdout.on('data', (data: Buffer) => {
      out += data.toString()
      heard()
    })
    child.stderr.on('data', (data: Buffer) => {
      err += data.toString()
      heard()
    })
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }))
    const text = (): string => out + err
    const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<Finished> => {
      child.kill(signal)
      return await ended
    }
    return {
      child,
      text,
      streams: () => ({ out, err }),
      until: (pattern) =>
        new Promise((resolved, rejected) => {
          heard = () => {
            if (pattern.test(text())) resolved(text())
          }
          heard()
          void ended.then(() => rejected(new Error(`it ended before ${String(pattern)}:\n${text()}`)))
        }),
      ended,
      stop,
      async [Symbol.asyncDispose]() {
        await stop()
      },
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.home, { recursive: true, force: true })
  }
}
