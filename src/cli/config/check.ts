import { metricsKey } from '../../config/clients.ts'
import { hasKeys, keyReport, type Loaded, load } from '../../config/load.ts'
import { notifySettings } from '../../config/notify.ts'
import { isRouterError } from '../../errors.ts'
import { logLevel } from '../log.ts'
import { cleaned } from '../printable.ts'
import { serverSettings, wantsTraces } from '../settings.ts'
import { paintFor } from '../terminal/paint.ts'

/** `switchyard config check`: reads everything as `serve` would, and opens nothing. Exit code 1 when it would not start. */
export function checkConfig(flags: { readonly config?: string; readonly json?: boolean }): void {
  const { problems: found, notes, loaded } = readAll(flags.config)
  const problems = [...found, ...(loaded === undefined ? [] : refusedByStart(loaded))]
  const ok = problems.length === 0
  if (!ok) process.exitCode = 1
  if (flags.json === true) {
    console.log(JSON.stringify({ ok, problems, notes }, undefined, 2))
    return
  }
  const paint = paintFor(process.stdout)
  for (const problem of problems) console.log(`${paint.red('error')} ${problem}`)
  for (const note of notes) console.log(`${paint.yellow('note')}  ${note}`)
  if (loaded === undefined) return
  for (const line of keyReport(loaded.providers)) console.log(line)
  if (!hasKeys(loaded.providers))
    console.log('There are no keys yet: serve refuses, start plays a sandbox. switchyard keys add')
  if (ok) console.log(paint.green('The settings are fine.'))
}

export interface ConfigFindings {
  readonly problems: readonly string[]
  readonly notes: readonly string[]
  readonly loaded?: Loaded
}

/** Everything that is wrong or worth knowing, each in its own words. */
export function readAll(configFile: string | undefined): ConfigFindings {
  try {
    const loaded = load({ environment: process.env, ...(configFile === undefined ? {} : { configFile }) })
    const problems = problemsOf(() => serverSettings(process.env, loaded.file))
    return { problems, notes: cleaned(loaded.notes), loaded }
  } catch (error) {
    return { problems: wordsOf(error), notes: [] }
  }
}

/** What only a gateway reads, and would not start with; other commands do without the variables it takes them from. */
export function refusedByStart(loaded: Loaded): readonly string[] {
  const { file } = loaded
  return [
    () => logLevel(process.env, file, 'info'),
    () => wantsTraces(process.env, file),
    () => metricsKey(process.env, file),
    () => notifySettings(loaded, process.env),
  ].flatMap(problemsOf)
}

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read()
    return []
  } catch (error) {
    return wordsOf(error)
  }
}

function wordsOf(error: unknown): readonly string[] {
  if (isRouterError(error)) return cleaned(error.message.split('\n'))
  throw error
}
