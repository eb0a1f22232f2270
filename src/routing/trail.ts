import type { RouterError } from '../errors.ts'
import type { PassedAccounts, Refusal } from '../limits/pool.ts'
import type { Fault, Lane } from '../providers/provider.ts'
import { type Candidate, laneOf } from './plan.ts'
import type { Upstream } from './upstream.ts'

/** A candidate as a step names it. */
interface Named {
  readonly provider: string
  readonly model: string
  readonly lane: Lane
}

/** What is told of a refusal: why, and when it ends; an ISO time, or `released`: by hand. */
export interface Told {
  readonly kind: string
  readonly why: string
  readonly until?: string
}

/**
 * One thing that stood in the way of a request, or happened on its way: an account that could not take it, a candidate
 * that could not as a whole, one that was passed over, an attempt that failed, a wait, an answer that was asked for again, why nothing more was tried.
 */
export type Step =
  | ({ readonly type: 'account'; readonly account: string } & Named & Told)
  | ({ readonly type: 'candidate' } & Named & Told)
  | ({ readonly type: 'skipped'; readonly provider: string; readonly model: string } & Told)
  | ({
      readonly type: 'fault'
      readonly attempt: number
      readonly account: string
      readonly key: string
      readonly scope: string
      readonly status?: number
    } & Named &
      Told)
  | { readonly type: 'wait'; readonly for: 'slot' | 'quota'; readonly ms: number; readonly provider?: string }
  | { readonly type: 'again'; readonly why: string }
  | { readonly type: 'stopped'; readonly why: string }

/** Who asked for what. */
export interface TrailFacts {
  /** Id of the request. */
  readonly call: string
  readonly client: string
  readonly asked: string
}

/** Who writes a trail down. */
export interface TrailKeeper {
  answered(trail: Trail): void
  failed(trail: Trail, error: unknown): void
}

const mostSteps = 50
// Together with who asked and how it ended no more than 16 KiB.
const mostBytes = 11_000
const mostText = 300

/** What stood in the way of one request, in order. Nothing is kept, or written, while nothing does. */
export class Trail {
  readonly facts: TrailFacts
  readonly #keeper: TrailKeeper
  // As JSON: they are written as they are, and their size is known.
  #steps: string[] | undefined
  #bytes = 0
  #more = 0
  #written = 0
  /** Upstream calls made. */
  attempts = 0

  constructor(facts: TrailFacts, keeper: TrailKeeper) {
    this.facts = facts
    this.#keeper = keeper
  }

  /** How many things stood in the way so far. */
  get size(): number {
    return (this.#steps?.length ?? 0) + this.#more
  }

  get steps(): readonly string[] {
    return this.#steps ?? []
  }

  /** Steps that found no room. */
  get more(): number {
    return this.#more
  }

  /** Accounts that were looked at before one that could. */
  passed(candidate: Candidate, { listed, more }: PassedAccounts): void {
    for (const { account, ...refusal } of listed)
      this.note({ type: 'account', ...named(candidate), account: cut(account), ...told(refusal) })
    this.#more += more
  }

  /** Nobody of a candidate could: account by account where each has a reason of its own. */
  refused(candidate: Candidate, refusal: Refusal & { readonly passed?: PassedAccounts }): void {
    if (refusal.passed !== undefined && refusal.passed.listed.length > 0)
      return this.passed(candidate, refusal.passed)
    this.note({ type: 'candidate', ...named(candidate), ...told(refusal) })
  }

  skipped({ provider }: Upstream, kind: string, model: string, why: string): void {
    this.note({ type: 'skipped', provider: provider.name, model: cut(model), kind, why: cut(why) })
  }

  fault(
    candidate: Candidate,
    by: { readonly account: string; readonly key: string; readonly attempt: number },
    { kind, message, scope, status, until }: Fault,
  ): void {
    const end = until === undefined ? {} : { freeAt: until }
    this.note({
      type: 'fault',
      ...named(candidate),
      ...by,
      scope,
      ...(status === undefined ? {} : { status }),
      ...told({ kind, reason: message, ...end }),
    })
  }

  waited(what: 'slot' | 'quota', ms: number, upstream?: Upstream): void {
    const where = upstream === undefined ? {} : { provider: upstream.provider.name }
    this.note({ type: 'wait', for: what, ...where, ms: Math.round(ms) })
  }

  note(step: Step): void {
    const text = JSON.stringify(step)
    const bytes = Buffer.byteLength(text)
    this.#steps ??= []
    // A second key of the same candidate meets what the first one met.
    if (this.#steps.includes(text)) return
    if (this.#steps.length >= mostSteps || this.#bytes + bytes > mostBytes) {
      this.#more++
      return
    }
    this.#bytes += bytes
    this.#steps.push(text)
  }

  /** The first content of an answer is here. */
  answered(): void {
    if (this.size === this.#written) return
    this.#written = this.size
    this.#keeper.answered(this)
  }

  /** The request ends with this error. */
  failed(error: unknown): void {
    this.#keeper.failed(this, error)
  }
}

function named(candidate: Candidate): Named {
  const { upstream, model } = candidate
  return { provider: upstream.provider.name, model: cut(model), lane: laneOf(candidate) }
}

export function told({ kind, reason, freeAt }: Refusal): Told {
  return { kind, why: cut(reason), ...(freeAt === undefined ? {} : { until: timeOf(freeAt) }) }
}

export function timeOf(epochMs: number): string {
  return Number.isFinite(epochMs) ? new Date(epochMs).toISOString() : 'released'
}

/** How a refusal of the router is told in a step. */
export function refusalOfError({ code, message }: RouterError): Refusal {
  return { kind: code, reason: message }
}

/** Whole characters only: half of a pair would be written as a mark of an error. */
export function cut(text: string, most: number = mostText): string {
  return text.length <= most ? text : `${text.slice(0, most).toWellFormed()}…`
}
