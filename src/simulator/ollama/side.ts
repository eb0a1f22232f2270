import type { KeyNames } from '../books.ts'
import type { Dice } from '../dice.ts'
import { Told, type Knowing } from '../told.ts'
import {
  billingMonth,
  minuteWindow,
  monthWindow,
  sessionWindow,
  weekWindow,
  WindowCount,
} from '../windows.ts'
import { defaultModels, freePlanModels } from './models.ts'
import type { OllamaAccountOptions, OllamaModelOptions, OllamaOptions, OllamaPlan } from './options.ts'
import { Slots } from './slots.ts'
import { UsageHistory } from './usage.ts'

export interface OllamaAccount {
  readonly name: string
  readonly id: string
  readonly plan: OllamaPlan
  /** Counts 5-hour and weekly windows instead of tokens. */
  readonly isLegacy: boolean
  readonly allowanceUsd: number
  /** Included credit used in the running billing month. */
  readonly includedSpent: WindowCount
  /** USD. */
  purchased: number
  readonly sessionAllowance: number
  readonly weeklyAllowance: number
  readonly session: WindowCount
  readonly weekly: WindowCount
  /** Readings of balance and usage in the running minute. */
  readonly polls: WindowCount
  readonly slots: Slots
  readonly concurrency: number
  readonly told: Told
  readonly allowed: ReadonlySet<string> | undefined
  readonly history: UsageHistory
}

export interface OllamaKey extends KeyNames {
  readonly value: string
  readonly owner: OllamaAccount
}

/** Everything Ollama Cloud knows. */
export interface OllamaSide {
  readonly settings: Required<Omit<OllamaOptions, 'accounts' | 'models'>>
  readonly accounts: readonly OllamaAccount[]
  readonly keys: ReadonlyMap<string, OllamaKey>
  readonly models: ReadonlyMap<string, OllamaModelOptions>
}

interface PlanFacts {
  readonly allowanceUsd: number
  readonly concurrency: number
  readonly session: number
  readonly weekly: number
}

const plans: Readonly<Record<OllamaPlan, PlanFacts>> = {
  payg: { allowanceUsd: 0, concurrency: 1, session: 0, weekly: 0 },
  pro: { allowanceUsd: 60, concurrency: 3, session: 0, weekly: 0 },
  max: { allowanceUsd: 300, concurrency: 10, session: 0, weekly: 0 },
  team: { allowanceUsd: 1000, concurrency: 10, session: 0, weekly: 0 },
  legacy_free: { allowanceUsd: 0, concurrency: 1, session: 50, weekly: 250 },
  legacy_pro: { allowanceUsd: 0, concurrency: 3, session: 500, weekly: 5000 },
  legacy_max: { allowanceUsd: 0, concurrency: 10, session: 2500, weekly: 25_000 },
}

const defaultAccounts: readonly OllamaAccountOptions[] = [{}, {}]

function createAccount(
  options: OllamaAccountOptions,
  number: number,
  dice: Dice,
  now: number,
  knowing: Knowing,
): OllamaAccount {
  const plan = options.plan ?? 'pro'
  if (options.periodStart !== undefined && Number.isNaN(Date.parse(options.periodStart))) {
    throw new TypeError(`periodStart "${options.periodStart}" is not a time like "2026-11-15T09:30:00Z"`)
  }
  const facts = plans[plan]
  const monthAt =
    options.periodStart === undefined ? monthWindow : billingMonth(Date.parse(options.periodStart))
  const alreadySpent = facts.allowanceUsd - (options.includedUsd ?? facts.allowanceUsd)
  const concurrency = options.concurrency ?? facts.concurrency
  const allowed = options.models ?? (plan === 'legacy_free' ? freePlanModels : undefined)
  return {
    name: options.name ?? `ollama-${number}`,
    id: dice.uuid(),
    plan,
    isLegacy: plan.startsWith('legacy_'),
    allowanceUsd: facts.allowanceUsd,
    includedSpent: new WindowCount(monthAt, now, alreadySpent),
    purchased: options.balanceUsd ?? (plan === 'payg' ? 10 : 0),
    sessionAllowance: options.sessionRequests ?? facts.session,
    weeklyAllowance: options.weeklyRequests ?? facts.weekly,
    session: new WindowCount(sessionWindow, now, options.sessionUsed ?? 0),
    weekly: new WindowCount(weekWindow, now, options.weeklyUsed ?? 0),
    polls: new WindowCount(minuteWindow, now),
    slots: new Slots(concurrency, options.slotWaitMs ?? 30_000),
    concurrency,
    told: new Told(knowing),
    allowed: allowed === undefined ? undefined : new Set(allowed),
    history: new UsageHistory(),
  }
}

export function createOllamaSide(
  options: OllamaOptions,
  dice: Dice,
  now: number,
  knowing: Knowing,
): OllamaSide {
  const accounts: OllamaAccount[] = []
  const keys = new Map<string, OllamaKey>()
  for (const [index, accountOptions] of (options.accounts ?? defaultAccounts).entries()) {
    const owner = createAccount(accountOptions, index + 1, dice, now, knowing)
    accounts.push(owner)
    const values = accountOptions.keys ?? [`${dice.hex(32)}.${dice.alphanumeric(24)}`]
    for (const [keyIndex, value] of values.entries()) {
      const label = `${owner.name}/${keyIndex + 1}`
      if (keys.has(value)) throw new TypeError(`the key ${label} is given twice`)
      keys.set(value, { value, owner, account: owner.name, label })
    }
  }
  return {
    settings: {
      refs: options.refs ?? true,
      plainErrors: options.plainErrors ?? false,
      cachedShare: options.cachedShare ?? 0,
      showsThinking: options.showsThinking ?? false,
      spentStatus: options.spentStatus ?? 402,
    },
    accounts,
    keys,
    models: new Map((options.models ?? defaultModels).map((model) => [model.name, model])),
  }
}

/** What is left of the month's included credit. */
export function includedLeft(account: OllamaAccount, now: number): number {
  return Math.max(0, account.allowanceUsd - account.includedSpent.count(now))
}

/** Takes a cost from the included credit first, then from what was purchased. */
export function charge(account: OllamaAccount, usd: number, now: number): void {
  const fromIncluded = account.isLegacy ? 0 : Math.min(usd, includedLeft(account, now))
  account.includedSpent.add(now, fromIncluded)
  account.purchased = Math.max(0, account.purchased - (usd - fromIncluded))
}
