import type { Clock } from '../clock.ts'
import type { Exhausted, Lease } from '../limits/pool.ts'
import type { Conversation, Want } from '../limits/want.ts'
import type { OutgoingCall } from '../providers/provider.ts'
import type { Draft } from '../relay/draft.ts'
import { estimateOf, type Measured } from './estimate.ts'
import { restName } from './model-name.ts'
import { type Candidate, laneOf } from './plan.ts'
import { keptShare, type Policy } from './policy.ts'
import type { Expense, Spending } from './spending.ts'
import type { Voice } from './upstream.ts'

/** A lease, with the most the call may cost where a ceiling watches. Settling it settles the money held as well. */
export type Reservation = Lease & { readonly mostNanoUsd?: number }

/** What deciding looks at in a request. */
export type Asking = Measured & Pick<Draft, 'stream' | 'conversation'>

/** One call that is about to be made. */
export interface Ask {
  readonly draft: Asking
  readonly candidate: Candidate
  readonly voice: Voice
  /** Names of keys that this request has tried. */
  readonly avoid: ReadonlySet<string>
  readonly client: string
}

const nothing = { nanoUsd: 0, certain: true }

interface DecisionPorts {
  readonly clock: Clock
  readonly policy: Policy
  readonly spending: Spending
}

/** What a call needs: room at the provider, and money under the ceilings. */
export interface Needs {
  readonly want: Want
  readonly expense: Expense
  /** Whether a ceiling watches it. */
  readonly watched: boolean
}

export function needsOf(
  { draft, candidate, voice, avoid, client }: Ask,
  { clock, policy, spending }: DecisionPorts,
): Needs {
  const { upstream, free } = candidate
  const lane = laneOf(candidate)
  const watched = spending.applies({ client, lane })
  const { tokens, nanoUsd } = estimateOf(draft, candidate, { at: clock.now(), watched })
  const extra = watched ? upstream.provider.extraCost?.(outgoing(draft, candidate, voice)) : undefined
  const want = {
    model: restName(candidate.model, draft.dialect.kind),
    free,
    avoid,
    tokens,
    nanoUsd: nanoUsd ?? 0,
    keptShare: keptShare(policy, client),
    conversation: () => conversationOf(draft, client),
  }
  return { want, expense: { client, lane, nanoUsd, extra }, watched }
}

/** Takes room at the provider and under every spending ceiling that watches, or says what is missing. */
export function reserve(ask: Ask, ports: DecisionPorts): Reservation | Exhausted {
  const { want, expense, watched } = needsOf(ask, ports)
  const { nanoUsd } = expense
  const advance = ports.spending.hold(expense)
  if ('exhausted' in advance) return advance
  let lease: Lease | Exhausted | undefined
  try {
    lease = ask.candidate.upstream.pool.lease(want)
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
  draft: Pick<Draft, 'stream' | 'member'>,
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
function conversationOf(draft: Pick<Draft, 'conversation'>, client: string): Conversation | undefined {
  const found = draft.conversation()
  return found === undefined ? undefined : { ...found, id: `${client} ${found.id}` }
}
