import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { ConfigError } from '../errors.ts'
import type { Environment } from './environment.ts'
import { writeNewFile } from './new-file.ts'

/** The one folder for config, secrets and ledger. */
export interface Home {
  readonly folder: string
  readonly configFile: string
  readonly clientKeyFile: string
  readonly adminKeyFile: string
  readonly metricsKeyFile: string
  readonly ledgerFile: string
}

/** `SWITCHYARD_HOME`, else `switchyard` in the XDG config folder. Nothing is made yet. */
export function homeOf(environment: Environment, folder?: string): Home {
  const chosen = folder ?? environment['SWITCHYARD_HOME']
  const base =
    chosen === undefined || chosen === '' ? join(configFolder(environment), 'switchyard') : resolve(chosen)
  return homeAt(base)
}

/** A folder inside the home with a ledger of its own, for calls that are not real. Keys are shared with the home. */
export function sandboxHome(home: Home): Home {
  return { ...home, ledgerFile: join(home.folder, 'sandbox', 'ledger.db') }
}

function homeAt(folder: string): Home {
  return {
    folder,
    configFile: join(folder, 'switchyard.yaml'),
    clientKeyFile: join(folder, 'client-key'),
    adminKeyFile: join(folder, 'admin-key'),
    metricsKeyFile: join(folder, 'metrics-key'),
    ledgerFile: join(folder, 'ledger.db'),
  }
}

// The XDG specification says that a relative path in the variable is to be ignored.
function configFolder(environment: Environment): string {
  const xdg = environment['XDG_CONFIG_HOME']
  return xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.config')
}

/** Makes a folder that only its owner can enter. Throws ConfigError when it cannot be made. */
export function makePrivateFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new ConfigError(
      `the folder ${folder} cannot be made; set SWITCHYARD_HOME to one you can write to`,
      { cause: error },
    )
  }
}

/** Reads a key file, or makes one with a fresh key (mode 600). `created` says which. */
export function readOrCreateKey(
  file: string,
  prefix: string,
): { readonly key: string; readonly created: boolean } {
  const known = readKeyFile(file)
  if (known !== undefined) return { key: known, created: false }
  const key = prefix + randomBytes(24).toString('base64url')
  try {
    // `wx`: two processes that start together must not each make a key.
    writeNewFile(file, `${key}\n`)
    return { key, created: true }
  } catch (error) {
    const raced = readKeyFile(file)
    if (raced !== undefined) return { key: raced, created: false }
    const why = existsSync(file)
      ? 'holds no key; remove it, and a fresh one is made'
      : 'cannot be written; set SWITCHYARD_HOME to a folder you can write to'
    throw new ConfigError(`the key file ${file} ${why}`, { cause: error })
  }
}

/** Undefined when there is no such file, or it is empty. */
export function readKeyFile(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim()
    return text === '' ? undefined : text
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new ConfigError(`the key file ${file} cannot be read`, { cause: error })
  }
}
