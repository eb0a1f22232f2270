import { existsSync } from 'node:fs'
import { confirm, isCancel, log, multiselect, note, password, select, text } from '@clack/prompts'
import { parseKey } from '../../config/environment.ts'
import type { ProviderSettings } from '../../routing/settings.ts'
import { Cancelled } from '../terminal/ask.ts'
import { checkName } from '../../config/secret-file.ts'
import { withProgress } from '../terminal/progress.ts'
import { capacityOf, type InitPlan, type NewKey, withAccounts } from './plan.ts'

export interface Asking {
  readonly providers: readonly ProviderSettings[]
  readonly configFile: string
  /** The next name that is free, given the ones chosen so far. */
  nameFor(provider: string, taken: readonly string[]): string
  /** Names that keys have already. */
  readonly taken: readonly string[]
  check(key: Omit<NewKey, 'check'>): Promise<NewKey>
}

/** Asks everything that a set-up needs. Nothing is written; Ctrl-C ends it (Cancelled). */
export async function askPlan(asking: Asking): Promise<InitPlan> {
  if (existsSync(asking.configFile)) {
    log.info(`${asking.configFile} is there already. It is kept; what you answer is added to it.`)
    if (!answered(await confirm({ message: 'Go on?' }))) throw new Cancelled()
  }
  const chosen = answered(
    await multiselect({
      message: 'Which services do you have keys of? (space chooses, Enter goes on)',
      options: asking.providers.map(({ provider }) => ({
        value: provider.name,
        label: provider.title,
        hint: provider.lane === 'free' ? 'free models' : 'paid by the call',
      })),
    }),
  )
  const keys: NewKey[] = []
  for (const settings of asking.providers)
    if (chosen.includes(settings.provider.name)) keys.push(...(await askKeys(settings, asking, keys)))
  const grouped = await askAccounts(withAccounts(keys))
  note(capacityOf(grouped).join('\n'), 'What this is worth')
  return { keys: grouped, ...(await askPolicy()), store: await askStore() }
}

async function askKeys(
  { provider }: ProviderSettings,
  asking: Asking,
  before: readonly NewKey[],
): Promise<NewKey[]> {
  const found: NewKey[] = []
  for (;;) {
    const pasted = answered(
      await password({
        message: `Key of ${provider.title} (it is not shown)`,
        validate: (value) => problemOf(() => parseKey(value ?? '', 'the answer')),
      }),
    )
    const taken = [...asking.taken, ...before.map(({ name }) => name), ...found.map(({ name }) => name)]
    const secret = parseKey(pasted, 'the answer')
    const twin = [...before, ...found].find((key) => key.secret.reveal() === secret.reveal())
    if (twin !== undefined) log.warn(`That is the same key as ${twin.name}; it is left out.`)
    else {
      const name = answered(
        await text({
          message: 'A name for it, for status and logs',
          initialValue: asking.nameFor(provider.name, taken),
          validate: (value) =>
            taken.includes(value ?? '')
              ? 'another key has that name'
              : problemOf(() => checkName(value ?? '', 'key')),
        }),
      )
      const key = await checked({ provider, name, secret }, asking)
      if (key !== undefined) found.push(key)
    }
    if (!answered(await confirm({ message: `Another key of ${provider.title}?`, initialValue: false })))
      return found
  }
}

/** Undefined: the service refuses it, and nobody wants it all the same. */
async function checked(key: Omit<NewKey, 'check'>, asking: Asking): Promise<NewKey | undefined> {
  const made = await withProgress(`Asking ${key.provider.title}, without spending quota`, asking.check(key))
  const { verdict, why } = made.check ?? {}
  if (verdict === 'accepted') {
    log.success(`${key.provider.title} accepts ${key.name}`)
    return made
  }
  log.warn(`${key.name}: ${verdict ?? 'not checked'}${why === undefined ? '' : ` (${why})`}`)
  const keep = await confirm({ message: 'Keep it all the same?', initialValue: verdict !== 'refused' })
  return answered(keep) ? made : undefined
}

/** Where the service did not say whose the keys are, somebody has to. */
async function askAccounts(keys: readonly NewKey[]): Promise<readonly NewKey[]> {
  let grouped = keys
  for (const provider of new Set(keys.map((key) => key.provider))) {
    const unknown = grouped.filter((key) => key.provider === provider && key.check?.account === undefined)
    if (unknown.length < 2) continue
    const names = unknown.map(({ name }) => name)
    const one = await confirm({
      message: `${provider.title} did not say whose ${names.join(', ')} are. Do they belong to one account?`,
      initialValue: false,
    })
    if (answered(one))
      grouped = grouped.map((key) =>
        unknown.includes(key) ? { ...key, account: `${provider.name}-account` } : key,
      )
  }
  return grouped
}

async function askPolicy(): Promise<Pick<InitPlan, 'freeOnly' | 'usdPerMonth'>> {
  const policy = answered(
    await select({
      message: 'What may it cost?',
      options: [
        { value: 'free', label: 'Nothing: free calls only' },
        { value: 'ceiling', label: 'Free quota first, then paid calls up to a ceiling' },
      ],
    }),
  )
  if (policy === 'free') return { freeOnly: true }
  const dollars = answered(
    await text({
      message: 'At most how many dollars a month?',
      initialValue: '5',
      validate: (value) => (isAmount(value ?? '') ? undefined : 'a number of dollars, such as 5 or 0.5'),
    }),
  )
  return { freeOnly: false, usdPerMonth: Number(dollars) }
}

async function askStore(): Promise<InitPlan['store']> {
  return answered(
    await select({
      message: 'Keys are kept in files that only you can read. How is the gateway told of them?',
      options: [
        { value: 'config' as const, label: 'By the config file' },
        { value: 'variables' as const, label: 'By variables; I get the lines to export' },
      ],
    }),
  )
}

export function isAmount(value: string): boolean {
  return value.trim() !== '' && Number(value) >= 0 && Number(value) <= 1_000_000
}

function answered<Value>(answer: Value): Exclude<Value, symbol> {
  if (isCancel(answer)) throw new Cancelled()
  return answer as Exclude<Value, symbol>
}

function problemOf(read: () => unknown): string | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
