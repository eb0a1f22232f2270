import type { UsageRow } from '../ledger/ledger.ts'

/** Rows of sums in two columns, in which they pass between threads: copying objects takes longer than adding up. */
export interface PackedUsage {
  readonly rows: number
  /** Of one row after the other. */
  readonly names: readonly string[]
  readonly sums: Float64Array
}

type Sum = Exclude<keyof UsageRow, 'names'>

/** As an object, so that the compiler misses none. */
const order: Readonly<Record<Sum, number>> = {
  attempts: 0,
  requests: 1,
  failed: 2,
  input: 3,
  output: 4,
  freeAttempts: 5,
  freeInput: 6,
  freeOutput: 7,
  nanoUsd: 8,
  unpriced: 9,
}
const sums = Object.keys(order) as Sum[]

export function packUsage(rows: readonly UsageRow[]): PackedUsage {
  const packed = new Float64Array(rows.length * sums.length)
  for (const [index, row] of rows.entries())
    for (const sum of sums) packed[index * sums.length + order[sum]] = row[sum]
  return { rows: rows.length, names: rows.flatMap(({ names }) => names), sums: packed }
}

export function unpackUsage({ rows, names, sums: packed }: PackedUsage): readonly UsageRow[] {
  const width = rows === 0 ? 0 : names.length / rows
  return Array.from({ length: rows }, (_, index) => {
    const at = (sum: Sum): number => packed[index * sums.length + order[sum]] ?? 0
    return {
      names: names.slice(index * width, (index + 1) * width),
      attempts: at('attempts'),
      requests: at('requests'),
      failed: at('failed'),
      input: at('input'),
      output: at('output'),
      freeAttempts: at('freeAttempts'),
      freeInput: at('freeInput'),
      freeOutput: at('freeOutput'),
      nanoUsd: at('nanoUsd'),
      unpriced: at('unpriced'),
    }
  })
}
