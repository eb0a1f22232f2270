import type { UsageReport } from '../../api/types.ts'

const figures = [
  'requests',
  'attempts',
  'failed',
  'inputTokens',
  'outputTokens',
  'freeAttempts',
  'freeInputTokens',
  'freeOutputTokens',
  'usd',
  'unpriced',
  'freeValueUsd',
] as const

/** The lines of `switchyard usage --csv`: one per group, with a line of names in front. */
export function csvOf({ by, rows }: UsageReport): string {
  const lines = rows.map((row) => [
    ...by.map((group) => quoted(row.group[group] ?? '')),
    ...figures.map((name) => String(row[name] ?? '')),
  ])
  return [[...by, ...figures], ...lines].map((cells) => cells.join(',')).join('\n')
}

/** In quotes where it must be, and never what a spreadsheet takes for a formula. */
function quoted(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\n\r]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

/** `switchyard-usage-model-2026-11-20-2026-11-26.csv`: nothing of it comes from a client or a service. */
export function fileNameOf({ by, since, until }: UsageReport): string {
  // `until` is not included: of a whole day it is the next one's beginning.
  const last = new Date(Date.parse(until) - 1).toISOString()
  return `switchyard-usage-${by.join('-')}-${since.slice(0, 10)}-${last.slice(0, 10)}.csv`
}
