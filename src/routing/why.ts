import type { Usage } from '../chat/types.ts'
import { RequestError } from '../errors.ts'
import type { Attempt, AttemptResult, AttemptState } from '../ledger/attempt.ts'
import type { Decision } from '../ledger/ledger.ts'
import type { Lane } from '../providers/provider.ts'
import { type DecisionRecord, readDecision } from './decisions.ts'
import type { Step } from './trail.ts'

/** What became of a request, and what stood in its way. Times are ISO strings. */
export interface Why {
  readonly id: string
  /** When its first attempt began; of one without an attempt, when it was refused. */
  readonly at: string
  readonly client: string
  /** The model as the client asked for it. */
  readonly asked: string
  /** `cut`: the answer broke off. `left`: the client did. `interrupted`: the process died. */
  readonly end: 'answered' | 'failed' | 'cut' | 'left' | 'interrupted' | 'open'
  /** What the client was told, where the router itself refused. */
  readonly error?: DecisionRecord['error']
  /** Upstream calls, the first one first. */
  readonly attempts: readonly WhyAttempt[]
  /** What stood in the way, in order. */
  readonly steps: readonly Step[]
  /** Steps that found no room in the record. */
  readonly more?: number
  readonly unrecorded?: DecisionRecord['unrecorded']
  /** `none`: nothing stood in its way, so nothing was written. `gone`: not kept any more, or older than such records. */
  readonly record: 'kept' | 'none' | 'gone'
}

export interface WhyAttempt {
  readonly number: number
  readonly at: string
  readonly provider: string
  readonly model: string
  /** The model that answered, when it is another one. */
  readonly served?: string
  readonly account: string
  readonly key: string
  readonly lane: Lane
  /** By which rule the pool gave this account. */
  readonly chosen?: string
  readonly stream: boolean
  readonly state: AttemptState
  readonly fault?: string
  readonly status?: number
  readonly finish?: string
  readonly firstTokenMs?: number
  readonly totalMs?: number
  readonly tokens?: Omit<Usage, 'nanoUsd'>
  readonly tokensFrom?: 'provider' | 'estimated'
  /** US dollars; left out when nobody knows. */
  readonly usd?: number
  readonly priceSource?: string
  /** The most it may have cost, where a ceiling watched. */
  readonly mostUsd?: number
}

/** For an id of which the ledger knows nothing. */
export function unknownRequest(id: string): RequestError {
  return new RequestError(
    'not_found',
    `the ledger knows no request "${id.slice(0, 100)}". Ids are in the x-request-id header of every answer, errors too. What was called is kept for 90 days unless ledger.keepDays says otherwise; of requests that were refused without a call one a second and client is written down, and the newest 100,000 such records are kept`,
    'id',
  )
}

type Row = Attempt & { readonly state: AttemptState } & Partial<Omit<AttemptResult, 'state'>>

/** More than one request makes, however long it waits. */
export const mostAttempts = 100

/** `rows`: the attempts of this request, newest first. Undefined when nothing is known of it. */
export function whyOf(id: string, rows: readonly Row[], decision: Decision | undefined): Why | undefined {
  const attempts = rows.toReversed()
  const [first] = attempts
  const record = decision === undefined ? undefined : readDecision(decision.trail)
  const from = first ?? record
  const at = first?.at ?? decision?.at
  if (from === undefined || at === undefined) return undefined
  return {
    id,
    at: iso(at),
    client: from.client,
    asked: from.asked,
    end: record?.end === 'failed' ? 'failed' : endOf(attempts.at(-1)?.state),
    ...(record?.error === undefined ? {} : { error: record.error }),
    attempts: attempts.map(whyAttempt),
    steps: record?.steps ?? [],
    ...(record?.more === undefined ? {} : { more: record.more }),
    ...(record?.unrecorded === undefined ? {} : { unrecorded: record.unrecorded }),
    record: record !== undefined ? 'kept' : isPlain(attempts) ? 'none' : 'gone',
  }
}

/** One call that nothing stood before, and that did not fail: its row says everything. */
function isPlain(attempts: readonly Row[]): boolean {
  const [only] = attempts
  return (
    attempts.length === 1 &&
    only?.chosen !== undefined &&
    only.obstacles === undefined &&
    // An answer that broke off later has no other record either.
    (only.state !== 'failed' || only.firstTokenMs !== undefined)
  )
}

function endOf(state: AttemptState | undefined): Why['end'] {
  switch (state) {
    case 'done':
      return 'answered'
    case 'truncated':
      return 'cut'
    case 'aborted':
      return 'left'
    case 'open':
    case 'interrupted':
      return state
    default:
      return 'failed'
  }
}

function whyAttempt(row: Row): WhyAttempt {
  const { number, provider, model, served, account, key, lane, chosen, stream, state, fault, status } = row
  const { finish, firstTokenMs, totalMs, usage, usageSource, nanoUsd, priceSource, mostNanoUsd } = row
  const { nanoUsd: _, ...tokens } = usage ?? { input: 0, output: 0 }
  return {
    number,
    at: iso(row.at),
    provider,
    model,
    ...(served === undefined ? {} : { served }),
    account,
    key,
    lane,
    ...(chosen === undefined ? {} : { chosen }),
    stream,
    state,
    ...(fault === undefined ? {} : { fault }),
    ...(status === undefined ? {} : { status }),
    ...(finish === undefined ? {} : { finish }),
    ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
    ...(totalMs === undefined ? {} : { totalMs }),
    ...(usage === undefined ? {} : { tokens }),
    ...(usageSource === undefined ? {} : { tokensFrom: usageSource }),
    ...(nanoUsd === undefined ? {} : { usd: nanoUsd / 1e9 }),
    ...(priceSource === undefined ? {} : { priceSource }),
    ...(mostNanoUsd === undefined ? {} : { mostUsd: mostNanoUsd / 1e9 }),
  }
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString()
}
