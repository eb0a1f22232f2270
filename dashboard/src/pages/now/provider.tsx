import type { Outlook, ProviderStatus } from '../../api/types.ts'
import { amount, count } from '../../format/amount.ts'
import { clockTime, countdown } from '../../format/when.ts'
import { Badge } from '../../parts/gauge.tsx'
import { Account } from './account.tsx'
import { Rest } from '../../parts/rest.tsx'

/** More would be neither read nor drawn in time; the page of keys has them all. */
const mostAccounts = 12

const health = {
  ok: { tone: 'good', words: 'ready' },
  resting: { tone: 'warn', words: 'resting' },
  'no-keys': { tone: 'calm', words: 'no keys' },
} as const

/** One service: how it is, how long what it gives will last, and its accounts. */
export function Provider({ provider, now }: { readonly provider: ProviderStatus; readonly now: number }) {
  const { title, accounts, forecast, cooldown, drift, restingModels, models } = provider
  const { tone, words } = health[provider.health]
  const busyFirst = accounts.toSorted((x, y) => weight(y) - weight(x)).slice(0, mostAccounts)
  return (
    <section class="provider" aria-label={title}>
      <header class="provider-head">
        <h3>{title}</h3>
        <Badge tone={tone}>{words}</Badge>
        <span class="soft">{models === undefined ? 'models not read yet' : `${count(models)} models`}</span>
      </header>
      {forecast.map((outlook) => (
        <Forecast key={outlook.window} outlook={outlook} now={now} />
      ))}
      {cooldown === undefined ? null : <Rest who="The whole service" rest={cooldown} now={now} />}
      {drift.map(({ model, change, since }) => (
        <p key={model} class="rest">
          {model} {change === 'priced' ? 'has a price' : 'is gone'} since {clockTime(Date.parse(since), now)};
          it is no longer called as a free model.
        </p>
      ))}
      {restingModels.slice(0, 10).map(({ model, ...rest }) => (
        <Rest key={model} who={model} rest={rest} now={now} />
      ))}
      {busyFirst.map((account) => (
        <Account key={account.id} account={account} now={now} />
      ))}
      {accounts.length > busyFirst.length ? (
        <p class="soft">
          {count(accounts.length - busyFirst.length)} more accounts are on the{' '}
          <a href="/dashboard/keys">page of keys</a>.
        </p>
      ) : null}
    </section>
  )
}

/** Who is used or in trouble comes first. */
function weight({ inFlight, cooldowns, windows }: ProviderStatus['accounts'][number]): number {
  const share = windows.map(({ used, max }) => (max === undefined || max === 0 ? 0 : used / max))
  return inFlight * 2 + cooldowns.length + Math.max(0, ...share)
}

/** `Free until 17:40, back 00:00 (in 6h 12m)`. */
function Forecast({ outlook, now }: { readonly outlook: Outlook; readonly now: number }) {
  const { metric, lane, left, max, perHour, emptyAt } = outlook
  const backAt = Date.parse(outlook.backAt)
  const back = `back ${clockTime(backAt, now)} (in ${countdown(backAt - now)})`
  const word = lane === 'free' ? 'Free' : 'Room'
  const first =
    left <= 0
      ? `${lane === 'free' ? 'Free quota' : 'All'} spent`
      : emptyAt === undefined
        ? `${word} past the reset`
        : `${word} until ${clockTime(Date.parse(emptyAt), now)}`
  const unit = metric === 'nano-usd' ? '' : ` ${metric}`
  return (
    <p class="forecast">
      <strong>{first}</strong>, {back}
      <br />
      <span class="soft">
        {amount(left, metric)} of {amount(max, metric)}
        {unit} left a {outlook.window},{' '}
        {perHour > 0 ? `${amount(perHour, metric)} an hour lately` : 'none used lately'}
      </span>
    </p>
  )
}
