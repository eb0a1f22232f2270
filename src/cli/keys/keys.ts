import { hasKeys, load, routerSettings } from '../../config/load.ts'
import { readKeyFile } from '../../config/home.ts'
import { ConfigError, RequestError } from '../../errors.ts'
import { disabledHold, holdNames } from '../../limits/holds.ts'
import { createCore } from '../../routing/core.ts'
import { openSqliteStore } from '../../stores/sqlite.ts'
import { makePrivateFolder } from '../../config/home.ts'
import { createLog } from '../log.ts'
import { type Local, openLocal } from '../local.ts'
import { cleaned } from '../printable.ts'
import { serverSettings } from '../settings.ts'
import { paintFor } from '../terminal/paint.ts'
import { withProgress } from '../terminal/progress.ts'
import { table } from '../terminal/table.ts'
import { viewOf } from '../terminal/view.ts'
import { type KeyRow, readKeys } from './list.ts'

/** `switchyard keys`: which keys are used, named and masked; nothing is called. */
export async function listKeys(flags: { readonly json?: boolean }): Promise<void> {
  const local = openLocal()
  const { providers, notes, home } = local.loaded
  const rows = cleaned(await readKeys(local))
  if (flags.json === true) {
    console.log(JSON.stringify(rows, undefined, 2))
    return
  }
  const paint = paintFor(process.stdout)
  const states = { ready: paint.green, resting: paint.yellow, disabled: paint.red }
  for (const { provider } of providers) {
    const own = rows.filter((row) => row.provider === provider.name)
    console.log(`${provider.title} keys: ${own.filter(({ masked }) => masked !== noKey).length}`)
    const cells = own.map((row: KeyRow) => [
      row.name,
      paint.dim(row.masked),
      row.account === undefined ? '' : `account ${row.account}`,
      row.state === 'ready' ? '' : states[row.state](row.state),
    ])
    for (const line of table([{}, {}, {}, {}], cells, { ...viewOf(), indent: 2 })) console.log(line)
  }
  for (const note of notes) console.log(`Note: ${note}`)
  if (!hasKeys(providers) && rows.length === 0)
    console.log(
      `Set ${providers.map(({ provider }) => provider.environment.key).join(' or ')}, or write keys into ${home.configFile} (switchyard keys add)`,
    )
}

const noKey = '(none needed)'

/** `switchyard keys client`: where the gateway's client key is; `--show` prints it. */
export function clientKey(flags: { readonly show?: boolean }): void {
  const { home, file } = load({ environment: process.env })
  const set = serverSettings(process.env, file).clientKey
  const key = set ?? readKeyFile(home.clientKeyFile)
  if (key === undefined)
    throw new ConfigError(
      `there is no client key yet; the first "switchyard serve" makes one in ${home.clientKeyFile}`,
    )
  if (flags.show === true) console.log(key)
  else console.log(set === undefined ? home.clientKeyFile : 'set by SWITCHYARD_API_KEY or the config file')
}

/** `switchyard keys release NAME`: ends the cooldowns of a key, in the running gateway or in its ledger. */
export async function releaseKey(name: string): Promise<void> {
  const local = openLocal()
  // The gateway knows its own keys; its environment may differ from this one.
  if ((await local.ask('/admin/keys/release', { name })) === undefined) {
    namedKeys(local, name)
    await using core = createCore(routerSettings(local.loaded, { log: createLog('silent') }))
    await withProgress('Reading the accounts', core.release(name))
  }
  console.log(`${name} is released`)
}

/** `switchyard keys disable NAME` and `enable NAME`: set aside by hand, across restarts, or taken back. */
export async function enableKey(name: string, enabled: boolean): Promise<void> {
  const local = openLocal()
  const path = enabled ? '/admin/keys/enable' : '/admin/keys/disable'
  if ((await local.ask(path, { name })) === undefined) await enableStored(local, name, enabled)
  console.log(
    enabled
      ? `${name} is enabled`
      : `${name} is disabled and takes no calls until "switchyard keys enable ${name}"`,
  )
}

/** Into the ledger that the next gateway opens. */
async function enableStored(local: Local, name: string, enabled: boolean): Promise<void> {
  const keys = namedKeys(local, name)
  const { home } = local.loaded
  makePrivateFolder(home.folder)
  const now = Date.now()
  await using store = await openSqliteStore({ path: home.ledgerFile, now })
  for (const key of keys) {
    if (enabled) store.release(holdNames.disabled(key))
    else store.hold(disabledHold(key, now))
  }
  await store.flush()
}

interface NamedKey {
  readonly provider: string
  readonly name: string
  readonly fingerprint: string
}

/** The configured keys of that name. Throws RequestError when there is none. */
function namedKeys({ loaded }: Local, name: string): readonly NamedKey[] {
  const keys = loaded.providers.flatMap(({ provider, keys: own }) =>
    own.map((key) => ({
      provider: provider.name,
      name: key.name,
      fingerprint: key.secret?.fingerprint ?? 'none',
    })),
  )
  const found = keys.filter((key) => key.name === name)
  if (found.length > 0) return found
  const names = keys.map((key) => key.name)
  const known = names.length === 0 ? 'no keys are configured' : `there are ${names.join(', ')}`
  throw new RequestError('not_found', `there is no key named "${name}"; ${known}`)
}
