import type { UsageGroup, UsageRow } from '../ledger/ledger.ts'
import type { PricedModel } from './listing.ts'
import type { Range } from './usage-range.ts'

/** Sums with their value in money; the stable shape of `usage --json` and of the gateway's `/admin/usage/report`. */
export interface UsageReport {
  readonly since: string
  /** Not included. */
  readonly until: string
  readonly by: readonly UsageGroup[]
  /** By whose price the value of free tokens is told; null: no price is known. */
  readonly reference: {
    readonly model: string
    readonly inputUsdPerMillion: number
    readonly outputUsdPerMillion: number
  } | null
  readonly rows: readonly UsageLine[]
  readonly total: Omit<UsageLine, 'group'>
}

export interface UsageLine {
  readonly group: Readonly<Partial<Record<UsageGroup, string>>>
  readonly requests: number
  readonly attempts: number
  readonly failed: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly freeAttempts: number
  readonly freeInputTokens: number
  readonly freeOutputTokens: number
  readonly usd: number
  /** Attempts whose cost nobody knows; `usd` does not hold them. */
  readonly unpriced: number
  /** What the free tokens would have cost at the reference model's price; null: no price is known. */
  readonly freeValueUsd: number | null
}

/** The rows named and priced; the total is their sum. */
export function reportOf(
  rows: readonly UsageRow[],
  { since, until }: Range,
  by: readonly UsageGroup[],
  reference: PricedModel | undefined,
): UsageReport {
  const price = reference?.price
  const line = (row: UsageRow): UsageLine => ({
    group: Object.fromEntries(by.map((group, index) => [group, row.names[index] ?? ''])),
    requests: row.requests,
    attempts: row.attempts,
    failed: row.failed,
    inputTokens: row.input,
    outputTokens: row.output,
    freeAttempts: row.freeAttempts,
    freeInputTokens: row.freeInput,
    freeOutputTokens: row.freeOutput,
    usd: row.nanoUsd / 1e9,
    unpriced: row.unpriced,
    freeValueUsd:
      price === undefined ? null : (row.freeInput * price.input + row.freeOutput * price.output) / 1e9,
  })
  const { group: _, ...total } = line(rows.reduce(plus, nothing))
  return {
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    by,
    reference:
      price === undefined || reference === undefined
        ? null
        : {
            model: reference.id,
            inputUsdPerMillion: price.input / 1000,
            outputUsdPerMillion: price.output / 1000,
          },
    rows: rows.map(line),
    total,
  }
}

const nothing: UsageRow = {
  names: [],
  attempts: 0,
  requests: 0,
  failed: 0,
  input: 0,
  output: 0,
  freeAttempts: 0,
  freeInput: 0,
  freeOutput: 0,
  nanoUsd: 0,
  unpriced: 0,
}

function plus(one: UsageRow, other: UsageRow): UsageRow {
  return {
    names: [],
    attempts: one.attempts + other.attempts,
    requests: one.requests + other.requests,
    failed: one.failed + other.failed,
    input: one.input + other.input,
    output: one.output + other.output,
    freeAttempts: one.freeAttempts + other.freeAttempts,
    freeInput: one.freeInput + other.freeInput,
    freeOutput: one.freeOutput + other.freeOutput,
    nanoUsd: one.nanoUsd + other.nanoUsd,
    unpriced: one.unpriced + other.unpriced,
  }
}
