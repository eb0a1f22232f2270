import { copyFileSync, constants, existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { ConfigEdit } from '../../config/edit.ts'
import { type Home, makePrivateFolder, readOrCreateKey } from '../../config/home.ts'
import { ConfigError } from '../../errors.ts'
import type { Provider } from '../../providers/provider.ts'
import type { KeyCheck } from '../../routing/key-check.ts'
import type { Secret } from '../../secret.ts'
import { writeSecretFile } from '../../config/secret-file.ts'
import { sharedAccounts } from '../keys/test-keys.ts'
import { counted } from '../terminal/table.ts'

/** What a set-up is to write. */
export interface InitPlan {
  readonly keys: readonly NewKey[]
  readonly freeOnly: boolean
  /** Hard ceiling on paid calls; undefined: none. */
  readonly usdPerMonth?: number
  /** Where keys are named: in the config file, or by variables that somebody exports. */
  readonly store: 'config' | 'variables'
}

export interface NewKey {
  readonly provider: Provider
  readonly name: string
  readonly secret: Secret
  readonly account?: string
  readonly check?: KeyCheck
}

/** What was done, in sentences, and the lines to export if there are any. */
export interface Done {
  readonly said: readonly string[]
  readonly exports: readonly string[]
}

/** What the keys are worth together: `OpenRouter: 3 keys, 1 account, 50 free requests a day (not 150)`. */
export function capacityOf(keys: readonly NewKey[]): readonly string[] {
  const providers = [...new Set(keys.map(({ provider }) => provider))]
  return providers.map((provider) => {
    const own = keys.filter((key) => key.provider === provider)
    const accounts = Map.groupBy(own, (key) => key.account ?? key.check?.account ?? key.name)
    const days = [...accounts.values()].map(
      (group) => group.find(({ check }) => check?.freeDay?.max !== undefined)?.check?.freeDay?.max,
    )
    const known = days.filter((day) => day !== undefined)
    const free = known.reduce((sum, day) => sum + day, 0)
    const naive = own.reduce((sum, { check }) => sum + (check?.freeDay?.max ?? 0), 0)
    const worth =
      known.length === 0
        ? ''
        : `: ${free} free requests a day${naive > free ? `, not ${naive}: keys of one account share its quota` : ''}`
    return `${provider.title}: ${counted(own.length, 'key')}, ${counted(accounts.size, 'account')}${worth}`
  })
}

/** Keys that the service says share an account get its name, so that this is known without asking again. */
export function withAccounts(keys: readonly NewKey[]): readonly NewKey[] {
  const checks = keys.flatMap(({ check }) => check ?? [])
  return sharedAccounts(checks).reduce<readonly NewKey[]>((all, { names }, index) => {
    const isOne = (key: NewKey): boolean => key.account === undefined && names.includes(key.name)
    const [first] = all.filter(isOne)
    return all.map((key) =>
      isOne(key) ? { ...key, account: `${first?.provider.name}-account-${index + 1}` } : key,
    )
  }, keys)
}

/** Writes secret files (mode 600) and the config file; what was there before stays, and a copy of it is made. */
export function carryOut(plan: InitPlan, home: Home, configFile: string): Done {
  const edit = new ConfigEdit(configFile)
  const existed = existsSync(configFile)
  const before = edit.text()
  const said: string[] = []
  const exports: string[] = []
  const files = plan.keys.map((key) => ({ key, path: join(home.folder, 'keys', key.name) }))
  for (const { key, path } of files) {
    const { provider, name, account } = key
    if (plan.store === 'variables') {
      const number =
        files.filter((each) => each.key.provider === provider).findIndex((each) => each.key === key) + 1
      exports.push(`export ${provider.environment.key}_${number}_FILE='${path}'`)
      continue
    }
    edit.append(['providers', provider.name, 'keys'], {
      name,
      keyFile: relative(dirname(configFile), path),
      ...(account === undefined ? {} : { account }),
    })
  }
  said.push(setPolicy(edit, plan))
  edit.check()
  makePrivateFolder(home.folder)
  for (const { key, path } of files) writeSecretFile(path, key.secret.reveal())
  if (files.length > 0)
    said.unshift(`${counted(files.length, 'key')} in ${join(home.folder, 'keys')}, a file each, mode 600`)
  if (edit.text() === before) said.push(`${configFile} stays as it was`)
  else {
    if (existed) said.push(`what was in ${configFile} stays; a copy is ${backUp(configFile)}`)
    edit.save()
    said.push(`settings in ${configFile}`)
  }
  readOrCreateKey(home.clientKeyFile, 'sy-')
  said.push(`client key in ${home.clientKeyFile}, mode 600`)
  return { said, exports }
}

/** A policy that is there already was somebody's decision. */
function setPolicy(edit: ConfigEdit, { freeOnly, usdPerMonth }: InitPlan): string {
  if (edit.check().policy !== undefined) return 'the policy that is in the config file already is kept'
  if (freeOnly) {
    edit.set(['policy', 'freeOnly'], true)
    return 'policy: free calls only, nothing can cost money'
  }
  if (usdPerMonth === undefined) return 'policy: free quota first, then paid calls without a ceiling of ours'
  edit.append(['policy', 'ceilings'], { usdPerMonth })
  return `policy: free quota first, then paid calls up to $${usdPerMonth} a month`
}

function backUp(path: string): string {
  for (let number = 1; number < 1000; number++) {
    const copy = `${path}.before-init${number === 1 ? '' : `-${number}`}`
    try {
      copyFileSync(path, copy, constants.COPYFILE_EXCL)
      return copy
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
  throw new ConfigError(`there are too many copies of ${path}; remove some`)
}
