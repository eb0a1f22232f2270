import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { ConfigEdit } from '../../config/edit.ts'
import { parseKey } from '../../config/environment.ts'
import { type Loaded, load } from '../../config/load.ts'
import { ConfigError, RequestError } from '../../errors.ts'
import type { Provider } from '../../providers/provider.ts'
import type { KeyCheck } from '../../routing/key-check.ts'
import type { ProviderSettings } from '../../routing/settings.ts'
import type { Secret } from '../../secret.ts'
import { openLocal } from '../local.ts'
import { askSecret, readInput } from '../terminal/ask.ts'
import { withProgress } from '../terminal/progress.ts'
import { Upstreams } from '../upstreams.ts'
import { typed } from '../wrong-usage.ts'
import { checkName, writeSecretFile } from '../../config/secret-file.ts'
import { toldGateway } from './reload.ts'

export interface AddFlags {
  readonly name?: string
  readonly account?: string
  /** A file that holds the key; `-`: from a pipe. */
  readonly keyFile?: string
  readonly check: boolean
  readonly config?: string
}

/** `switchyard keys add PROVIDER`: a key into a file of its own (mode 600) and an entry into the config file. */
export async function addKey(providerName: string, flags: AddFlags): Promise<void> {
  const { name: given } = flags
  // Before anybody is asked for a secret.
  if (given !== undefined) typed(() => checkName(given, 'key'))
  const local = openLocal(flags)
  const { loaded } = local
  const settings = providerOf(loaded, providerName)
  const secret = parseKey(await readKey(flags, settings.provider), 'what was given')
  const twin = settings.keys.find((key) => key.secret?.reveal() === secret.reveal())
  if (twin !== undefined)
    throw new RequestError('invalid_request', `that key is there already, as ${twin.name}`)
  const name = given ?? freeName(loaded, providerName)
  if (settings.keys.some((key) => key.name === name))
    throw new RequestError('invalid_request', `there is a key named "${name}" already; give another --name`)
  const check = flags.check ? await checkNew(settings, name, secret) : undefined
  const configFile = flags.config ?? loaded.home.configFile
  const path = storeKey({ configFile, keysFolder: join(loaded.home.folder, 'keys') }, providerName, {
    name,
    secret,
    ...(flags.account === undefined ? {} : { account: flags.account }),
  })
  // Read back as the gateway will read it.
  load({ environment: process.env, configFile })
  console.log(`${name} (${secret.masked}) is in ${path}, mode 600, and in ${configFile}`)
  if (check !== undefined) console.log(said(check, settings.provider))
  const told = await withProgress('Telling the gateway', toldGateway(local, name))
  if (told !== undefined) console.log(told)
}

/** Writes the file of a key and its entry; the entry last, so that it never names a file that is not there. Returns the file. */
export function storeKey(
  place: { readonly configFile: string; readonly keysFolder: string },
  provider: string,
  key: { readonly name: string; readonly secret: Secret; readonly account?: string },
): string {
  const edit = new ConfigEdit(place.configFile)
  const path = join(place.keysFolder, key.name)
  edit.append(['providers', provider, 'keys'], {
    name: key.name,
    keyFile: relative(dirname(place.configFile), path),
    ...(key.account === undefined ? {} : { account: key.account }),
  })
  edit.check()
  writeSecretFile(path, key.secret.reveal())
  edit.save()
  return path
}

function providerOf({ providers }: Loaded, name: string): ProviderSettings {
  const found = providers.find(({ provider }) => provider.name === name)
  if (found !== undefined) return found
  const known = providers.map(({ provider }) => provider.name).join(', ')
  throw new RequestError(
    'not_found',
    `there is no provider "${name.slice(0, 60)}"; known: ${known}. A service of your own is written into the config file first (docs/guides/more-providers.md)`,
  )
}

async function readKey({ keyFile }: AddFlags, provider: Provider): Promise<string> {
  if (keyFile !== undefined && keyFile !== '-') {
    try {
      return readFileSync(keyFile, 'utf8')
    } catch (error) {
      throw new ConfigError(`the file ${keyFile} cannot be read`, { cause: error })
    }
  }
  if (keyFile === '-' || !process.stdin.isTTY) return readInput()
  return askSecret(`Key of ${provider.title} (it is not shown)`)
}

/** `openrouter-2`: the first of that form that no key has. */
export function freeName({ providers }: Pick<Loaded, 'providers'>, provider: string): string {
  const taken = new Set(providers.flatMap(({ keys }) => keys.map(({ name }) => name)))
  let number = 1
  while (taken.has(`${provider}-${number}`)) number++
  return `${provider}-${number}`
}

async function checkNew(
  settings: ProviderSettings,
  name: string,
  secret: Secret,
): Promise<KeyCheck | undefined> {
  await using upstreams = new Upstreams({ providers: [{ ...settings, keys: [{ name, secret }] }] })
  const [check] = await withProgress(`Asking ${settings.provider.title}`, upstreams.checkKeys())
  if (check?.verdict !== 'refused') return check
  throw new RequestError(
    'invalid_api_key',
    `${settings.provider.title} does not accept this key (${check.status}); nothing was written. --no-check writes it all the same`,
  )
}

function said({ verdict, why, freeDay }: KeyCheck, { title }: Provider): string {
  if (verdict !== 'accepted') return `It could not be checked: ${why ?? verdict}`
  const free = freeDay?.max === undefined ? '' : `; its account has ${freeDay.max} free requests a day`
  return `${title} accepts it${free}`
}
