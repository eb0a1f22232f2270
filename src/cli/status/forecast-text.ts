import { dollars } from '../../ledger/price.ts'
import type { Outlook } from '../../routing/outlook.ts'
import type { View } from '../terminal/view.ts'
import { clockTime, countdown, utcToo } from '../terminal/when.ts'

/** One sentence about what is left: `free until 17:40, back 00:00 UTC (in 11h 59m): 29 of 50 requests left, 5.1 an hour`. */
export function forecastText(outlook: Outlook, view: Pick<View, 'now' | 'timeZone'>): string {
  const { metric, max, left, perHour, lane } = outlook
  const amount = (value: number): string => (metric === 'nano-usd' ? dollars(value) : String(value))
  const unit = metric === 'nano-usd' ? '' : ` ${metric}`
  const figures = `${amount(left)} of ${amount(max)}${unit} left`
  const pace = perHour > 0 ? `, ${amount(perHour)} an hour lately` : ', none used lately'
  const backAt = Date.parse(outlook.backAt)
  const back = `back ${clockTime(backAt, view)} ${utcToo(backAt, view, `in ${countdown(backAt - view.now)}`)}`
  const word = lane === 'free' ? 'free' : 'room'
  if (left <= 0) return `${lane === 'free' ? 'free quota' : unit.trim() || 'money'} spent, ${back}`
  if (outlook.emptyAt === undefined) return `${word} past the reset, ${back}: ${figures}${pace}`
  return `${word} until ${clockTime(Date.parse(outlook.emptyAt), view)}, ${back}: ${figures}${pace}`
}
