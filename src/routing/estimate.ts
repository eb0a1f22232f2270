import type { Usage } from '../chat/types.ts'
import { costOf } from '../ledger/price.ts'
import type { Draft } from '../relay/draft.ts'
import type { Candidate } from './plan.ts'

/** An answer whose request names no ceiling is taken to be this long at the most; where money is watched it is bounded to that. */
export const usualMaxTokens: number = 8192
// About four bytes of English a token.
const bytesPerToken = 4

/**
 * The most a call may use, as far as its request tells: what is held of token and dollar limits while it is out. No
 * tokenizer makes more tokens than there are bytes, so what is held is never less than what is used; `nanoUsd` is
 * undefined when no price is known.
 */
export function estimateOf(
  draft: Draft,
  candidate: Candidate,
  at: number,
): { readonly tokens: number; readonly nanoUsd: number | undefined } {
  const output = draft.maxTokens ?? usualMaxTokens
  const dearest = { input: draft.sizeBytes, output }
  return { tokens: inputTokens(draft) + output, nanoUsd: candidateCost(dearest, candidate, at) }
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
