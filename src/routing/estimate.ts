import type { Usage } from '../chat/types.ts'
import { costOf } from '../ledger/price.ts'
import { dearestOf } from '../providers/prices.ts'
import type { Cost, Price } from '../providers/provider.ts'
import type { Draft } from '../relay/draft.ts'
import type { Candidate } from './plan.ts'

/** What an estimate looks at in a request. */
export type Measured = Pick<Draft, 'dialect' | 'sizeBytes' | 'maxTokens' | 'member' | 'remoteImages'>

/** An answer whose request names no ceiling is taken to be this long at the most; where money is watched it is bounded to that. */
export const usualMaxTokens: number = 8192
// About four bytes of English a token.
export const bytesPerToken = 4
// More than any service counts for one image.
const tokensPerImage = 16_384

/**
 * The most a call may use, as far as its request tells: what is held of token and dollar limits while it is out. No
 * tokenizer makes more tokens than there are bytes, so what is held is never less than what is used; `nanoUsd` is
 * undefined when no price is known. `watched`: a spending ceiling counts it.
 */
export function estimateOf(
  draft: Measured,
  candidate: Candidate,
  { at, watched }: { readonly at: number; readonly watched: boolean },
): { readonly tokens: number; readonly nanoUsd: number | undefined } {
  const output = longestOutput(draft)
  // Reading a request for its images costs time, which only a ceiling is worth.
  const images = watched ? draft.remoteImages() * tokensPerImage : 0
  const dearest = { input: draft.sizeBytes + images, output }
  const listed = listPrice(candidate)
  const price = listed === undefined ? undefined : dearestOf(listed, dearest.input)
  return { tokens: inputTokens(draft) + output, nanoUsd: costBy(price, dearest, candidate, at)?.nanoUsd }
}

/** Members that go out as they came count too: which of two lengths a service takes is its own affair. */
function longestOutput(draft: Measured): number {
  if (draft.dialect.kind === 'embeddings') return 0
  const sent = (name: string): number => {
    const value = draft.member(draft.dialect, name)
    return typeof value === 'number' && value > 0 ? value : 0
  }
  const length = Math.max(sent('max_tokens'), sent('max_completion_tokens'), draft.maxTokens ?? 0)
  return (length > 0 ? length : usualMaxTokens) * Math.max(1, sent('n'))
}

export function inputTokens(draft: Pick<Draft, 'sizeBytes'>): number {
  return Math.ceil(draft.sizeBytes / bytesPerToken)
}

/** What this usage costs at this candidate; undefined when no price is known. */
export function candidateCost(usage: Usage, candidate: Candidate, at: number): Cost | undefined {
  return costBy(listPrice(candidate), usage, candidate, at)
}

function listPrice({ upstream, model }: Candidate): Price | undefined {
  return upstream.catalogue.info(model)?.price
}

function costBy(
  listed: Price | undefined,
  usage: Usage,
  { upstream, model, free }: Candidate,
  at: number,
): Cost | undefined {
  return costOf(usage, {
    lane: free ? 'free' : 'paid',
    tablePrice: (counted) => upstream.provider.price?.(model, counted, at),
    listPrice: listed,
    at,
  })
}
