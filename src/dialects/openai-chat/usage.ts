import type { JsonObject, Usage } from '../../chat/types.ts'
import { readCost } from '../cost.ts'
import { asCount, asObject, type Loose } from '../lenient.ts'

/** Numbers that cannot be true (negative, broken, enormous, texts) count as absent: a ledger keeps what it is told. */
export function readUsage(value: Loose): Usage | undefined {
  const usage = asObject(value)
  if (usage === undefined) return undefined
  const input = asCount(usage.prompt_tokens)
  const output = asCount(usage.completion_tokens)
  const nanoUsd = readCost(usage.cost)
  if (input === undefined && output === undefined && nanoUsd === undefined) return undefined
  const cached = asCount(asObject(usage.prompt_tokens_details)?.cached_tokens)
  const cacheWrite = asCount(asObject(usage.prompt_tokens_details)?.cache_write_tokens)
  const reasoning = asCount(asObject(usage.completion_tokens_details)?.reasoning_tokens)
  return {
    input: input ?? 0,
    output: output ?? 0,
    ...(cached === undefined || cached > (input ?? 0) ? {} : { cached }),
    ...(cacheWrite === undefined || cacheWrite === 0 || cacheWrite > (input ?? 0) ? {} : { cacheWrite }),
    ...(reasoning === undefined || reasoning > (output ?? 0) ? {} : { reasoning }),
    ...(nanoUsd === undefined ? {} : { nanoUsd }),
  }
}

export function writeUsage(usage: Usage): JsonObject {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: {
      cached_tokens: usage.cached ?? 0,
      ...(usage.cacheWrite === undefined ? {} : { cache_write_tokens: usage.cacheWrite }),
    },
    completion_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
    ...(usage.nanoUsd === undefined ? {} : { cost: usage.nanoUsd / 1e9 }),
  }
}
