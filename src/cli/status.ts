import { load } from '../config/load.ts'
import { dollars } from '../ledger/price.ts'
import { windowStart } from '../limits/window.ts'
import type { Status, ProviderStatus, AccountStatus, WindowStatus } from '../routing/status.ts'
import { readSqliteStore } from '../stores/sqlite-reader.ts'
import { askGateway } from './gateway-client.ts'
import { printable } from './printable.ts'
import { localGateway, serverSettings } from './settings.ts'

/** `switchyard status`: from the running gateway; without one, what its ledger holds. */
export async function showStatus(flags: { readonly json?: boolean }): Promise<void> {
  const { home, file } = load({ environment: process.env })
  const gateway = localGateway(serverSettings(process.env, file), home)
  const live = (await askGateway(`${gateway.url}/admin/status`, gateway.adminKey)) as unknown as
    | Status
    | undefined
  if (live !== undefined) {
    console.log(flags.json === true ? JSON.stringify(live, undefined, 2) : printable(render(live)))
    return
  }
  const now = Date.now()
  const stored = readStored(home.ledgerFile, now)
  if (flags.json === true) console.log(JSON.stringify({ running: false, ...stored }, undefined, 2))
  else console.log(printable(renderStored(gateway.url, stored)))
}

type Stored = ReturnType<typeof readStored>

function readStored(path: string, now: number) {
  using store = readSqliteStore(path)
  const totals = store?.totals(windowStart('day', now)) ?? []
  const holds = store?.holds(now) ?? []
  return {
    today: totals.map(({ nanoUsd, ...total }) => ({ ...total, usd: nanoUsd / 1e9 })),
    cooldowns: holds.map(({ name, until, kind, why }) => ({ name, kind, why, until: time(until) })),
  }
}

function renderStored(url: string, { today, cooldowns }: Stored): string {
  const lines = [`No gateway answers at ${url}; this is what the ledger holds of today (UTC).`]
  for (const { key, attempts, failed, usd } of today)
    lines.push(`  ${key}: ${attempts} calls, ${failed} failed, ${dollars(usd * 1e9)}`)
  if (today.length === 0) lines.push('  no calls')
  for (const { name, why, until } of cooldowns) lines.push(`  rests until ${until}: ${name} (${why})`)
  return lines.join('\n')
}

function render(status: Status): string {
  const ceilings = status.spending.map(
    ({ name, usd, maxUsd, resetsAt }) =>
      `Spending ${name}: ${dollars(usd * 1e9)} of ${dollars(maxUsd * 1e9)}, resets ${resetsAt}`,
  )
  return [...status.providers.map((provider) => renderProvider(provider)), ...ceilings].join('\n')
}

function renderProvider(provider: ProviderStatus): string {
  const lines = [
    `${provider.title} (${provider.lane}) ${provider.endpoint}: ${provider.health}${provider.models === undefined ? '' : `, ${provider.models} models`}`,
  ]
  if (provider.cooldown !== undefined)
    lines.push(`  rests until ${provider.cooldown.until}: ${provider.cooldown.why}`)
  for (const { model, change, since } of provider.drift)
    lines.push(
      `  ${model} ${change === 'priced' ? 'has a price' : 'is gone'} since ${since}: no longer called as a free model`,
    )
  for (const { model, until, why } of provider.restingModels)
    lines.push(`  ${model} rests until ${until}: ${why}`)
  for (const account of provider.accounts) lines.push(...renderAccount(account))
  return lines.join('\n')
}

function renderAccount(account: AccountStatus): string[] {
  const lines = [`  account ${account.id}${account.inFlight > 0 ? `, ${account.inFlight} in flight` : ''}`]
  for (const window of account.windows) lines.push(`    ${renderWindow(window)}`)
  for (const { why, until, lane } of account.cooldowns)
    lines.push(`    rests${lane === undefined ? '' : ` (${lane} calls)`} until ${until}: ${why}`)
  for (const { name, masked, today, cooldown, lastError, cap } of account.keys) {
    lines.push(
      `    ${name} ${masked} today: ${today.requests} calls, ${today.failed} failed, ${dollars(today.usd * 1e9)}`,
    )
    if (cap !== undefined)
      lines.push(
        `      spending cap ${dollars(cap.usd * 1e9)}, ${dollars(cap.leftUsd * 1e9)} left${cap.resetsAt === undefined ? '' : `, resets ${cap.resetsAt}`} (the service, ${cap.at})`,
      )
    if (cooldown !== undefined) lines.push(`      rests until ${cooldown.until}: ${cooldown.why}`)
    else if (lastError !== undefined) lines.push(`      last error: ${lastError}`)
  }
  return lines
}

/** The service's own figure stands beside ours where they differ: others used it, or a count got lost. */
function renderWindow(window: WindowStatus): string {
  const { name, metric, used, max, maxFrom, remaining, resetsAt, provider } = window
  const amount = (value: number): string => (metric === 'nano-usd' ? dollars(value) : String(value))
  const parts = [max === undefined ? `${amount(used)} used` : `${amount(used)} of ${amount(max)} used`]
  // What the operator declared or the service told needs no word.
  if (maxFrom !== undefined && maxFrom.confidence !== 'high')
    parts[0] += maxFrom.source === 'refusal' ? ' (limit guessed from a refusal)' : ' (limit assumed)'
  if (remaining !== undefined) parts.push(`${amount(remaining)} left`)
  if (resetsAt !== undefined) parts.push(`resets ${resetsAt}`)
  if (provider !== undefined && provider.used !== provider.counted) {
    parts.push(
      `the service counted ${amount(provider.used)} when we had counted ${amount(provider.counted)} (${provider.at})`,
    )
  }
  return `${name}: ${parts.join(', ')}`
}

function time(until: number): string {
  return Number.isFinite(until) ? new Date(until).toISOString() : 'released by hand'
}
