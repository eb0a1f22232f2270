import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { missing } from './tools.ts'
import { freePort } from '../support/free-port.ts'

/** A real Prometheus that scrapes one gateway every second. */
export interface Prometheus extends AsyncDisposable {
  /** GET /api/v1/… ; the `data` of the answer. */
  ask(path: string, parameters?: Readonly<Record<string, string>>): Promise<unknown>
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

export async function startPrometheus(options: {
  readonly target: string
  readonly key: string
  readonly rules: string
}): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-prometheus-'))
  const file = join(folder, 'prometheus.yml')
  const port = await freePort()
  const job = {
    job_name: 'switchyard',
    authorization: { credentials: options.key },
    static_configs: [{ targets: [new URL(options.target).host] }],
  }
  writeFileSync(
    file,
    stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [options.rules],
      scrape_configs: [job],
    }),
  )
  const child = spawn(
    'prometheus',
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  const exited = once(child, 'exit')
  const spawned = once(child, 'spawn')
  exited.catch(() => {})
  await spawned.catch(() => {
    rmSync(folder, { recursive: true, force: true })
    throw missing('prometheus')
  })
  const prometheus: Prometheus = {
    async ask(path, parameters = {}) {
      const reply = await fetch(`http://127.0.0.1:${port}/api/v1/${path}?${new URLSearchParams(parameters)}`)
      const body = (await reply.json()) as {
        readonly status: string
        readonly error?: string
        readonly data: unknown
      }
      if (body.status !== 'success') throw new Error(`${path}: ${body.error}`)
      return body.data
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return prometheus
}
