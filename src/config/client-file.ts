import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { isMap, isScalar } from 'yaml'
import { RequestError } from '../errors.ts'
import type { ClientChange } from '../routing/policy.ts'
import { type ConfigEdit, editConfig } from './edit.ts'
import { builtInClients } from './policy.ts'
import type { FileClient } from './schema.ts'
import { checkName, removeSecretFile, writeSecretFile } from './secret-file.ts'

/** Where clients are written down: the config file, and the folder for files with their keys. Absolute paths. */
export interface ClientPlace {
  readonly configFile: string
  readonly keysFolder: string
}

/** A fresh key in a file of its own (mode 600) and an entry in the config file: both or neither. Throws RouterError. */
export function enterClient(
  { configFile, keysFolder }: ClientPlace,
  name: string,
  terms: ClientChange,
): { readonly entry: FileClient; readonly key: string; readonly keyFile: string } {
  checkName(name, 'client')
  refuseBuiltIn(name, 'choose another name')
  const keyFile = join(keysFolder, name)
  const key = `sy-${randomBytes(24).toString('base64url')}`
  const entry = { name, keyFile: relative(dirname(configFile), keyFile), ...written(terms) }
  let keyIsOurs = false
  try {
    editConfig(configFile, (edit) => {
      if (edit.check().clients?.some((client) => client.name === name) === true) throw nameTaken(name)
      edit.append(['clients'], entry)
      edit.check()
      writeSecretFile(keyFile, key)
      keyIsOurs = true
    })
  } catch (error) {
    if (keyIsOurs) rmSync(keyFile, { force: true })
    throw error
  }
  return { entry, key, keyFile }
}

/** Sets terms of a client in the config file, and returns what stands there then. Throws RouterError. */
export function alterClient({ configFile }: ClientPlace, name: string, terms: ClientChange): FileClient {
  refuseBuiltIn(name, builtInAdvice.change)
  return editConfig(configFile, (edit) => {
    edit.alter(['clients'], name, membersOf(terms))
    const entry = edit.check().clients?.find((client) => client.name === name)
    if (entry === undefined) throw unknownClient(name, configFile)
    return entry
  })
}

export interface Struck {
  readonly keyFileRemoved: boolean
  /** Whether the policy named it: a ceiling of its own there, or a part of the reserve. */
  readonly policyCleared: boolean
}

/** Takes a client out of the config file, its name out of the policy there, and its key file away. Throws RouterError. */
export function strikeClient({ configFile, keysFolder }: ClientPlace, name: string): Struck {
  refuseBuiltIn(name, builtInAdvice.revoke)
  const { entry, policyCleared } = editConfig(configFile, (edit) => {
    const removed = edit.remove(['clients'], name)
    if (removed === undefined) throw unknownClient(name, configFile)
    return { entry: removed, policyCleared: clearPolicy(edit, name) }
  })
  return {
    keyFileRemoved: removeSecretFile(keysFolder, entry['keyFile'], dirname(configFile)),
    policyCleared,
  }
}

export function nameTaken(name: string): RequestError {
  const text = `there is a client named "${name}" already; choose another name`
  return new RequestError('invalid_request', text, 'name')
}

export function unknownClient(name: string, where: string): RequestError {
  return new RequestError('not_found', `there is no client "${name.slice(0, 60)}" in ${where}`, 'name')
}

/** The config would not be read any more if its policy named a client that is gone. */
function clearPolicy(edit: ConfigEdit, name: string): boolean {
  const reserve = ['policy', 'reserve', 'clients']
  const ceilings = edit.removeWhere(
    ['policy', 'ceilings'],
    (entry) => isMap(entry) && entry.get('client') === name,
  )
  const shares = edit.removeWhere(reserve, (entry) => isScalar(entry) && entry.value === name)
  // What is kept for nobody would only be lost to everybody.
  if (shares.length > 0 && !edit.has(reserve)) edit.delete(['policy', 'reserve'])
  return ceilings.length + shares.length > 0
}

export const builtInAdvice = {
  change: 'its ceilings stand under "policy" in the config file',
  revoke: 'it cannot be revoked. "switchyard keys client" shows where the key of "default" is',
} as const

export function refuseBuiltIn(name: string, advice: string): void {
  if (builtInClients.includes(name))
    throw new RequestError('invalid_request', `"${name}" is a client of the router itself; ${advice}`, 'name')
}

type TermMembers = Pick<FileClient, 'freeOnly' | 'usdPerDay' | 'usdPerMonth'>

/** As they stand in an entry: undefined is a term that allows everything, and is not written. */
export function membersOf({ freeOnly, usdPerDay, usdPerMonth }: ClientChange): TermMembers {
  return {
    ...(freeOnly === undefined ? {} : { freeOnly: freeOnly || undefined }),
    ...(usdPerDay === undefined ? {} : { usdPerDay: usdPerDay ?? undefined }),
    ...(usdPerMonth === undefined ? {} : { usdPerMonth: usdPerMonth ?? undefined }),
  }
}

function written(terms: ClientChange): TermMembers {
  return Object.fromEntries(Object.entries(membersOf(terms)).filter(([, value]) => value !== undefined))
}
