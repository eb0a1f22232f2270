import type { KnownAttempt } from '../ledger/attempt.ts'

/**
 * What is added up of attempts: the columns of `hours` and `days`, each with its value of one row of `attempts`. All are
 * whole numbers, so that a sum of sums is the sum of the rows. Of the order live the conversions in `group-sums.ts`.
 *
 * `most_nano_usd` is what a spending ceiling counts. Certain are a known cost by the service's own count of tokens, and a
 * refusal; of a call that was cut, left or killed, or whose price is not known any more, the whole of what was held for it
 * may have been billed.
 */
const columns: readonly (readonly [name: string, ofRow: string])[] = [
  ['attempts', '1'],
  ['requests', 'number = 1'],
  ['failed', `state = 'failed'`],
  ['input', 'coalesce(input, 0)'],
  ['output', 'coalesce(output, 0)'],
  ['free_attempts', `lane = 'free'`],
  ['free_input', `iif(lane = 'free', coalesce(input, 0), 0)`],
  ['free_output', `iif(lane = 'free', coalesce(output, 0), 0)`],
  ['nano_usd', 'coalesce(nano_usd, 0)'],
  ['unpriced', `nano_usd IS NULL AND state <> 'open'`],
  [
    'most_nano_usd',
    `CASE WHEN most_nano_usd IS NULL OR (nano_usd IS NOT NULL AND usage_source IS NOT 'estimated')
       THEN coalesce(nano_usd, 0) ELSE max(coalesce(nano_usd, 0), most_nano_usd) END`,
  ],
]

export const sumNames: readonly string[] = columns.map(([name]) => name)

/** For a SELECT from `attempts`: of each row. */
export const valuesOfRows: string = columns.map(([, ofRow]) => ofRow).join(', ')

// Not `sum`: a whole number above 2^53 cannot be read, and one price in the wrong unit would then end every answer. `total`
// adds whole numbers up as exactly and rounds what is larger (https://www.sqlite.org/lang_aggfunc.html#sumunc).

/** For a SELECT from `attempts`: of all rows. */
export const sumsOfRows: string = columns.map(([, ofRow]) => `total(${ofRow})`).join(', ')

/** For a SELECT from `hours` or `days`. */
export const sumsOfBuckets: string = sumNames.map((name) => `total(${name})`).join(', ')

/** The same of one attempt in memory. */
export function sumsOf(row: KnownAttempt): readonly number[] {
  const { input, output } = row.usage ?? { input: 0, output: 0 }
  const free = Number(row.lane === 'free')
  return [
    1,
    Number(row.number === 1),
    Number(row.state === 'failed'),
    input,
    output,
    free,
    free * input,
    free * output,
    row.nanoUsd ?? 0,
    Number(row.nanoUsd === undefined && row.state !== 'open'),
    mostCost(row),
  ]
}

function mostCost({ mostNanoUsd = 0, nanoUsd, usageSource }: KnownAttempt): number {
  const isCertain = nanoUsd !== undefined && usageSource !== 'estimated'
  return isCertain ? nanoUsd : Math.max(nanoUsd ?? 0, mostNanoUsd)
}
