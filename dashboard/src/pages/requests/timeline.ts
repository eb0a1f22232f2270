import type { Why } from '../../api/types.ts'

/** One call on the time of its request, in milliseconds. */
export interface Span {
  /** From the beginning of the request until this call: waits and calls before it. */
  readonly startMs: number
  /** Until the first content; of a call without content until its end. */
  readonly firstMs: number
  /** From the first content to the end. */
  readonly restMs: number
}

/** The calls of a request on one scale. */
export interface Timeline {
  readonly totalMs: number
  readonly spans: readonly Span[]
}

/** A call that still runs, or never ended, reaches as far as is known. */
export function timelineOf({ attempts, steps }: Pick<Why, 'attempts' | 'steps'>): Timeline {
  const waitedMs = waitBeforeCalls(steps)
  const begin = Math.min(...attempts.map(({ at }) => Date.parse(at)))
  const spans = attempts.map(({ at, firstTokenMs, totalMs }) => {
    const endMs = Math.max(totalMs ?? 0, firstTokenMs ?? 0)
    const firstMs = firstTokenMs ?? endMs
    return { startMs: waitedMs + Date.parse(at) - begin, firstMs, restMs: endMs - firstMs }
  })
  const totalMs = Math.max(0, ...spans.map(({ startMs, firstMs, restMs }) => startMs + firstMs + restMs))
  return { totalMs, spans }
}

/** Waits of before the first call; those between calls are in the times at which these began. */
function waitBeforeCalls(steps: Why['steps']): number {
  const firstCall = steps.findIndex(({ type }) => type === 'fault' || type === 'again')
  const before = firstCall === -1 ? steps : steps.slice(0, firstCall)
  return before.reduce((sum, step) => sum + (step.type === 'wait' ? step.ms : 0), 0)
}
