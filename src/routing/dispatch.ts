import type { Json } from '../chat/types.ts'
import type { Loss } from '../dialects/dialect.ts'
import { isRouterError, RouterError } from '../errors.ts'
import { faultPolicy } from '../providers/faults.ts'
import type { Draft } from '../relay/draft.ts'
import type { Reply } from '../relay/reply.ts'
import { attempt, type AttemptPorts } from './attempt.ts'
import { estimateOf } from './estimate.ts'
import { failure, type Obstacle } from './failure.ts'
import type { Candidate } from './plan.ts'
import type { RetryBudget } from './retry-budget.ts'
import type { Bill } from './settlement.ts'

/** Who asks, and how long they stay. */
export interface CallOptions {
  readonly signal?: AbortSignal
  /** Name of the client for the ledger; never its key. */
  readonly client?: string
  readonly preferProvider?: string
  /** Id of the request; made up when left out. */
  readonly id?: string
}

/** An answer with what is known about its making. */
export interface Routed {
  readonly reply: Reply
  readonly id: string
  readonly provider: string
  readonly model: string
  readonly keyName: string
  readonly keyMasked: string
  readonly attempts: number
  readonly free: boolean
  /** What the upstream's dialect could not carry of the request. */
  readonly lost: readonly Loss[]
  /** Grows complete when a streamed answer ends. */
  readonly bill: Bill
}

export interface DispatchPorts extends AttemptPorts {
  readonly budget: RetryBudget
  readonly nextId: () => number
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
  options: CallOptions,
  ports: DispatchPorts,
): Promise<Routed> {
  const id = options.id ?? crypto.randomUUID()
  const { routing, clock, budget } = ports
  const startedAt = performance.now()
  const obstacles: Obstacle[] = []
  let attempts = 0
  budget.deposit()

  const give = (): RouterError => failure(draft.model, obstacles, clock.now())
  for (const candidate of candidates) {
    const { upstream, model, free } = candidate
    const lost: Loss[] = []
    const body = encode(draft, candidate, lost)
    if (isRouterError(body)) {
      obstacles.push({ candidate, refused: body })
      continue
    }
    const estimate = estimateOf(draft, candidate, clock.now())
    const avoid = new Set<string>()
    for (let troubles = 0; troubles < sameTroubleLimit;) {
      const last = obstacles.at(-1)
      if (attempts >= routing.attempts || performance.now() - startedAt > routing.deadlineMs) throw give()
      const lease = upstream.pool.lease({ model, free, avoid, ...estimate })
      if ('exhausted' in lease) {
        obstacles.push({ candidate, exhausted: lease })
        break
      }
      if (!budget.tryWithdraw(retryCost(last))) {
        lease.settle({ type: 'unsent' })
        throw give()
      }
      attempts++
      const { credential } = lease
      const call = {
        id: ports.nextId(),
        call: id,
        number: attempts,
        client: options.client ?? '',
        asked: draft.model,
        candidate,
        lease,
        draft,
      }
      const end = await attempt(call, body, options.signal, ports)
      if (end.type === 'aborted')
        throw new RouterError('client_closed', 'the client left before the answer began')
      if (end.type === 'reply') {
        return {
          reply: end.reply,
          id,
          provider: upstream.provider.name,
          model: end.reply.served ?? model,
          keyName: credential.name,
          keyMasked: credential.secret?.masked ?? '',
          attempts,
          free,
          lost,
          bill: end.bill,
        }
      }
      obstacles.push({ candidate, fault: end.fault, key: credential.name })
      if (!faultPolicy[end.fault.kind].retry) throw give()
      if (faultPolicy[end.fault.kind].retryCost > 0) troubles++
      if (upstream.provider.picksModel?.(model) !== true || end.fault.scope !== 'model')
        avoid.add(credential.name)
    }
  }
  throw give()
}

function retryCost(last: Obstacle | undefined): number {
  return last?.fault === undefined ? 0 : faultPolicy[last.fault.kind].retryCost
}

/** The request in the candidate's dialect, or the reason why that dialect cannot say it. */
function encode(draft: Draft, { upstream, model }: Candidate, lost: Loss[]): Uint8Array[] | RouterError {
  const { provider, dialect } = upstream
  const own = provider.patch?.({ model, dialect: dialect.name, stream: draft.stream })
  const patch: Record<string, Json> = { model, ...own }
  try {
    return draft.as(dialect, patch, lost)
  } catch (error) {
    if (isRouterError(error)) return error
    throw error
  }
}
