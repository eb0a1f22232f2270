import { hasKeys, load, routerSettings } from '../config/load.ts'
import { ConfigError, RequestError } from '../errors.ts'
import { createCore } from '../routing/core.ts'
import { readKeyFile } from '../config/home.ts'
import { askGateway } from './gateway-client.ts'
import { createLog } from './log.ts'
import { localGateway, serverSettings } from './settings.ts'

/** `switchyard keys`: which keys would be used, named and masked; nothing is called. */
export function listKeys(flags: { readonly json?: boolean }): void {
  const { providers, notes, home } = load({ environment: process.env })
  const rows = providers.flatMap(({ provider, keys }) =>
    keys.map(({ name, secret, account }) => ({
      provider: provider.name,
      name,
      masked: secret?.masked ?? '(none needed)',
      ...(account === undefined ? {} : { account }),
    })),
  )
  if (flags.json === true) {
    console.log(JSON.stringify(rows, undefined, 2))
    return
  }
  for (const { provider, keys } of providers) console.log(`${provider.title} keys: ${keys.length}`)
  for (const { name, masked, account } of rows)
    console.log(`  ${name}  ${masked}${account === undefined ? '' : `  account ${account}`}`)
  for (const note of notes) console.log(`Note: ${note}`)
  if (!hasKeys(providers))
    console.log(
      `Set ${providers.map(({ provider }) => provider.environment.key).join(' or ')}, or write keys into ${home.configFile}`,
    )
}

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
  const loaded = load({ environment: process.env })
  const gateway = localGateway(serverSettings(process.env, loaded.file), loaded.home)
  // The gateway knows its own keys; its environment may differ from this one.
  if ((await askGateway(`${gateway.url}/admin/keys/release`, gateway.adminKey, { name })) === undefined) {
    const names = loaded.providers.flatMap(({ keys }) => keys.map((key) => key.name))
    if (!names.includes(name)) throw unknownKey(name, names)
    await using core = createCore(routerSettings(loaded, { log: createLog('silent') }))
    await core.release(name)
  }
  console.log(`${name} is released`)
}

function unknownKey(name: string, names: readonly string[]): RequestError {
  const known = names.length === 0 ? 'no keys are configured' : `there are ${names.join(', ')}`
  return new RequestError('not_found', `there is no key named "${name}"; ${known}`)
}
