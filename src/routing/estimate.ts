import type { Usage } from '../chat/types.ts'
import { costOf } from '../ledger/price.ts'
import type { Draft } from '../relay/draft.ts'
import type { Candidate } from './plan.ts'

// An answer whose request names no ceiling is taken to be this long: more than nearly all are.
const usualMaxTokens = 4096
// About four bytes of English a token.
const bytesPerToken = 4

/** The most a call may use, as far as its request tells: what is held of token and dollar limits while it is out. */
export function estimateOf(
  draft: Draft,
  candidate: Candidate,
  at: number,
): { readonly tokens: number; readonly nanoUsd: number } {
  const usage = { input: inputTokens(draft), output: draft.maxTokens ?? usualMaxTokens }
  return { tokens: usage.input + usage.output, nanoUsd: candidateCost(usage, candidate, at) ?? 0 }
}

export function inputTokens(draft: Draft): number {
  return Math.ceil(draft.sizeBytes / bytesPerToken)
}

/** What this usage costs at this candidate; undefined when no price is known. */
export function candidateCost(
  usage: Usage,
  { upstream, model, free }: Candidate,
  at: number,
): number | undefined {
  const { provider, catalogue } = upstream
  return costOf(usage, {
    lane: free ? 'free' : 'paid',
    tablePrice: (counted) => provider.price?.(model, counted, at),
    listPrice: catalogue.info(model)?.price,
  })
}
