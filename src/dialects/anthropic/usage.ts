import type { JsonObject, Usage } from '../../chat/types.ts'
import { readCost } from '../cost.ts'
import { asCount, asObject, present, type Loose } from '../lenient.ts'

/** What this wire counts. The three kinds of input exclude each other. */
export interface Counts {
  readonly fresh?: number
  readonly read?: number
  readonly written?: number
  readonly output?: number
  readonly thinking?: number
  readonly nanoUsd?: number
}

/** Numbers that cannot be true count as absent, so that they never replace one told before. */
export function readCounts(value: Loose): Counts {
  const usage = asObject(value)
  const fresh = asCount(usage?.input_tokens)
  const read = asCount(usage?.cache_read_input_tokens)
  const written = asCount(usage?.cache_creation_input_tokens)
  const output = asCount(usage?.output_tokens)
  const thinking = asCount(asObject(usage?.output_tokens_details)?.thinking_tokens)
  // An extra of OpenRouter's.
  const nanoUsd = readCost(usage?.cost)
  return {
    ...(fresh === undefined ? {} : { fresh }),
    ...(read === undefined ? {} : { read }),
    ...(written === undefined ? {} : { written }),
    ...(output === undefined ? {} : { output }),
    ...(thinking === undefined ? {} : { thinking }),
    ...(nanoUsd === undefined ? {} : { nanoUsd }),
  }
}

/** Undefined when nothing was counted. */
export function usageOf(counts: Counts): Usage | undefined {
  const { fresh, read, written, output, thinking, nanoUsd } = counts
  if (Object.keys(counts).length === 0) return undefined
  return {
    // `input_tokens` leaves out what was read from a cache or written to one
    // (https://platform.claude.com/docs/en/build-with-claude/prompt-caching).
    input: (fresh ?? 0) + (read ?? 0) + (written ?? 0),
    output: output ?? 0,
    ...(read === undefined ? {} : { cached: read }),
    ...(written === undefined || written === 0 ? {} : { cacheWrite: written }),
    ...(thinking === undefined || thinking > (output ?? 0) ? {} : { reasoning: thinking }),
    ...(nanoUsd === undefined ? {} : { nanoUsd }),
  }
}

export function writeUsage(usage: Usage): JsonObject {
  const cached = usage.cached ?? 0
  const written = usage.cacheWrite ?? 0
  return present({
    input_tokens: Math.max(0, usage.input - cached - written),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: cached,
    output_tokens: usage.output,
    output_tokens_details: usage.reasoning === undefined ? undefined : { thinking_tokens: usage.reasoning },
    cost: usage.nanoUsd === undefined ? undefined : usage.nanoUsd / 1e9,
  })
}

/** For the start of a stream, before anybody has counted. SDKs fail without it. */
export function estimatedUsage(inputTokens: number | undefined): JsonObject {
  return {
    input_tokens: inputTokens ?? 0,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: 0,
  }
}
