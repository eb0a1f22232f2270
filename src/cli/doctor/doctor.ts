import { statSync } from 'node:fs'
import { hasKeys } from '../../config/load.ts'
import { isRouterError } from '../../errors.ts'
import { loopbackHosts } from '../../gateway/guard.ts'
import type { Status } from '../../routing/status.ts'
import { readAll, refusedByStart } from '../config/check.ts'
import { readChecks } from '../keys/test-keys.ts'
import { type Local, openLocal } from '../local.ts'
import { cleaned } from '../printable.ts'
import { serverSettings } from '../settings.ts'
import { withProgress } from '../terminal/progress.ts'
import { viewOf } from '../terminal/view.ts'
import { type Finding, ok, problem, renderFindings, warning } from './finding.ts'
import { checkLedger, checkModes, checkNode } from './machine.ts'
import { checkAddresses, checkServices, checkStatus } from './services.ts'

export interface DoctorFlags {
  readonly offline?: boolean
  readonly config?: string
  readonly json?: boolean
}

/** `switchyard doctor`: looks at everything that can be looked at without spending quota. Exit code 1 when there is an error. */
export async function doctor(flags: DoctorFlags): Promise<void> {
  const findings = cleaned(await withProgress('Looking around', examine(flags)))
  const healthy = findings.every(({ level }) => level !== 'error')
  if (!healthy) process.exitCode = 1
  console.log(
    flags.json === true
      ? JSON.stringify({ ok: healthy, findings }, undefined, 2)
      : renderFindings(findings, viewOf()),
  )
}

async function examine(flags: DoctorFlags): Promise<readonly Finding[]> {
  const machine = checkNode(process.version, process.versions.sqlite ?? '')
  const { problems, notes, loaded } = readAll(flags.config)
  const settings = [
    ...problems.map((text) => problem('config', text, 'mend it, then: switchyard config check')),
    ...notes.map((text) => warning('config', text, 'see docs/reference/configuration.md')),
  ]
  if (loaded === undefined || problems.length > 0) return [...machine, ...settings]
  const local = openLocal(flags)
  const gateway = await askGateway(local)
  const running = gateway.status !== undefined
  if (!running) settings.push(...refusedByStart(loaded).map(cannotStart))
  const { home } = loaded
  const ledgerFile = gateway.ledgerFile ?? home.ledgerFile
  return [
    ...machine,
    ...(settings.length === 0 ? [ok('config', `the settings are fine (${home.folder})`)] : settings),
    ...gateway.findings,
    ...(running || hasKeys(loaded.providers) ? [] : [noKeys]),
    ...checkModes({ ...home, ledgerFile }, flags.config ?? home.configFile),
    ...checkExposure(local, flags.config ?? home.configFile),
    ...checkAddresses(loaded.providers),
    ...checkLedger(ledgerFile, running),
    ...(gateway.status === undefined ? [] : checkStatus(gateway.status)),
    ...(flags.offline === true || !(running || hasKeys(loaded.providers))
      ? []
      : checkServices(await readChecks(local), loaded.providers)),
  ]
}

function cannotStart(why: string): Finding {
  return problem('config', `a gateway would not start: ${why}`, 'mend it, then: switchyard config check')
}

const noKeys = problem(
  'keys',
  'there are none',
  'switchyard init, or switchyard keys add; without keys, switchyard start plays a sandbox',
)

interface Answer {
  readonly status?: Status
  /** Of the router that runs: a sandbox has one of its own. */
  readonly ledgerFile?: string
  readonly findings: readonly Finding[]
}

async function askGateway(local: Local): Promise<Answer> {
  try {
    const status = await local.ask<Status>('/admin/status')
    if (status === undefined) return { findings: [ok('gateway', `none runs at ${local.url}`)] }
    const settings = await local.ask<Settings>('/admin/settings')
    return {
      status,
      ...(settings === undefined ? {} : { ledgerFile: settings.ledger.file }),
      findings: [
        settings?.sandbox === true ? inSandbox(local.url) : ok('gateway', `answers at ${local.url}`),
      ],
    }
  } catch (error) {
    if (!isRouterError(error)) throw error
    const fix = 'another program may hold the port, or another SWITCHYARD_HOME started the gateway'
    return { findings: [problem('gateway', `${local.url}: ${error.message}`, fix)] }
  }
}

/** What is read of `GET /admin/settings`. */
interface Settings {
  readonly sandbox: boolean
  readonly ledger: { readonly file: string }
}

function inSandbox(url: string): Finding {
  return warning(
    'gateway',
    `a sandbox answers at ${url}: nothing in it is real, and its ledger is its own`,
    'for real answers: switchyard keys add, then switchyard start again',
  )
}

function checkExposure({ loaded }: Local, configFile: string): readonly Finding[] {
  const { host } = serverSettings(process.env, loaded.file)
  const listening = loopbackHosts.has(host)
    ? ok('exposure', `the gateway listens on ${host} only`)
    : warning(
        'exposure',
        `the gateway listens on ${host}: other machines reach it, with plain HTTP`,
        'put it behind a reverse proxy with TLS, or keep SWITCHYARD_HOST=127.0.0.1',
      )
  return [listening, ...checkInlineKeys(loaded.file, configFile)]
}

/** Keys that stand in the config file itself need a file that nobody else reads. */
function checkInlineKeys(file: Local['loaded']['file'], configFile: string): readonly Finding[] {
  const inline = [
    ...Object.values(file.providers ?? {}).flatMap((provider) => provider?.keys ?? []),
    ...(file.clients ?? []),
  ].some(({ key }) => key !== undefined)
  if ((!inline && file.server?.apiKey === undefined) || process.platform === 'win32') return []
  const mode = statSync(configFile, { throwIfNoEntry: false })?.mode ?? 0
  if ((mode & 0o077) === 0) return []
  const fix = `chmod go-rwx '${configFile}', or keep the keys in files (keyFile)`
  return [problem('files', `${configFile} holds keys, and others on this machine may read it`, fix)]
}
