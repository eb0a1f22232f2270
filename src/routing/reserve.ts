import type { Clock } from '../clock.ts'
import type { Exhausted, Lease } from '../limits/pool.ts'
import type { Conversation } from '../limits/want.ts'
import type { OutgoingCall } from '../providers/provider.ts'
import type { Draft } from '../relay/draft.ts'
import { estimateOf } from './estimate.ts'
import { restName } from './model-name.ts'
import { type Candidate, laneOf } from './plan.ts'
import { keptShare, type Policy } from './policy.ts'
import type { Spending } from './spending.ts'
import type { Voice } from './upstream.ts'

/** A lease, with the most the call may cost where a ceiling watches. Settling it settles the money held as well. */
export type Reservation = Lease & { readonly mostNanoUsd?: number }

/** One call that is about to be made. */
export interface Ask {
  readonly draft: Draft
  readonly candidate: Candidate
  readonly voice: Voice
  /** Names of keys that this request has tried. */
  readonly avoid: ReadonlySet<string>
  readonly client: string
}

const nothing = { nanoUsd: 0, certain: true }

/** Takes room at the provider and under every spending ceiling that watches, or says what is missing. */
export function reserve(
  { draft, candidate, voice, avoid, client }: Ask,
  ports: { readonly clock: Clock; readonly policy: Policy; readonly spending: Spending },
): Reservation | Exhausted {
  const { clock, policy, spending } = ports
  const { upstream, free } = candidate
  const model = restName(candidate.model, draft.dialect.kind)
  const lane = laneOf(candidate)
  const watched = spending.applies({ client, lane })
  const { tokens, nanoUsd } = estimateOf(draft, candidate, { at: clock.now(), watched })
  const want = { model, free, avoid, tokens, nanoUsd: nanoUsd ?? 0, keptShare: keptShare(policy, client) }
  const extra = watched ? upstream.provider.extraCost?.(outgoing(draft, candidate, voice)) : undefined
  const advance = spending.hold({ client, lane, nanoUsd, extra })
  if ('exhausted' in advance) return advance
  let lease: Lease | Exhausted | undefined
  try {
    lease = upstream.pool.lease({ ...want, conversation: () => conversationOf(draft, client) })
  } finally {
    // Also when the request cannot be read for its conversation: no money stays held for a call that is not made.
    if (lease === undefined || 'exhausted' in lease) advance.settle(nothing)
  }
  if ('exhausted' in lease) return lease
  const taken = lease
  const settle: Lease['settle'] = (end, actual) => {
    // The lease first: it knows whether it was settled before.
    taken.settle(end, actual)
    advance.settle(actual ?? nothing)
  }
  return { ...taken, settle, ...(watched && nanoUsd !== undefined && { mostNanoUsd: nanoUsd }) }
}

/** A request as a provider's hooks see it before it has been written. */
export function outgoing(
  draft: Draft,
  { upstream, model, others, free }: Candidate,
  { dialect }: Voice,
): OutgoingCall {
  const info = upstream.catalogue.info(model)
  return {
    model,
    others,
    free,
    dialect: dialect.name,
    stream: draft.stream,
    ...(info === undefined ? {} : { info }),
    member: (name) => draft.member(dialect, name),
  }
}

/** One client's words are not another's conversation, even when they are the same. */
function conversationOf(draft: Draft, client: string): Conversation | undefined {
  const found = draft.conversation()
  return found === undefined ? undefined : { ...found, id: `${client} ${found.id}` }
}
