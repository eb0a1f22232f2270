import type { RoutePlan, Step, Why } from '../../api/types.ts'
import { count } from '../../format/amount.ts'

/** Writes an ISO time for the reader. */
export type TimeText = (iso: string) => string

/** Names of the pool's rules, as `switchyard why` tells them. */
export function ruleText(chosen: string | undefined): string {
  switch (chosen) {
    case 'order':
      return 'the first in order that could'
    case 'turn':
      return 'its turn, and the least busy'
    case 'room':
      return 'the most of its day left, since one account alone does not keep up'
    case 'conversation':
      return 'the conversation was there before, and its cache is warm'
    default:
      return 'the rule was not kept'
  }
}

/** What would be chosen, in one sentence. */
export function planText({ next, refusal, candidates }: RoutePlan): string {
  if (next !== undefined) {
    const rule = candidates.find(({ usable }) => usable)?.accounts[0]?.chosen
    return `${next.provider} ${next.model} (${next.lane} lane), key ${next.key} of account ${next.account}: ${ruleText(rule)}`
  }
  const waits = refusal?.waits === true ? ' A call in flight that ends in time would make room.' : ''
  return `Nobody can take it. ${refusal?.message ?? ''}${waits}`
}

/** What was chosen, in one sentence; undefined: nobody was. */
export function chosenText({ attempts }: Why): string | undefined {
  const last = attempts.at(-1)
  if (last === undefined) return undefined
  return `${last.provider} ${last.served ?? last.model} (${last.lane} lane), key ${last.key} of account ${last.account}: ${ruleText(last.chosen)}`
}

/** Whether the very account and model that the plan named took the call. */
export function isAsPlanned({ next }: RoutePlan, { attempts }: Why): boolean {
  const last = attempts.at(-1)
  return (
    next?.provider === last?.provider &&
    next?.model === last?.model &&
    next?.account === last?.account &&
    next?.key === last?.key
  )
}

export function stepText(step: Step, time: TimeText): string {
  switch (step.type) {
    case 'account':
      return `${step.provider} ${step.model}, account ${step.account}: ${step.why}${untilText(step.until, time)}`
    case 'candidate':
    case 'skipped':
      return `${step.provider} ${step.model}: ${step.why}${untilText(step.until, time)}`
    case 'fault': {
      const status = step.status === undefined ? '' : ` (${step.status})`
      return `${step.provider} ${step.model}, key ${step.key}: call ${step.attempt} failed, ${step.kind}${status}: ${step.why}${untilText(step.until, time)}`
    }
    case 'wait':
      return step.for === 'slot'
        ? `waited ${count(step.ms)} ms for a call in flight at ${step.provider} to end`
        : `waited ${count(step.ms)} ms for spent quota to return`
    case 'again':
      return `the answer was not as asked for (${step.why}), so it was asked for once more`
    case 'stopped':
      return `nothing more was tried: ${step.why}`
  }
}

/** Why there are no steps to be shown. */
export function noStepsText({ record }: Why): string {
  switch (record) {
    case 'none':
      return 'Nothing stood in its way: the first choice took it.'
    case 'gone':
      return 'What stood in its way is not known: the record is not kept any more.'
    case 'kept':
      return 'No candidate was tried.'
  }
}

function untilText(until: string | undefined, time: TimeText): string {
  if (until === undefined) return ''
  return until === 'released' ? ', until it is released by hand' : `, until ${time(until)}`
}
