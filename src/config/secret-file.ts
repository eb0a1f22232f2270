import { existsSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ConfigError, RequestError } from '../errors.ts'
import { makePrivateFolder } from './home.ts'
import { writeNewFile } from './new-file.ts'

/** A name that may stand in the config file and be the name of a file. Throws RequestError. */
export function checkName(name: string, what: string): string {
  if (/^[A-Za-z0-9_][\w.-]{0,59}$/.test(name)) return name
  throw new RequestError(
    'invalid_request',
    `a ${what}'s name is made of letters, digits, "_", "." and "-", 60 at most; got "${name.slice(0, 70)}"`,
  )
}

/** A secret in a file of its own that only its owner can read. Never overwrites another one. */
export function writeSecretFile(path: string, secret: string): void {
  makePrivateFolder(dirname(path))
  if (existsSync(path) && readFileSync(path, 'utf8').trim() === secret) return
  try {
    writeNewFile(path, `${secret}\n`)
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    throw new ConfigError(
      exists
        ? `${path} is there already and holds another secret; choose another name, or remove the file`
        : `the file ${path} cannot be written`,
      { cause: error },
    )
  }
}

/** Removes the file of a secret, if it is one that we wrote: inside `folder`. Returns whether it did. */
export function removeSecretFile(folder: string, keyFile: unknown, configFolder: string): boolean {
  if (typeof keyFile !== 'string') return false
  const path = join(configFolder, keyFile)
  if (dirname(path) !== folder || !existsSync(path)) return false
  try {
    rmSync(path)
    return true
  } catch {
    return false
  }
}
