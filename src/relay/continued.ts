import type { Turn } from '../chat/types.ts'
import { bounded, type Draft, encode, quieted } from './draft.ts'

/** The same request with more turns at its end. None of it goes out as the client's bytes any more. */
export function continued(draft: Draft, turns: readonly Turn[]): Draft {
  const before = draft.request()
  const request = { ...before, turns: [...before.turns, ...turns] }
  return {
    model: draft.model,
    stream: draft.stream,
    dialect: draft.dialect,
    sizeBytes: draft.sizeBytes + Buffer.byteLength(JSON.stringify(turns)),
    maxTokens: draft.maxTokens,
    request: () => request,
    answerContext: (now) => draft.answerContext(now),
    needs: () => draft.needs(),
    remoteImages: () => draft.remoteImages(),
    conversation: () => draft.conversation(),
    member: (dialect, name) => draft.member(dialect, name),
    as(dialect, patch, lost, { maxTokens, capabilities } = {}) {
      if (dialect.name !== draft.dialect.name) lost.push(...draft.dialect.untold(request))
      const bound = draft.maxTokens === undefined ? maxTokens : undefined
      return [encode(dialect, quieted(bounded(request, bound), capabilities, lost), patch, lost)]
    },
  }
}
