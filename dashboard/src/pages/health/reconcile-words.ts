import type { Comparison } from '../../api/types.ts'
import { amount, count } from '../../format/amount.ts'

/** In the unit of the figure: money as the command line writes it, else the whole number. */
export function figure(value: number, { metric }: Pick<Comparison, 'metric'>): string {
  return metric === 'nano-usd' ? amount(value, metric) : count(value)
}

/** Any difference counts, however small: `switchyard reconcile` has the same rule. */
export function isDifferent({ service, ours }: Comparison): boolean {
  return service !== ours
}

/** `agrees`, `differs by +2`. */
export function verdictText(comparison: Comparison): string {
  const more = comparison.service - comparison.ours
  if (more === 0) return 'agrees'
  return `differs by ${more > 0 ? '+' : ''}${figure(more, comparison)}`
}

/** What all of them come to. */
export function sumText(comparisons: readonly Comparison[]): string {
  const differing = comparisons.filter(isDifferent).length
  return differing === 0
    ? 'Every figure agrees.'
    : `${count(differing)} of ${count(comparisons.length)} figures differ. More at the service: other programs use the account, or calls were cut before their cost was known. Less: its figures lag behind.`
}
