import type { Usage } from '../chat/types.ts'
import { asCount, asObject, type Loose } from './lenient.ts'
import { readCost } from './cost.ts'

/** What OpenAI's two wires call the tokens of the question and of the answer. */
export interface CountNames {
  readonly input: string
  readonly output: string
}

/**
 * Reads the usage of a wire of OpenAI's. Numbers that cannot be true (negative, broken, enormous, texts) count as
 * absent: a ledger keeps what it is told.
 */
export function readCounts(value: Loose, names: CountNames): Usage | undefined {
  const usage = asObject(value)
  if (usage === undefined) return undefined
  const input = asCount(usage[names.input])
  const output = asCount(usage[names.output])
  const nanoUsd = readCost(usage.cost)
  if (input === undefined && output === undefined && nanoUsd === undefined) return undefined
  const inputDetails = asObject(usage[`${names.input}_details`])
  const cached = asCount(inputDetails?.cached_tokens)
  const cacheWrite = asCount(inputDetails?.cache_write_tokens)
  const reasoning = asCount(asObject(usage[`${names.output}_details`])?.reasoning_tokens)
  return {
    input: input ?? 0,
    output: output ?? 0,
    ...(cached === undefined || cached > (input ?? 0) ? {} : { cached }),
    ...(cacheWrite === undefined || cacheWrite === 0 || cacheWrite > (input ?? 0) ? {} : { cacheWrite }),
    ...(reasoning === undefined || reasoning > (output ?? 0) ? {} : { reasoning }),
    ...(nanoUsd === undefined ? {} : { nanoUsd }),
  }
}
