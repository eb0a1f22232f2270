import { randomBytes } from 'node:crypto'
import { dirname, join, relative } from 'node:path'
import { ConfigEdit } from '../../config/edit.ts'
import { load } from '../../config/load.ts'
import { builtInClients } from '../../config/policy.ts'
import { RequestError } from '../../errors.ts'
import { checkName, removeSecretFile, writeSecretFile } from '../keys/key-name.ts'
import { openLocal } from '../local.ts'
import { cleaned } from '../printable.ts'
import { table } from '../terminal/table.ts'
import { viewOf } from '../terminal/view.ts'

export interface ClientFlags {
  readonly freeOnly?: boolean
  readonly usdPerDay?: string
  readonly usdPerMonth?: string
  readonly show?: boolean
  readonly config?: string
}

/** `switchyard clients`: who has a key of their own to the gateway. */
export function listClients(flags: { readonly json?: boolean; readonly config?: string }): void {
  const { file } = openLocal(flags).loaded
  const rows = cleaned(file.clients ?? []).map(
    ({ name, freeOnly, usdPerDay, usdPerMonth, keyFile, keyEnv }) => ({
      name,
      freeOnly: freeOnly ?? false,
      usdPerDay: usdPerDay ?? null,
      usdPerMonth: usdPerMonth ?? null,
      keyFrom: keyFile ?? keyEnv ?? 'the config file',
    }),
  )
  if (flags.json === true) {
    console.log(JSON.stringify(rows, undefined, 2))
    return
  }
  const usd = (amount: number | null): string => (amount === null ? '' : `$${amount}`)
  const lines = table(
    [
      { title: 'CLIENT' },
      { title: 'FREE ONLY' },
      { title: 'A DAY' },
      { title: 'A MONTH' },
      { title: 'KEY FROM' },
    ],
    rows.map((row) => [
      row.name,
      row.freeOnly ? 'yes' : 'no',
      usd(row.usdPerDay),
      usd(row.usdPerMonth),
      row.keyFrom,
    ]),
    viewOf(),
  )
  for (const line of rows.length === 0 ? ['No clients yet: switchyard clients add NAME'] : lines)
    console.log(line)
  console.log('The gateway\'s own key belongs to the client "default": switchyard keys client')
}

/** `switchyard clients add NAME`: a fresh key in a file of its own (mode 600), and an entry in the config file. */
export async function addClient(name: string, flags: ClientFlags): Promise<void> {
  checkName(name, 'client')
  if (builtInClients.includes(name))
    throw new RequestError(
      'invalid_request',
      `"${name}" is a client of the router itself; choose another name`,
    )
  const local = openLocal(flags)
  const { home, file } = local.loaded
  if (file.clients?.some((client) => client.name === name) === true)
    throw new RequestError('invalid_request', `there is a client named "${name}" already`)
  const configFile = flags.config ?? home.configFile
  const path = join(home.folder, 'clients', name)
  const key = `sy-${randomBytes(24).toString('base64url')}`
  const edit = new ConfigEdit(configFile)
  edit.append(['clients'], {
    name,
    keyFile: relative(dirname(configFile), path),
    ...(flags.freeOnly === true ? { freeOnly: true } : {}),
    ...ceiling('usdPerDay', '--usd-per-day', flags.usdPerDay),
    ...ceiling('usdPerMonth', '--usd-per-month', flags.usdPerMonth),
  })
  edit.check()
  writeSecretFile(path, key)
  edit.save()
  load({ environment: process.env, configFile })
  console.log(`${name} is in ${configFile}; its key is in ${path}, mode 600`)
  if (flags.show === true) console.log(key)
  if ((await local.ask('/admin/status').catch(() => true)) !== undefined)
    console.log('The running gateway knows it when it is started again.')
}

/** `switchyard clients revoke NAME`: out of the config file, and at once out of the running gateway. */
export async function revokeClient(name: string, flags: { readonly config?: string }): Promise<void> {
  const local = openLocal(flags)
  const { home } = local.loaded
  const configFile = flags.config ?? home.configFile
  const edit = new ConfigEdit(configFile)
  const entry = edit.remove(['clients'], name)
  if (entry === undefined)
    throw new RequestError('not_found', `there is no client "${name.slice(0, 60)}" in ${configFile}`)
  edit.save()
  const removed = removeSecretFile(join(home.folder, 'clients'), entry['keyFile'], dirname(configFile))
  console.log(`${name} is out of ${configFile}${removed ? ', and its key file is removed' : ''}`)
  // Not known there: added since it was started.
  const shutOut = await local.ask('/admin/clients/revoke', { name }).catch((error: unknown) => {
    if (error instanceof Error && /no client named/.test(error.message)) return undefined
    throw error
  })
  if (shutOut !== undefined) console.log('The running gateway refuses its key from now on.')
}

function ceiling(setting: string, flag: string, text: string | undefined): Readonly<Record<string, number>> {
  if (text === undefined) return {}
  const usd = Number(text)
  if (text.trim() !== '' && usd >= 0 && usd <= 1_000_000) return { [setting]: usd }
  throw new RequestError('invalid_request', `${flag} takes dollars; got "${text.slice(0, 20)}"`)
}
