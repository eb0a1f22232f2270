import { isPage } from './bodies.ts'
import { matches, statusRules, unknownRule } from './fault-rules.ts'
import type { Failure, Fault, Provider, RawReply } from './provider.ts'
import { dayMs, resetTime } from './resets.ts'

export { faultPolicy } from './fault-policy.ts'
export type { FaultPolicy } from './fault-policy.ts'
export { networkFault } from './network-fault.ts'

/** No window of a service is longer than a month; a stated time past that is cut to it. */
const maxStatedMs = 31 * dayMs
const maxMessage = 500
/** Keys in the forms that services use; some echo the rejected one back. */
const secrets = /\bsk-[\w-]{8,}|\bBearer \S+|\b[0-9a-f]{32}\.[\w-]{16,}/gi
// oxlint-disable-next-line no-control-regex -- foreign text must not move a terminal's cursor
const controls = /[\u0000-\u001F\u007F-\u009F]+/g

/**
 * Judges an error answer: what it is, who rests, until when. The provider's own rules come first, then what the status
 * means everywhere, then `unknown`. Never throws, whatever the body is.
 */
export function judge(
  provider: Pick<Provider, 'readFailure' | 'faultRules'>,
  reply: RawReply,
  now: number,
): Fault {
  const failure = withMarks(provider.readFailure(reply, now), reply)
  const rule =
    provider.faultRules.find((candidate) => matches(candidate, failure)) ??
    statusRules.find((candidate) => matches(candidate, failure)) ??
    unknownRule
  // A request that is itself at fault leaves nobody to rest.
  const stated = rule.scope === 'request' ? undefined : statedEnd(failure, now)
  const until = stated ?? resetTime(rule.rests, now)
  return {
    rule: rule.id,
    // Money that is back at a stated time is a window like any other: nobody has to pay.
    kind: rule.kind === 'credits' && stated !== undefined ? 'quota' : rule.kind,
    scope: rule.scope,
    lane: rule.lane ?? 'all',
    message: shown(failure),
    stated: stated !== undefined,
    ...(failure.status >= 300 && { status: failure.status }),
    ...(until !== undefined && { until }),
    ...(rule.limit !== undefined && {
      limit: { name: rule.limit, ...(failure.limit !== undefined && { max: failure.limit }) },
    }),
    ...(failure.account !== undefined && { account: failure.account }),
  }
}

function withMarks(failure: Failure, reply: RawReply): Failure {
  if (failure.shaped) return failure
  return { ...failure, marks: [...failure.marks, 'unshaped', ...(isPage(reply.text) ? ['page'] : [])] }
}

/** The end that the service stated, kept in full; undefined when it said nothing, or something past or unreal. */
function statedEnd(failure: Failure, now: number): number | undefined {
  const { resetsAt, retryAfterMs } = failure
  const times = [resetsAt, retryAfterMs === undefined ? undefined : now + retryAfterMs]
  const end = times.find((time) => time !== undefined && Number.isFinite(time) && time > now)
  return end === undefined ? undefined : Math.min(Math.round(end), now + maxStatedMs)
}

/** The service's words, fit for a log line and for a client: one line, not too long, no key in it. */
function shown(failure: Failure): string {
  const words = [failure.message, failure.detail ?? ''].filter((part) => part !== '').join(': ')
  const text = words.replace(controls, ' ').replace(secrets, '[key]').trim()
  if (text === '') return `no readable error in the answer (HTTP ${failure.status})`
  return text.length > maxMessage ? `${text.slice(0, maxMessage - 1)}…` : text
}
