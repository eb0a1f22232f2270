import type { KeyNames } from '../books.ts'
import type { Dice } from '../dice.ts'
import type { Json } from '../json.ts'
import { Told, type Knowing } from '../told.ts'
import { dayWindow, minuteWindow, monthWindow, weekWindow, WindowCount } from '../windows.ts'
import { createModel, defaultModels, type OpenRouterModel } from './models.ts'
import type { OpenRouterAccountOptions, OpenRouterKeyOptions, OpenRouterOptions } from './options.ts'

export interface OpenRouterAccount {
  readonly name: string
  readonly userId: string
  readonly creditsBought: number
  readonly blocksFreeModels: boolean
  readonly perMinute: number
  readonly perDay: number
  readonly minute: WindowCount
  readonly day: WindowCount
  readonly told: Told
  /** USD. */
  balance: number
  /** USD promised to calls still in flight. */
  reserved: number
  /** The free counter as `GET /key` last read it. */
  reading: { readonly at: number; readonly used: number } | undefined
}

export interface OpenRouterKey extends KeyNames {
  readonly value: string
  readonly owner: OpenRouterAccount
  readonly disabled: boolean
  readonly limitUsd: number | null
  readonly limitReset: 'daily' | 'weekly' | 'monthly' | null
  readonly spent: {
    total: number
    readonly daily: WindowCount
    readonly weekly: WindowCount
    readonly monthly: WindowCount
  }
}

/** Everything OpenRouter knows. */
export interface OpenRouterSide {
  readonly settings: Required<Omit<OpenRouterOptions, 'accounts' | 'models'>>
  readonly accounts: readonly OpenRouterAccount[]
  readonly keys: ReadonlyMap<string, OpenRouterKey>
  readonly models: ReadonlyMap<string, OpenRouterModel>
  /** The last calls, for `GET /generation`. */
  readonly generations: Map<string, { readonly owner: OpenRouterAccount; readonly data: Json }>
}

const defaultAccounts: readonly OpenRouterAccountOptions[] = [{}, {}, {}]

function createAccount(
  options: OpenRouterAccountOptions,
  number: number,
  dice: Dice,
  now: number,
  knowing: Knowing,
): OpenRouterAccount {
  const creditsBought = options.creditsBought ?? 0
  return {
    name: options.name ?? `openrouter-${number}`,
    userId: options.userId ?? `user_${dice.alphanumeric(24)}`,
    creditsBought,
    blocksFreeModels: options.blocksFreeModels ?? false,
    perMinute: options.perMinute ?? 20,
    // The switch sits one credit below the documented 10, so that fees do not cost the tier (docs: api_reference/limits).
    perDay: options.perDay ?? (creditsBought >= 9 ? 1000 : 50),
    minute: new WindowCount(minuteWindow, now),
    day: new WindowCount(dayWindow, now, options.foreignUsed ?? 0),
    told: new Told(knowing),
    balance: options.balance ?? creditsBought,
    reserved: 0,
    reading: undefined,
  }
}

function createKey(
  options: OpenRouterKeyOptions,
  owner: OpenRouterAccount,
  number: number,
  dice: Dice,
  now: number,
): OpenRouterKey {
  return {
    value: options.key ?? `sk-or-v1-${dice.hex(64)}`,
    account: owner.name,
    label: `${owner.name}/${number}`,
    owner,
    disabled: options.disabled ?? false,
    limitUsd: options.limitUsd ?? null,
    limitReset: options.limitReset ?? null,
    spent: {
      total: 0,
      daily: new WindowCount(dayWindow, now),
      weekly: new WindowCount(weekWindow, now),
      monthly: new WindowCount(monthWindow, now),
    },
  }
}

export function createOpenRouterSide(
  options: OpenRouterOptions,
  dice: Dice,
  now: number,
  knowing: Knowing,
): OpenRouterSide {
  const accounts: OpenRouterAccount[] = []
  const keys = new Map<string, OpenRouterKey>()
  for (const [index, accountOptions] of (options.accounts ?? defaultAccounts).entries()) {
    const account = createAccount(accountOptions, index + 1, dice, now, knowing)
    accounts.push(account)
    for (const [keyIndex, given] of (accountOptions.keys ?? [{}]).entries()) {
      const keyOptions = typeof given === 'string' ? { key: given } : given
      const key = createKey(keyOptions, account, keyIndex + 1, dice, now)
      if (keys.has(key.value)) throw new TypeError(`the key ${key.label} is given twice`)
      keys.set(key.value, key)
    }
  }
  const models = (options.models ?? defaultModels).map((model) => createModel(model, now))
  return {
    settings: {
      oldErrors: options.oldErrors ?? false,
      rateLimitHeaders: options.rateLimitHeaders ?? true,
      resetUnit: options.resetUnit ?? 'ms',
      firstLimit: options.firstLimit ?? 'day',
      countsZeroPrice: options.countsZeroPrice ?? true,
      keyLimitStatus: options.keyLimitStatus ?? 402,
      keyStaleMs: options.keyStaleMs ?? 60_000,
      keyShowsFreeRequests: options.keyShowsFreeRequests ?? true,
      classifierInFreePool: options.classifierInFreePool ?? false,
      keepAliveComments: options.keepAliveComments ?? 2,
      usageChunk: options.usageChunk ?? 'empty-choices',
      usageDetails: options.usageDetails ?? true,
      cachedShare: options.cachedShare ?? 0,
      extraDone: options.extraDone ?? false,
      responsesErrors: options.responsesErrors ?? 'own',
    },
    accounts,
    keys,
    models: new Map(models.map((model) => [model.id, model])),
    generations: new Map(),
  }
}

/** Takes what a call cost from the account and books it on the key. */
export function charge(key: OpenRouterKey, usd: number, now: number): void {
  key.owner.balance -= usd
  key.spent.total += usd
  key.spent.daily.add(now, usd)
  key.spent.weekly.add(now, usd)
  key.spent.monthly.add(now, usd)
}

/** What is left under the key's own cap; null when it has none. */
export function limitRemaining(key: OpenRouterKey, now: number): number | null {
  if (key.limitUsd === null) return null
  const spent = key.limitReset === null ? key.spent.total : key.spent[key.limitReset].count(now)
  return Math.max(0, key.limitUsd - spent)
}
