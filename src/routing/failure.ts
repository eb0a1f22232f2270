import type { RequestKind } from '../chat/types.ts'
import {
  errorCodes,
  ProviderError,
  QuotaExhaustedError,
  RequestError,
  type RouterError,
  type SpentPool,
} from '../errors.ts'
import type { Exhausted } from '../limits/pool.ts'
import { faultPolicy } from '../providers/faults.ts'
import type { Fault, FaultKind } from '../providers/provider.ts'
import type { Candidate } from './plan.ts'

/** Why one candidate did not answer: it had nothing left, it failed, or its dialect cannot say the request. */
export interface Obstacle {
  readonly candidate: Candidate
  readonly exhausted?: Exhausted
  readonly fault?: Fault
  readonly key?: string
  readonly refused?: RouterError
}

// Kinds that mean "nothing left here", as opposed to "something went wrong here".
const spentKinds: ReadonlySet<string> = new Set<FaultKind>(['quota', 'rate', 'credits', 'credential'])
// Nobody's window ends this: somebody has to pay. The end of such a rest is only when the router looks again.
const untilPaid = 'credits'
// A busy model or account is like a spent one: it is back in seconds, and waiting is all there is to do.
const waitKinds: ReadonlySet<string> = new Set([...spentKinds, 'busy'])

/** The one error that a request ends with when no candidate answered: the most telling of the obstacles, with all of them named. */
export function failure(model: string, obstacles: readonly Obstacle[], now: number): RouterError {
  const last = obstacles.findLast(
    (obstacle) => obstacle.fault !== undefined && !spentKinds.has(obstacle.fault.kind),
  )
  if (last?.fault !== undefined) return failed(last.candidate, last.fault, obstacles)
  const outage = outageOf(obstacles)
  if (outage !== undefined) {
    const { code } = faultPolicy[outage]
    return new ProviderError(
      code,
      `nothing can serve "${model}" now: ${describeAll(obstacles)}`,
      soonest(obstacles),
    )
  }
  const pools = spentPools(obstacles)
  if (pools.length > 0) return spent(model, pools, obstacles, now)
  const refused = obstacles.findLast((obstacle) => obstacle.refused !== undefined)?.refused
  return refused ?? new ProviderError('unavailable', `no provider could be tried for "${model}"`)
}

/** A candidate that has no path for requests of this kind. */
export function speaksNot({ upstream, model }: Candidate, kind: RequestKind): RequestError {
  const message = `${upstream.provider.title} has no ${kind}, so it cannot serve "${model}"`
  return new RequestError('invalid_request', message, 'model')
}

// The request's own: told in the service's words.
const requestFaults: ReadonlySet<string> = new Set<FaultKind>(['bad-request', 'too-long', 'filtered'])

function failed(candidate: Candidate, fault: Fault, obstacles: readonly Obstacle[]): RouterError {
  const { title, name } = candidate.upstream.provider
  const { code, retry } = faultPolicy[fault.kind]
  if (!retry && requestFaults.has(fault.kind)) return new RequestError(code, `${title}: ${fault.message}`)
  const others = obstacles.filter((obstacle) => obstacle.candidate !== candidate)
  const trail = others.length === 0 ? '' : ` (before that: ${describeAll(others)})`
  return new ProviderError(code, `${title}: ${fault.message}${trail}`, {
    provider: name,
    // A missing model is not back in a while; a service in trouble may be.
    ...(errorCodes[code] >= 500 && soonest(obstacles)),
    ...(fault.status === undefined ? {} : { upstreamStatus: fault.status }),
  })
}

/** Everybody rests after a failure that was no limit: told as that failure was, not as spent quota. */
function outageOf(obstacles: readonly Obstacle[]): FaultKind | undefined {
  const kinds = obstacles.flatMap((obstacle) => kindOf(obstacle) ?? []).filter((kind) => kind !== untilPaid)
  if (kinds.some((kind) => waitKinds.has(kind))) return undefined
  return kinds.findLast((kind): kind is FaultKind => kind in faultPolicy)
}

/** When the first of those that rest returns. */
function soonest(obstacles: readonly Obstacle[]): { readonly availableAt?: Date } {
  const first = Math.min(...obstacles.flatMap((obstacle) => returnOf(obstacle) ?? []))
  return Number.isFinite(first) ? { availableAt: new Date(first) } : {}
}

function spent(
  model: string,
  pools: readonly SpentPool[],
  obstacles: readonly Obstacle[],
  now: number,
): RouterError {
  const timed = pools.some((pool) => pool.freeAt !== undefined)
  if (!timed) {
    const credits = obstacles.some((obstacle) => [untilPaid, 'budget'].includes(kindOf(obstacle) ?? ''))
    return new ProviderError(
      credits ? 'insufficient_credits' : 'unavailable',
      `nothing can serve "${model}" until somebody acts: ${describeAll(obstacles)}`,
    )
  }
  const first = Math.min(...pools.map((pool) => pool.freeAt ?? Infinity))
  const seconds = Math.max(1, Math.ceil((first - now) / 1000))
  return new QuotaExhaustedError(
    `every pool for "${model}" is spent: ${describeAll(obstacles)}. Try again in ${seconds} s (${new Date(first).toISOString()})`,
    pools,
  )
}

/** One entry a candidate: the pool's own refusal, which knows all accounts, else the fault that spent it. */
function spentPools(obstacles: readonly Obstacle[]): SpentPool[] {
  const candidates = [...new Set(obstacles.map((obstacle) => obstacle.candidate))]
  return candidates.flatMap((candidate) => {
    const own = obstacles.filter((obstacle) => obstacle.candidate === candidate)
    const telling =
      own.findLast(({ exhausted }) => exhausted !== undefined) ??
      own.findLast(({ fault }) => fault !== undefined)
    const reason = telling?.exhausted?.reason ?? telling?.fault?.message
    if (telling === undefined || reason === undefined) return []
    const freeAt = returnOf(telling)
    const { name } = candidate.upstream.provider
    return [{ provider: name, reason, ...(freeAt === undefined ? {} : { freeAt }) }]
  })
}

function kindOf({ exhausted, fault }: Obstacle): string | undefined {
  return exhausted?.kind ?? fault?.kind
}

/** When it is over by itself; undefined when nobody can say. */
function returnOf(obstacle: Obstacle): number | undefined {
  const { exhausted, fault } = obstacle
  const until = exhausted === undefined ? fault?.until : exhausted.freeAt
  const known = until !== undefined && Number.isFinite(until) && kindOf(obstacle) !== untilPaid
  return known ? until : undefined
}

/** Each thing once: the rest that a refusal began says what the refusal said, and when it ends. */
function describeAll(obstacles: readonly Obstacle[]): string {
  const telling = obstacles.filter(
    ({ candidate, fault }, index) =>
      fault === undefined ||
      !obstacles
        .slice(index + 1)
        .some((later) => later.candidate === candidate && later.exhausted?.reason.startsWith(fault.message)),
  )
  return [...new Set(telling.map(describe))].join('; ')
}

function describe(obstacle: Obstacle): string {
  const { candidate, exhausted, fault, refused } = obstacle
  const { title } = candidate.upstream.provider
  const until = returnOf(obstacle)
  const back = until === undefined ? '' : `, back ${new Date(until).toISOString()}`
  return `${title}: ${exhausted?.reason ?? fault?.message ?? refused?.message ?? 'not tried'}${back}`
}
