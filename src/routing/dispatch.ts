import type { Loss } from '../dialects/dialect.ts'
import { clientLeft, isRouterError, type RouterError } from '../errors.ts'
import { firstCalled, type Place } from '../limits/waiting.ts'
import { faultPolicy } from '../providers/faults.ts'
import type { Fault } from '../providers/provider.ts'
import type { Draft, Patch } from '../relay/draft.ts'
import { attempt, type AttemptEnd, type AttemptPorts } from './attempt.ts'
import { usualMaxTokens } from './estimate.ts'
import { failure, type Obstacle, speaksNot } from './failure.ts'
import { mostCalls } from './patience.ts'
import { type Candidate, laneOf } from './plan.ts'
import type { Policy } from './policy.ts'
import { outgoing, type Reservation, reserve } from './reserve.ts'
import type { RetryBudget } from './retry-budget.ts'
import type { IdentifiedCall, Routed } from './routed.ts'
import type { Spending } from './spending.ts'
import { refusalOfError, type Trail } from './trail.ts'
import { type Voice, voiceFor } from './upstream.ts'

export type { CallOptions, IdentifiedCall, Routed } from './routed.ts'

export interface DispatchPorts extends AttemptPorts {
  readonly budget: RetryBudget
  readonly nextId: () => number
  readonly policy: Policy
  readonly spending: Spending
  /** Of the whole request, however often it is sent. */
  readonly trail: Trail
}

/** How one attempt goes out. */
interface Way {
  readonly candidate: Candidate
  readonly voice: Voice
  readonly lease: Reservation
}

// A second key that fails the same way says that the request or the model is to blame, not the keys.
const sameTroubleLimit = 2

/**
 * The one retry loop of the system: candidate after candidate, key after key, until one answers or nothing may be tried.
 * Throws what `failure` makes of the obstacles met.
 */
export async function dispatch(
  draft: Draft,
  candidates: Iterable<Candidate>,
  options: IdentifiedCall,
  ports: DispatchPorts,
): Promise<Routed> {
  const run = new Dispatch(draft, options, ports)
  const busy: Candidate[] = []
  for (const candidate of candidates) {
    const routed = await run.through(candidate)
    if (routed !== undefined) return routed
    if (run.onlyLacksSlot(candidate)) busy.push(candidate)
  }
  // Nobody else can take it: waiting for a call to end is better than sending the client away for a second.
  const routed = await run.waitFor(busy)
  if (routed !== undefined) return routed
  throw run.failure()
}

class Dispatch {
  readonly #draft: Draft
  readonly #options: IdentifiedCall
  readonly #ports: DispatchPorts
  readonly #id: string
  readonly #begun: number = performance.now()
  readonly #obstacles: Obstacle[] = []
  #attempts = 0

  constructor(draft: Draft, options: IdentifiedCall, ports: DispatchPorts) {
    this.#draft = draft
    this.#options = options
    this.#ports = ports
    this.#id = options.id
    ports.budget.deposit()
  }

  failure(): RouterError {
    return failure(this.#draft.model, this.#obstacles, this.#ports.clock.now())
  }

  #stopped(why: string): RouterError {
    this.#ports.trail.note({ type: 'stopped', why })
    return this.failure()
  }

  /** Whether this candidate could not take the call only because too many are in flight. */
  onlyLacksSlot(candidate: Candidate): boolean {
    return this.#obstacles.findLast((each) => each.candidate === candidate)?.exhausted?.slot === true
  }

  /** Waits in line for a call to end at any of the candidates. */
  async waitFor(candidates: readonly Candidate[]): Promise<Routed | undefined> {
    if (candidates.length === 0) return undefined
    const until = performance.now() + this.#ports.routing.slotWaitMs
    const lines = new Map(candidates.map(({ upstream }) => [upstream, upstream.pool.waiting.place()]))
    for (let busy = candidates; busy.length > 0;) {
      const begun = performance.now()
      if (begun >= until) break
      const places = [...lines].flatMap(([upstream, place]) =>
        busy.some((each) => each.upstream === upstream) ? [place] : [],
      )
      const called = await firstCalled(places, until - begun, this.#options.signal)
      const at = candidates.find(({ upstream }) => lines.get(upstream) === called)?.upstream
      this.#ports.trail.waited('slot', performance.now() - begun, at ?? busy[0]?.upstream)
      if (called === undefined) break
      const routed = await this.#tryAgain(
        busy.filter(({ upstream }) => upstream === at),
        called,
      )
      if (routed !== undefined) return routed
      busy = busy.filter((each) => this.onlyLacksSlot(each))
    }
    this.#refuseIfOver()
    return undefined
  }

  async #tryAgain(candidates: readonly Candidate[], place: Place): Promise<Routed | undefined> {
    let routed: Routed | undefined
    try {
      for (const candidate of candidates) {
        const at = this.#obstacles.findLastIndex((obstacle) => obstacle.candidate === candidate)
        this.#obstacles.splice(at, 1)
        routed = await this.through(candidate)
        if (routed !== undefined) return routed
      }
    } finally {
      // The slot that woke this call may be free still: whoever waits behind it may have it.
      if (routed === undefined) place.line.next(place)
    }
    return undefined
  }

  /** Key after key of one candidate. Undefined: the next candidate may be tried. */
  async through(candidate: Candidate): Promise<Routed | undefined> {
    const { upstream, model } = candidate
    const voice = voiceFor(upstream, this.#draft)
    if (voice === undefined) {
      this.#refuse(candidate, speaksNot(candidate, this.#draft.dialect.kind))
      return undefined
    }
    const lost: Loss[] = []
    let guarded = upstream.guarded
    let body = this.#encode(candidate, voice, lost)
    const avoid = new Set<string>()
    for (let troubles = 0; troubles < sameTroubleLimit && body !== undefined;) {
      this.#refuseIfOver()
      const client = this.#options.client ?? ''
      const lease = reserve({ draft: this.#draft, candidate, voice, avoid, client }, this.#ports)
      if ('exhausted' in lease) {
        this.#obstacles.push({ candidate, exhausted: lease })
        this.#ports.trail.refused(candidate, lease)
        return undefined
      }
      this.#ports.trail.passed(candidate, lease.passed)
      if (!this.#mayRetry()) {
        lease.settle({ type: 'unsent' })
        throw this.#stopped('retries have their share of the traffic already')
      }
      const end = await this.#attempt({ candidate, voice, lease }, body)
      if (end.type === 'aborted') throw clientLeft()
      if (end.type === 'reply') return this.#routed({ candidate, voice, lease }, end, lost)

      const { fault } = end
      this.#fail({ candidate, voice, lease }, fault)
      const policy = faultPolicy[fault.kind]
      if (!policy.retry) throw this.failure()
      if (policy.retryCost > 0) troubles++
      // By how this body was written: another call may have learned of the refusal meanwhile.
      if (fault.kind === 'guard' && guarded) {
        if (upstream.guarded)
          this.#ports.log.warn(
            `${upstream.provider.title} refuses what guards free calls; going on without it`,
            { message: fault.message },
          )
        upstream.guarded = false
        guarded = false
        body = this.#encode(candidate, voice, lost)
      } else if (upstream.provider.picksModel?.(model) !== true || fault.scope !== 'model') {
        avoid.add(lease.credential.name)
      }
    }
    return undefined
  }

  #refuseIfOver(): void {
    if (this.#options.signal?.aborted === true) throw clientLeft()
    const { attempts, deadlineMs } = this.#ports.routing
    if (this.#attempts >= attempts) throw this.#stopped(`one request may cost ${attempts} calls`)
    const most = mostCalls(attempts)
    if (this.#ports.trail.attempts >= most)
      throw this.#stopped(`one request may cost ${most} calls, however often it waits`)
    if (performance.now() - this.#begun > deadlineMs)
      throw this.#stopped(`no call begins after ${deadlineMs / 1000} s`)
  }

  /** What the last attempt cost the retry budget decides whether another one may follow, also when a spent pool lay between. */
  #mayRetry(): boolean {
    const last = this.#obstacles.findLast((obstacle) => obstacle.fault !== undefined)?.fault
    return this.#ports.budget.tryWithdraw(last === undefined ? 0 : faultPolicy[last.kind].retryCost)
  }

  #attempt(way: Way, body: readonly Uint8Array[]): Promise<AttemptEnd> {
    this.#attempts++
    this.#ports.trail.attempts++
    const call = {
      id: this.#ports.nextId(),
      call: this.#id,
      number: this.#ports.trail.attempts,
      client: this.#options.client ?? '',
      asked: this.#draft.model,
      ...way,
      draft: this.#draft,
      trail: this.#ports.trail,
      ...(way.lease.mostNanoUsd === undefined ? {} : { mostNanoUsd: way.lease.mostNanoUsd }),
    }
    return attempt(call, body, this.#options.signal, this.#ports)
  }

  #routed(
    { candidate, voice, lease: { credential } }: Way,
    end: Extract<AttemptEnd, { type: 'reply' }>,
    lost: readonly Loss[],
  ): Routed {
    return {
      reply: end.reply,
      id: this.#id,
      provider: candidate.upstream.provider.name,
      model: end.reply.served ?? candidate.model,
      keyName: credential.name,
      keyMasked: credential.secret?.masked ?? '',
      attempts: this.#ports.trail.attempts,
      free: candidate.free,
      lost,
      dialect: voice.dialect,
      enforced:
        candidate.upstream.catalogue.info(candidate.model)?.capabilities?.includes('structured-output') ??
        false,
      bill: end.bill,
    }
  }

  /** The request in the candidate's dialect; undefined, with an obstacle noted, when that dialect cannot say it. */
  #encode(candidate: Candidate, voice: Voice, lost: Loss[]): readonly Uint8Array[] | undefined {
    const { dialect } = voice
    const { upstream, model } = candidate
    const { provider } = upstream
    const draft = this.#draft
    // A ceiling can only be kept when the answer's length is bounded.
    const watched = this.#ports.spending.applies({
      client: this.#options.client ?? '',
      lane: laneOf(candidate),
    })
    const maxTokens = watched && dialect.kind === 'chat' ? usualMaxTokens : undefined
    lost.length = 0
    try {
      const patch: Patch = (member) => {
        const call = { ...outgoing(draft, candidate, voice), member }
        const guards = upstream.guarded ? provider.guards?.(call) : undefined
        return { ...guards, ...provider.patch?.(call), model }
      }
      const capabilities = upstream.catalogue.info(model)?.capabilities
      return draft.as(dialect, patch, lost, { maxTokens, capabilities, anew: voice.anew })
    } catch (error) {
      if (!isRouterError(error)) throw error
      this.#refuse(candidate, error)
      return undefined
    }
  }

  #refuse(candidate: Candidate, refused: RouterError): void {
    this.#obstacles.push({ candidate, refused })
    this.#ports.trail.refused(candidate, refusalOfError(refused))
  }

  #fail({ candidate, lease }: Way, fault: Fault): void {
    const key = lease.credential.name
    this.#obstacles.push({ candidate, fault, key })
    const { trail } = this.#ports
    trail.fault(candidate, { account: lease.account, key, attempt: trail.attempts }, fault)
  }
}
