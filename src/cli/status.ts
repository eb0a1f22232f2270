import { load } from '../config/load.ts'
import { windowStart } from '../limits/window.ts'
import type { Status, ProviderStatus, AccountStatus } from '../routing/status.ts'
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
    lines.push(`  ${key}: ${attempts} calls, ${failed} failed, $${usd}`)
  if (today.length === 0) lines.push('  no calls')
  for (const { name, why, until } of cooldowns) lines.push(`  rests until ${until}: ${name} (${why})`)
  return lines.join('\n')
}

function render(status: Status): string {
  return status.providers.map((provider) => renderProvider(provider)).join('\n')
}

function renderProvider(provider: ProviderStatus): string {
  const lines = [
    `${provider.title} (${provider.lane}) ${provider.endpoint}: ${provider.health}${provider.models === undefined ? '' : `, ${provider.models} models`}`,
  ]
  if (provider.cooldown !== undefined)
    lines.push(`  rests until ${provider.cooldown.until}: ${provider.cooldown.why}`)
  for (const { model, until, why } of provider.restingModels)
    lines.push(`  ${model} rests until ${until}: ${why}`)
  for (const account of provider.accounts) lines.push(...renderAccount(account))
  return lines.join('\n')
}

function renderAccount(account: AccountStatus): string[] {
  const lines = [`  account ${account.id}${account.inFlight > 0 ? `, ${account.inFlight} in flight` : ''}`]
  for (const { name, used, max, remaining, resetsAt } of account.windows) {
    lines.push(
      `    ${name}: ${used} of ${max ?? '?'} used${remaining === undefined ? '' : `, ${remaining} left`}${resetsAt === undefined ? '' : `, resets ${resetsAt}`}`,
    )
  }
  for (const { why, until, lane } of account.cooldowns)
    lines.push(`    rests${lane === undefined ? '' : ` (${lane} calls)`} until ${until}: ${why}`)
  for (const { name, masked, today, cooldown, lastError } of account.keys) {
    lines.push(`    ${name} ${masked} today: ${today.requests} calls, ${today.failed} failed, $${today.usd}`)
    if (cooldown !== undefined) lines.push(`      rests until ${cooldown.until}: ${cooldown.why}`)
    else if (lastError !== undefined) lines.push(`      last error: ${lastError}`)
  }
  return lines
}

function time(until: number): string {
  return Number.isFinite(until) ? new Date(until).toISOString() : 'released by hand'
}
