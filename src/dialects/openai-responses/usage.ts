import type { JsonObject, Usage } from '../../chat/types.ts'
import { type CountNames, readCounts } from '../counts.ts'
import type { Loose } from '../lenient.ts'

const names: CountNames = { input: 'input_tokens', output: 'output_tokens' }

export function readUsage(value: Loose): Usage | undefined {
  return readCounts(value, names)
}

export function writeUsage(usage: Usage): JsonObject {
  return {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cached ?? 0, cache_write_tokens: usage.cacheWrite ?? 0 },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
    total_tokens: usage.input + usage.output,
    ...(usage.nanoUsd === undefined ? {} : { cost: usage.nanoUsd / 1e9 }),
  }
}
