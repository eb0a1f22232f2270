import type { Usage } from '../chat/types.ts'
import type { Clock } from '../clock.ts'
import type { AttemptResult } from '../ledger/attempt.ts'
import type { LedgerStore } from '../ledger/ledger.ts'
import { knownSpent } from '../limits/known-spent.ts'
import type { Actual, Lease, LeaseEnd } from '../limits/pool.ts'
import { type Draft, maxModelLength } from '../relay/draft.ts'
import type { Outcome } from '../relay/outcome.ts'
import type { Fault, FaultKind } from '../providers/provider.ts'
import { candidateCost, inputTokens } from './estimate.ts'
import { type Candidate, laneOf } from './plan.ts'
import type { Observer } from './observer.ts'
import { brokenAnswer } from './reading.ts'
import type { Log } from './settings.ts'
import type { Trail } from './trail.ts'
import type { Voice } from './upstream.ts'

/** One upstream call about to be made. */
export interface AttemptCall {
  /** Id of the ledger row. */
  readonly id: number
  /** Id of the request this attempt serves. */
  readonly call: string
  readonly number: number
  readonly client: string
  readonly asked: string
  readonly candidate: Candidate
  readonly voice: Voice
  readonly lease: Lease
  readonly draft: Draft
  readonly trail: Trail
  /** The most it may cost, where a ceiling watches. */
  readonly mostNanoUsd?: number
}

/** What a call cost, as far as is known; of a streamed one only after its end. */
export interface Bill {
  usage?: Usage
  nanoUsd?: number
  /** How the call ended; undefined while it runs. */
  state?: AttemptResult['state']
}

type Row = Omit<AttemptResult, 'id' | 'totalMs' | 'firstTokenMs' | 'fault'> & { readonly fault?: FaultKind }

/** The books of one attempt: its lease and its ledger row, each opened once and settled exactly once. */
export class Settlement {
  readonly bill: Bill = {}
  readonly #call: AttemptCall
  readonly #ledger: LedgerStore
  readonly #log: Log
  readonly #observe: Observer | undefined
  readonly #knownSpent: boolean
  readonly #startedAt: number
  readonly #begun: number = performance.now()
  #firstTokenMs: number | undefined

  constructor(
    call: AttemptCall,
    ports: {
      readonly ledger: LedgerStore
      readonly clock: Clock
      readonly log: Log
      readonly observe?: Observer | undefined
    },
  ) {
    this.#call = call
    this.#ledger = ports.ledger
    this.#log = ports.log
    this.#observe = ports.observe
    this.#startedAt = ports.clock.now()
    const { candidate, lease, trail } = call
    this.#knownSpent =
      this.#observe !== undefined &&
      knownSpent(
        candidate.upstream.pool.accounts,
        { credential: lease.credential, model: candidate.model, free: candidate.free },
        this.#startedAt,
      )
    this.#ledger.open({
      id: call.id,
      call: call.call,
      number: call.number,
      at: this.#startedAt,
      client: call.client,
      asked: call.asked,
      provider: candidate.upstream.provider.name,
      model: candidate.model,
      key: lease.credential.name,
      fingerprint: lease.credential.fingerprint,
      account: lease.account,
      lane: laneOf(candidate),
      stream: call.draft.stream,
      ...(call.mostNanoUsd === undefined ? {} : { mostNanoUsd: call.mostNanoUsd }),
      chosen: lease.chosen,
      ...(trail.size === 0 ? {} : { obstacles: trail.size }),
    })
  }

  /** The first content is here: what stood in its way goes to disk with the row. */
  content(): void {
    this.#call.trail.answered()
    this.#firstTokenMs = Math.round(performance.now() - this.#begun)
  }

  /** Resolves once the row is on disk. */
  async finished(outcome: Outcome, fault: Fault | undefined = faultOf(outcome)): Promise<void> {
    const known = outcome.usage === undefined ? this.#estimate(outcome) : this.#cost(outcome.usage)
    // A model may have lost its price since the call left.
    const certain = known.usageSource === 'provider' && known.nanoUsd !== undefined
    this.#call.lease.settle(leaseEnd(outcome, fault), this.#actual(certain))
    await this.#write({
      state: ({ complete: 'done', aborted: 'aborted', truncated: 'truncated', failed: 'failed' } as const)[
        outcome.end
      ],
      ...known,
      ...(fault === undefined ? {} : { fault: fault.kind }),
      ...(outcome.served === undefined ? {} : { served: outcome.served.slice(0, maxModelLength) }),
      ...(outcome.finish === undefined ? {} : { finish: outcome.finish }),
    })
  }

  /** No usable answer came; nobody waits for this row. */
  failed(fault: Fault): void {
    // A refusal costs nothing, nor does any free call; what became of another that was cut off nobody knows.
    const certain = fault.status !== undefined || fault.unsent === true
    this.#call.lease.settle({ type: 'fault', fault }, { tokens: 0, nanoUsd: 0, certain })
    const status = fault.status === undefined ? {} : { status: fault.status }
    const costsNothing = certain || this.#call.candidate.free
    void this.#write({ state: 'failed', fault: fault.kind, ...status, ...(costsNothing && { nanoUsd: 0 }) })
  }

  /** The client left before any content. */
  aborted(): void {
    const known = this.#estimate({ pieces: 0 })
    this.#call.lease.settle({ type: 'aborted' }, this.#actual(false))
    void this.#write({ state: 'aborted', ...known })
  }

  #actual(certain: boolean): Actual {
    const { usage, nanoUsd } = this.bill
    return { tokens: (usage?.input ?? 0) + (usage?.output ?? 0), nanoUsd: nanoUsd ?? 0, certain }
  }

  #estimate({ pieces, begun }: Pick<Outcome, 'pieces' | 'begun'>): Partial<Row> {
    // A cut answer is paid for all the same. About four bytes of English a token, and services send about a token a piece.
    const { input = 0, output = 0, cached, cacheWrite } = begun ?? {}
    const usage = {
      input: input === 0 ? inputTokens(this.#call.draft) : input,
      ...(cached === undefined ? {} : { cached }),
      ...(cacheWrite === undefined ? {} : { cacheWrite }),
      output: Math.max(output, pieces),
    }
    return { ...this.#cost(usage), usageSource: 'estimated' }
  }

  #cost(usage: Usage): Partial<Row> {
    const { candidate } = this.#call
    const cost = candidateCost(usage, candidate, this.#startedAt)
    this.bill.usage = usage
    if (cost !== undefined) this.bill.nanoUsd = cost.nanoUsd
    const known = cost === undefined ? {} : { nanoUsd: cost.nanoUsd, priceSource: cost.source }
    return { usage, usageSource: 'provider', ...known }
  }

  async #write(row: Row): Promise<void> {
    const durationMs = performance.now() - this.#begun
    this.bill.state = row.state
    this.#tell(row, durationMs)
    const totalMs = Math.round(durationMs)
    const first = this.#firstTokenMs === undefined ? {} : { firstTokenMs: this.#firstTokenMs }
    try {
      await this.#ledger.settle({ ...row, ...first, id: this.#call.id, totalMs })
    } catch (error) {
      // The store keeps the row for a later write; an answer that was paid for is not thrown away over it.
      this.#log.warn('a finished call is not on disk yet', { attempt: this.#call.id, error: String(error) })
    }
  }

  #tell({ state, fault, served, usage, nanoUsd }: Row, durationMs: number): void {
    if (this.#observe === undefined) return
    const { call, number, client, candidate, voice } = this.#call
    const { model, upstream } = candidate
    this.#observe.attempt({
      call,
      number,
      client,
      provider: upstream.provider.name,
      origin: upstream.origin,
      lane: laneOf(candidate),
      model,
      listed: upstream.catalogue.info(model) !== undefined,
      kind: voice.dialect.kind,
      state,
      wasted: this.#knownSpent && (fault === 'quota' || fault === 'rate'),
      durationMs,
      ...(fault === undefined ? {} : { fault }),
      ...(served === undefined ? {} : { served }),
      ...(usage === undefined ? {} : { usage }),
      ...(nanoUsd === undefined ? {} : { nanoUsd }),
    })
  }
}

function faultOf(outcome: Outcome): Fault | undefined {
  if (outcome.end === 'complete' || outcome.end === 'aborted') return undefined
  return brokenAnswer(outcome.message ?? 'the stream failed')
}

function leaseEnd(outcome: Outcome, fault: Fault | undefined): LeaseEnd {
  if (fault !== undefined) return { type: 'fault', fault }
  return { type: outcome.end === 'aborted' ? 'aborted' : 'answered' }
}
