import { readFileSync } from 'node:fs'
import { parseKey } from '../../config/environment.ts'
import { type Loaded, load } from '../../config/load.ts'
import { ConfigError, RequestError } from '../../errors.ts'
import { providers } from '../../providers/index.ts'
import { localGateway, serverSettings } from '../settings.ts'
import { withProgress } from '../terminal/progress.ts'
import { Upstreams } from '../upstreams.ts'
import { WrongUsage } from '../wrong-usage.ts'
import { capacityOf, carryOut, type Done, type InitPlan, type NewKey, withAccounts } from './plan.ts'
import { askPlan, isAmount } from './questions.ts'
import { snippetsFor } from './snippets.ts'

export interface InitFlags {
  readonly yes?: boolean
  /** Files with keys, by provider. */
  readonly keyFiles: Readonly<Record<string, readonly string[]>>
  readonly freeOnly?: boolean
  readonly usdPerMonth?: string
  readonly variables?: boolean
  readonly check: boolean
  readonly config?: string
}

/** `switchyard init`: sets everything up, by questions on a terminal or by flags alone (`--yes`). */
export async function init(flags: InitFlags): Promise<void> {
  const loaded = load({ environment: process.env })
  const configFile = flags.config ?? loaded.home.configFile
  const asks = flags.yes !== true
  if (asks && !process.stdin.isTTY)
    throw new WrongUsage(
      'init asks questions on a terminal; without one use --yes with flags, such as --openrouter-key-file FILE',
    )
  const plan = asks ? await ask(loaded, configFile) : await planOf(loaded, flags)
  const done = carryOut(plan, loaded.home, configFile)
  // Read back as the gateway will read it.
  const after = load({ environment: process.env, ...(flags.config === undefined ? {} : { configFile }) })
  const { url } = localGateway(serverSettings(process.env, after.file), after.home)
  console.log(report(plan, done, url, asks))
}

async function ask(loaded: Loaded, configFile: string): Promise<InitPlan> {
  const { intro } = await import('@clack/prompts')
  intro('Switchyard')
  return askPlan({
    providers: builtIn(loaded),
    configFile,
    taken: namesOf(loaded),
    nameFor: (provider, taken) => freeName(provider, taken),
    check: (key) => checkKey(loaded, key),
  })
}

async function planOf(loaded: Loaded, flags: InitFlags): Promise<InitPlan> {
  if (flags.usdPerMonth !== undefined && !isAmount(flags.usdPerMonth))
    throw new WrongUsage(`--usd-per-month takes dollars; got "${flags.usdPerMonth}"`)
  const taken = namesOf(loaded)
  const wanted = builtIn(loaded).flatMap(({ provider, keys }) =>
    (flags.keyFiles[provider.name] ?? []).flatMap((file) => {
      const secret = parseKey(readText(file), `the file ${file}`)
      // Run again, a script changes nothing.
      if (keys.some((key) => key.secret?.reveal() === secret.reveal())) return []
      const name = freeName(provider.name, taken)
      taken.push(name)
      return [{ provider, name, secret }]
    }),
  )
  const checked: readonly NewKey[] = flags.check
    ? await withProgress('Asking the services', Promise.all(wanted.map((key) => checkKey(loaded, key))))
    : wanted
  const refused = checked.find((key) => key.check?.verdict === 'refused')
  if (refused !== undefined)
    throw new RequestError(
      'invalid_api_key',
      `${refused.provider.title} does not accept the key for ${refused.name} (${refused.check?.status}); nothing was written. --no-check writes it all the same`,
    )
  return {
    keys: withAccounts(checked),
    // Whoever names no ceiling has not agreed to pay.
    freeOnly: flags.freeOnly ?? flags.usdPerMonth === undefined,
    ...(flags.usdPerMonth === undefined ? {} : { usdPerMonth: Number(flags.usdPerMonth) }),
    store: flags.variables === true ? 'variables' : 'config',
  }
}

async function checkKey(loaded: Loaded, key: Omit<NewKey, 'check'>): Promise<NewKey> {
  const settings = builtIn(loaded).find(({ provider }) => provider.name === key.provider.name)
  if (settings === undefined) return key
  await using upstreams = new Upstreams({ providers: [{ ...settings, keys: [key] }] })
  const [check] = await upstreams.checkKeys()
  return check === undefined ? key : { ...key, check }
}

function builtIn(loaded: Loaded): Loaded['providers'] {
  return loaded.providers.filter(({ provider }) => providers.some(({ name }) => name === provider.name))
}

function namesOf(loaded: Loaded): string[] {
  return loaded.providers.flatMap(({ keys }) => keys.map(({ name }) => name))
}

function freeName(provider: string, taken: readonly string[]): string {
  let number = 1
  while (taken.includes(`${provider}-${number}`)) number++
  return `${provider}-${number}`
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError(`the file ${file} cannot be read`, { cause: error })
  }
}

function report(plan: InitPlan, { said, exports }: Done, url: string, asked: boolean): string {
  const lines = said.map((sentence) => `- ${sentence}`)
  if (!asked) lines.push(...capacityOf(plan.keys).map((sentence) => `- ${sentence}`))
  if (exports.length > 0) lines.push('', 'Export these where the gateway is started:', ...exports)
  lines.push('', 'Start it:', '  switchyard serve', '', 'Point clients at it:')
  for (const { title, lines: snippet } of snippetsFor(url))
    lines.push(`  ${title}`, ...snippet.map((line) => `    ${line}`))
  return lines.join('\n')
}
