import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Home } from '../../config/home.ts'
import { isRouterError } from '../../errors.ts'
import { checkSqliteVersion, readLedgerFile } from '../../stores/sqlite-file.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

const leastMajor = 24

export function checkNode(version: string, sqlite: string): readonly Finding[] {
  const major = Number(version.replace(/^v/, '').split('.')[0])
  const node =
    major >= leastMajor
      ? ok('node', `Node ${version}`)
      : problem(
          'node',
          `Node ${version} is too old`,
          `install Node ${leastMajor} or newer from https://nodejs.org`,
        )
  try {
    checkSqliteVersion(sqlite)
    return [node]
  } catch (error) {
    if (!isRouterError(error)) throw error
    return [node, problem('node', error.message, 'install the newest Node 24')]
  }
}

/** Secrets and the ledger are for their owner only. */
export function checkModes(home: Home, configFile: string): readonly Finding[] {
  // Windows has no such modes.
  if (process.platform === 'win32' || !existsSync(home.folder)) return []
  const inFolder = (name: string): string[] => {
    const folder = join(home.folder, name)
    return existsSync(folder) ? [folder, ...readdirSync(folder).map((file) => join(folder, file))] : []
  }
  const paths = [
    home.folder,
    configFile,
    home.clientKeyFile,
    home.adminKeyFile,
    home.ledgerFile,
    ...inFolder('keys'),
    ...inFolder('clients'),
  ].filter((path) => existsSync(path))
  const open = paths.filter((path) => (statSync(path).mode & 0o077) !== 0)
  // A config that holds no key itself may be read by others.
  const tooOpen = open.filter((path) => path !== configFile && path !== home.folder)
  if (tooOpen.length === 0)
    return [ok('files', `secrets and ledger in ${home.folder} are readable by you only`)]
  return tooOpen.map((path) =>
    warning('files', `others on this machine may open ${path}`, `chmod go-rwx '${path}'`),
  )
}

/** A file that cannot be read as a whole is told with what to do; `running`: a gateway holds it. */
export function checkLedger(path: string, running: boolean): readonly Finding[] {
  if (!existsSync(path)) return [ok('ledger', `there is none yet; the first start makes ${path}`)]
  const size = statSync(path).size
  const shown = size < 1_048_576 ? `${Math.ceil(size / 1024)} KiB` : `${Math.round(size / 1_048_576)} MiB`
  if (running)
    return [ok('ledger', `${path}, ${shown}; the running gateway holds it, and checked it when it started`)]
  try {
    // Opening it checks it: PRAGMA quick_check.
    readLedgerFile(path).close()
    return [ok('ledger', `${path}, ${shown}, whole`)]
  } catch (error) {
    if (!isRouterError(error)) throw error
    return [problem('ledger', error.message, 'the message says what to do; the file is not touched')]
  }
}
