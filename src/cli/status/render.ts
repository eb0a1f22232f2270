import { dollars } from '../../ledger/price.ts'
import type { AccountStatus, Cooldown, KeyStatus, ProviderStatus, Status } from '../../routing/status.ts'
import { counted, table, wrap } from '../terminal/table.ts'
import type { View } from '../terminal/view.ts'
import { clockTime, countdown } from '../terminal/when.ts'
import { forecastText } from './forecast-text.ts'
import { legend, spendingColumns, spendingRows, windowColumns, windowRow } from './windows.ts'

/** The whole picture for people. `status` is text from elsewhere that has been cleaned. */
export function renderStatus(status: Status, gateway: string, view: View): string {
  const { paint } = view
  const zone = view.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  const head = `${paint.bold('Switchyard')} ${paint.dim(`${gateway} · ${clockTime(view.now, view)} ${zone}`)}`
  const blocks = status.providers.map((provider) => renderProvider(provider, view).join('\n'))
  return [head, ...blocks, [...renderSpend(status, view), ...legend(status, view)].join('\n')].join('\n\n')
}

function renderProvider(provider: ProviderStatus, view: View): string[] {
  const { paint } = view
  const health = { ok: paint.green('ok'), resting: paint.yellow('resting'), 'no-keys': paint.dim('no keys') }
  const models = provider.models === undefined ? 'models not read yet' : `${provider.models} models`
  return [
    `${paint.bold(provider.title)} ${paint.dim('·')} ${provider.lane} ${paint.dim('·')} ${health[provider.health]} ${paint.dim(`· ${models} · ${provider.endpoint}`)}`,
    ...provider.forecast.flatMap((outlook) => indented(forecastText(outlook, view), 2, view, paint.cyan)),
    ...(provider.cooldown === undefined ? [] : restLines('the whole service', provider.cooldown, 2, view)),
    ...provider.drift.flatMap(({ model, change, since }) =>
      indented(
        `drift: ${model} ${change === 'priced' ? 'has a price' : 'is gone'} since ${clockTime(Date.parse(since), view)}; it is no longer called as a free model`,
        2,
        view,
        paint.yellow,
      ),
    ),
    ...provider.restingModels.flatMap(({ model, ...rest }) => restLines(model, rest, 2, view)),
    ...provider.accounts.flatMap((account) => renderAccount(account, view)),
  ]
}

function renderAccount(account: AccountStatus, view: View): string[] {
  const { paint } = view
  const busy = account.inFlight > 0 ? paint.cyan(` · ${account.inFlight} in flight`) : ''
  const shared = account.keys.length > 1 ? paint.dim(` · ${account.keys.length} keys share it`) : ''
  return [
    `  account ${paint.bold(account.id)}${shared}${busy}`,
    ...table(
      windowColumns,
      account.windows.map((window) => windowRow(window, view)),
      { width: view.width, indent: 4 },
    ),
    ...account.windows.flatMap(({ name, metric, provider }) => {
      if (provider === undefined || provider.used === provider.counted) return []
      const amount = (value: number): string => (metric === 'nano-usd' ? dollars(value) : String(value))
      const text = `${name}: the service counted ${amount(provider.used)} when ${amount(provider.counted)} were counted here (${clockTime(Date.parse(provider.at), view)})`
      return indented(text, 4, view, paint.dim)
    }),
    ...account.cooldowns.flatMap((rest) =>
      restLines(rest.lane === undefined ? 'the account' : `its ${rest.lane} lane`, rest, 4, view),
    ),
    ...table(
      [{ least: 12 }, {}, {}, {}],
      account.keys.map((key) => keyRow(key, view)),
      { width: view.width, indent: 4 },
    ),
    ...account.keys.flatMap((key) => keyNotes(key, view)),
  ]
}

function keyRow({ name, masked, disabled, cooldown, inFlight, today }: KeyStatus, { paint }: View): string[] {
  const state = disabled
    ? paint.red('disabled')
    : cooldown !== undefined
      ? paint.yellow('resting')
      : inFlight > 0
        ? paint.cyan(`${inFlight} in flight`)
        : paint.green('ready')
  const failed = today.failed > 0 ? [paint.yellow(`${today.failed} failed`)] : []
  const cost = dollars(today.usd * 1e9) + (today.unpriced > 0 ? '+?' : '')
  return [name, paint.dim(masked), state, [`${today.requests} today`, ...failed, cost].join(', ')]
}

function keyNotes({ name, cooldown, lastError, cap }: KeyStatus, view: View): string[] {
  const { paint } = view
  const lines: string[] = []
  if (cap !== undefined) {
    const resets = cap.resetsAt === undefined ? '' : `, resets ${until(cap.resetsAt, view)}`
    const text = `${name}: spending cap at the service ${dollars(cap.usd * 1e9)}, ${dollars(cap.leftUsd * 1e9)} left${resets}`
    lines.push(...indented(text, 6, view, paint.dim))
  }
  if (cooldown !== undefined) lines.push(...restLines(name, cooldown, 6, view))
  else if (lastError !== undefined)
    lines.push(...indented(`${name}: last error: ${lastError}`, 6, view, paint.dim))
  return lines
}

function restLines(who: string, { why, until: end }: Cooldown, indent: number, view: View): string[] {
  const when = end === 'released' ? 'until released by hand' : `until ${until(end, view)}`
  return indented(`${who} rests ${when}: ${why}`, indent, view, view.paint.yellow)
}

function renderSpend({ spend, spending }: Status, view: View): string[] {
  const { paint } = view
  const month = dollars(spend.monthUsd * 1e9)
  const unknown =
    spend.unpriced === 0 ? '' : `; the cost of ${counted(spend.unpriced, 'call')} of today is not known`
  const text = `today ${dollars(spend.todayUsd * 1e9)}, this month ${month} (UTC)${unknown}`
  const [first = '', ...more] = wrap(`Spent ${text}`, view.width)
  return [
    first.replace('Spent', paint.bold('Spent')),
    ...more,
    ...table(spendingColumns, spendingRows(spending, view), { width: view.width, indent: 4 }),
    ...(spending.length === 0 ? [paint.dim('    no spending ceiling is set')] : []),
  ]
}

function until(time: string, view: View): string {
  const at = Date.parse(time)
  return `${clockTime(at, view)} (in ${countdown(at - view.now)})`
}

function indented(text: string, indent: number, view: View, paint: (text: string) => string): string[] {
  const margin = ' '.repeat(indent)
  return wrap(text, view.width, margin).map((line) => margin + paint(line.slice(indent)))
}
