import type { Result } from './play.ts'
import type { Load } from './scenarios.ts'

/** What the report asks of every scenario. */
export const targets = { reached: 0.99, wastedPer10k: 1 } as const

/** The part of the bill that free quota saved, 0 to 1. */
export function savedOf({ spentUsd, allPaidUsd }: Result): number {
  return 1 - spentUsd / allPaidUsd
}

/** The part of the reachable free requests that was used. */
export function reachedOf({ freeCalls, reachable }: Result): number {
  return freeCalls / reachable
}

export function wastedPer10k({ wasted, freeCalls, paidCalls, refused }: Result): number {
  return (wasted / (freeCalls + paidCalls + refused)) * 10_000
}

export function missesTarget(result: Result): boolean {
  return reachedOf(result) < targets.reached || wastedPer10k(result) >= targets.wastedPer10k
}

/** Lowest and highest saving over the shapes of the day. */
export function rangeOf(results: readonly Result[]): string {
  const saved = results.map(savedOf)
  if (saved.length === 0) return '–'
  const [low, high] = [percent(Math.min(...saved), 1), percent(Math.max(...saved), 1)]
  return low === high ? `${low} %` : `${low}–${high} %`
}

/** Cut, not rounded: 99.99 % must not read as 100. */
export function percent(share: number, digits: number): string {
  const unit = 10 ** digits
  // A share such as 0.57 is a hair less in floating point.
  return (Math.floor(share * 100 * unit + 1e-6) / unit).toFixed(digits)
}

export function count(value: number): string {
  return value.toLocaleString('en-US')
}

export function usd(value: number): string {
  return `$${value.toFixed(2)}`
}

export const loadTitles: Readonly<Record<Load, string>> = {
  light: 'light (500)',
  medium: 'medium (2,000)',
  heavy: 'heavy (3,000)',
}
