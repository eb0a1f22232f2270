import type { UsageReport } from './usage-report.ts'

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

/** A report for a spreadsheet, on the terminal and on the dashboard: one line per group, with a line of names in front. */
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
