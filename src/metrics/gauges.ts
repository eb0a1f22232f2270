import type { Gauge } from '@prometheus-io/client'
import type { AccountStatus, Cooldown, ProviderStatus, Status, WindowStatus } from '../routing/status.ts'
import type { GaugeName } from './series.ts'

const minuteMs = 60_000
// Kinds of rests that mean "spent".
const spentKinds: ReadonlySet<string> = new Set(['quota', 'credits'])

/** What of a status is shown; `listed` says whether a provider's catalogue has a model. */
export interface Shown {
  readonly status: Status
  readonly healthy: boolean
  listed(provider: string, model: string): boolean
}

/** Sets every gauge from one status. What is no more is gone. */
export function fillGauges(gauges: Readonly<Record<GaugeName, Gauge<string>>>, shown: Shown): void {
  const { status, healthy } = shown
  const now = Date.parse(status.now)
  for (const gauge of Object.values(gauges)) gauge.reset()
  for (const provider of status.providers) {
    const { name } = provider
    gauges.providerUp.set({ provider: name }, provider.cooldown === undefined ? 1 : 0)
    for (const state of ['usable', 'spent', 'resting'] as const) {
      const count = provider.accounts.filter((account) => stateOf(account, now) === state).length
      gauges.accounts.set({ provider: name, state }, count)
    }
    for (const account of provider.accounts) {
      gauges.inFlight.set({ provider: name, account: account.id }, account.inFlight)
      for (const window of account.windows)
        fillWindow(gauges, window, { provider: name, account: account.id })
    }
    for (const [labels, seconds] of cooldownsOf(provider, shown, now)) gauges.cooldown.set(labels, seconds)
  }
  for (const { name, usd, maxUsd } of status.spending) {
    gauges.budgetSpent.set({ budget: name }, usd)
    gauges.budgetLimit.set({ budget: name }, maxUsd)
  }
  gauges.ledgerQueue.set(status.ledger.unwritten)
  gauges.storeHealthy.set(healthy && status.ledger.problem === undefined ? 1 : 0)
}

function fillWindow(
  gauges: Readonly<Record<GaugeName, Gauge<string>>>,
  { name, metric, used, max, resetsAt }: WindowStatus,
  of: { readonly provider: string; readonly account: string },
): void {
  const dollars = metric === 'nano-usd'
  const unit = dollars ? 'dollars' : metric === 'in-flight' ? 'calls' : metric
  const shown = (amount: number): number => (dollars ? amount / 1e9 : amount)
  gauges.quotaUsed.set({ ...of, window: name, unit }, shown(used))
  if (max !== undefined) gauges.quotaLimit.set({ ...of, window: name, unit }, shown(max))
  if (resetsAt !== undefined) gauges.quotaReset.set({ ...of, window: name }, Date.parse(resetsAt) / 1000)
}

/** A minute that is full is no news: it is over before anybody has read of it. */
function stateOf({ windows, cooldowns, keys }: AccountStatus, now: number): 'usable' | 'spent' | 'resting' {
  const full = windows.some(
    ({ remaining, resetsAt }) =>
      remaining === 0 && resetsAt !== undefined && Date.parse(resetsAt) - now > minuteMs,
  )
  if (full || cooldowns.some(({ kind }) => spentKinds.has(kind))) return 'spent'
  const resting = cooldowns.length > 0 || keys.every(({ cooldown }) => cooldown !== undefined)
  return resting ? 'resting' : 'usable'
}

type CooldownLabels = Readonly<Record<'provider' | 'account' | 'key' | 'model' | 'lane' | 'kind', string>>

/** With models outside the catalogue as one, whose longest rest is shown. */
function* cooldownsOf(
  provider: ProviderStatus,
  { listed }: Shown,
  now: number,
): Generator<readonly [CooldownLabels, number]> {
  const none = { provider: provider.name, account: '', key: '', model: '', lane: '', kind: '' }
  const row = (of: Partial<CooldownLabels>, { kind, lane, until }: Cooldown) => {
    const seconds = until === 'released' ? Infinity : Math.max(0, Date.parse(until) - now) / 1000
    return [{ ...none, ...of, kind, lane: lane ?? '' }, seconds] as const
  }
  const ofModels = function* (models: ProviderStatus['restingModels'], account: string) {
    const others = new Map<string, (typeof models)[number]>()
    for (const each of models) {
      if (listed(provider.name, each.model)) yield row({ account, model: each.model }, each)
      else if (isLater(each, others.get(each.kind))) others.set(each.kind, each)
    }
    for (const each of others.values()) yield row({ account, model: 'other' }, each)
  }
  if (provider.cooldown !== undefined) yield row({}, provider.cooldown)
  yield* ofModels(provider.restingModels, '')
  for (const { id, cooldowns, restingModels, keys } of provider.accounts) {
    for (const each of cooldowns) yield row({ account: id }, each)
    yield* ofModels(restingModels, id)
    for (const { name, cooldown } of keys)
      if (cooldown !== undefined) yield row({ account: id, key: name }, cooldown)
  }
}

function isLater(one: Cooldown, other: Cooldown | undefined): boolean {
  if (other === undefined || one.until === 'released') return true
  return other.until !== 'released' && Date.parse(one.until) > Date.parse(other.until)
}
