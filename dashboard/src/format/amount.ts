// The command line's own way to write money, so that both say the same.
import { dollars } from '../../../src/ledger/price.ts'

const whole = new Intl.NumberFormat('en')
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })

/** US dollars as the command line writes them. */
export function usd(value: number): string {
  return dollars(value * 1e9)
}

/** `12,345`. */
export function count(value: number): string {
  return whole.format(value)
}

/** `12,345`, `1.23M`: where room is scarce; the whole figure belongs in a title. */
export function short(value: number): string {
  return Math.abs(value) < 100_000 ? whole.format(value) : compact.format(value)
}

/** In the unit of a limit: money for `nano-usd`, else a count. */
export function amount(value: number, metric: string): string {
  return metric === 'nano-usd' ? dollars(value) : short(value)
}

/** `1 request`, `2 requests`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}
