import type { JsonObject, Usage } from '../../chat/types.ts'
import { type CountNames, readCounts } from '../counts.ts'
import type { Loose } from '../lenient.ts'

const names: CountNames = { input: 'prompt_tokens', output: 'completion_tokens' }

export function readUsage(value: Loose): Usage | undefined {
  return readCounts(value, names)
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
