import { dollars } from '../../ledger/price.ts'
import type { SpendingStatus } from '../../routing/spending.ts'
import type { FigureStatus, Status, WindowStatus } from '../../routing/status.ts'
import { bar } from '../terminal/bar.ts'
import { type Column, wrap } from '../terminal/table.ts'
import type { View } from '../terminal/view.ts'
import { clockTime, countdown } from '../terminal/when.ts'

/** Name, bar, used, left, reset, and how far the figures can be trusted. */
export const windowColumns: readonly Column[] = [{ least: 8 }, {}, { least: 10 }, {}, {}, {}]

export function windowRow(window: WindowStatus, view: View): string[] {
  const { name, metric, used, max, remaining, resetsAt, usedFrom, maxFrom } = window
  const amount = (value: number): string => (metric === 'nano-usd' ? dollars(value) : short(value))
  const mark = markOf([usedFrom, ...(maxFrom === undefined ? [] : [maxFrom])])
  return [
    name,
    max === undefined ? '' : bar(used / max, barWidth(view), view.paint),
    max === undefined ? `${amount(used)} used` : `${amount(used)} of ${amount(max)}`,
    remaining === undefined ? '' : `${amount(remaining)} left`,
    resetsAt === undefined ? '' : `resets ${resets(resetsAt, view)}`,
    mark === '' ? '' : view.paint.dim(mark),
  ]
}

/** Name, bar, spent, and reset of a ceiling of ours. */
export const spendingColumns: readonly Column[] = [{ least: 8 }, {}, {}, {}]

export function spendingRows(spending: readonly SpendingStatus[], view: View): string[][] {
  return spending.map(({ name, usd, maxUsd, resetsAt }) => [
    name,
    bar(usd / maxUsd, barWidth(view), view.paint),
    `${dollars(usd * 1e9)} of ${dollars(maxUsd * 1e9)}`,
    resets(resetsAt, view),
  ])
}

/** What the marks behind figures mean, where there are any. */
export function legend({ providers }: Pick<Status, 'providers'>, view: View): string[] {
  const marks = new Set(
    providers
      .flatMap(({ accounts }) => accounts.flatMap(({ windows }) => windows))
      .map(({ usedFrom, maxFrom }) => markOf([usedFrom, ...(maxFrom === undefined ? [] : [maxFrom])])),
  )
  const words = [
    ...(marks.has('~') ? ['~ counted here or assumed; the service has not said the same'] : []),
    ...(marks.has('?') ? ['? guessed from a refusal'] : []),
  ]
  return words.length === 0 ? [] : ['', ...wrap(words.join(' · '), view.width).map(view.paint.dim)]
}

function markOf(figures: readonly FigureStatus[]): string {
  const confidences = figures.map(({ confidence }) => confidence)
  if (confidences.includes('low')) return '?'
  return confidences.includes('medium') ? '~' : ''
}

function resets(resetsAt: string, view: View): string {
  const at = Date.parse(resetsAt)
  return `${clockTime(at, view)}, in ${countdown(at - view.now)}`
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })

/** Tokens come in millions. */
function short(value: number): string {
  return value < 100_000 ? String(value) : compact.format(value)
}

function barWidth({ width }: View): number {
  return width < 100 ? 12 : 24
}
