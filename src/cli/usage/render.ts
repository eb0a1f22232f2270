import { dollars } from '../../ledger/price.ts'
import { counted, table, wrap } from '../terminal/table.ts'
import type { View } from '../terminal/view.ts'
import type { UsageLine, UsageReport } from '../../routing/usage-report.ts'

const wideTitles = ['REQUESTS', 'FAILED', 'TOKENS IN', 'OUT', 'FREE', 'COST', 'FREE VALUE']
const narrowTitles = ['REQS', 'FAIL', 'IN', 'OUT', 'FREE', 'COST', 'VALUE']

/** A table for people, with the range it is about and what the free tokens are worth. */
export function renderUsage(report: UsageReport, view: View): string {
  const { paint } = view
  const { by, rows, total, reference, since, until } = report
  const range = `${short(since)} to ${short(until)} UTC`
  if (rows.length === 0) return `No calls from ${range}.`
  const narrow = view.width < 100
  const titles = narrow ? narrowTitles : wideTitles
  const lines = table(
    [
      ...by.map((group) => ({ title: group.toUpperCase(), least: 6 })),
      ...titles.map((title) => ({ title, align: 'right' as const })),
    ],
    [
      ...rows.map((row) => [
        ...by.map((group) => named(group, row.group[group] ?? '')),
        ...figures(row, narrow),
      ]),
      ...(by.length === 0 || rows.length === 1
        ? []
        : [[...by.map((_, index) => (index === 0 ? 'total' : '')), ...figures(total, narrow)]]),
    ],
    view,
  )
  const [first = '', ...rest] = lines
  return [
    ...wrap(`From ${range}; --since 30d or --since 2026-11-01 changes that.`, view.width).map(paint.dim),
    '',
    paint.bold(first),
    ...rest,
    '',
    ...wrap(summary(total, reference), view.width),
  ].join('\n')
}

function summary(total: Omit<UsageLine, 'group'>, reference: UsageReport['reference']): string {
  const unknown =
    total.unpriced === 0
      ? ''
      : ` The cost of ${counted(total.unpriced, 'call')} is not known and not included.`
  const spent = `Spent ${dollars(total.usd * 1e9)}.${unknown}`
  if (reference === null || total.freeValueUsd === null)
    return `${spent} No price is known to tell the value of free calls by; choose a model with --reference.`
  const { model, inputUsdPerMillion, outputUsdPerMillion } = reference
  const value = dollars(total.freeValueUsd * 1e9)
  return `${spent} Free calls would have cost ${value} at ${model} ($${inputUsdPerMillion} in, $${outputUsdPerMillion} out a million tokens), so that much was saved.`
}

function figures(row: Omit<UsageLine, 'group'>, narrow: boolean): string[] {
  const amount = (value: number): string => (narrow ? compact(value) : String(value))
  const tokens = row.inputTokens + row.outputTokens
  const free = row.freeInputTokens + row.freeOutputTokens
  return [
    amount(row.requests),
    amount(row.failed),
    amount(row.inputTokens),
    amount(row.outputTokens),
    tokens === 0 ? '' : `${Math.round((free / tokens) * 100)} %`,
    money(row.usd) + (row.unpriced > 0 ? '+?' : ''),
    row.freeValueUsd === null ? '?' : money(row.freeValueUsd),
  ]
}

const compactFormat = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 })

/** Exact below ten thousand, then `12.3K`, `4.56M`. */
function compact(value: number): string {
  return value < 10_000 ? String(value) : compactFormat.format(value)
}

/** Four decimals: a table is for comparing. */
function money(usd: number): string {
  return usd > 0 && usd < 0.0001 ? '<$0.0001' : `$${usd.toFixed(4)}`
}

function named(group: string, name: string): string {
  if (group === 'day') return name.slice(0, 10)
  return group === 'hour' ? name.slice(0, 16).replace('T', ' ') : name
}

function short(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ')
}
