import type { Step } from './trail.ts'
import type { Why } from './why.ts'

// The sentences that the command line and the dashboard share, so that both say the same of a decision.

/** Why an account was taken: the pool's rule, for people. */
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

/** How a request ended that was not refused. */
export const endTexts: Readonly<Record<Exclude<Why['end'], 'failed'>, string>> = {
  answered: 'Answered',
  cut: 'The answer broke off',
  left: 'The client left',
  interrupted: 'The router died while it ran',
  open: 'It is running, or its end is not on disk yet',
}

/** One thing that stood in the way. `time` writes an ISO time for the reader. */
export function stepText(step: Step, time: (iso: string) => string): string {
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
        ? `waited ${whole.format(step.ms)} ms for a call in flight at ${step.provider ?? 'the service'} to end`
        : `waited ${whole.format(step.ms)} ms for spent quota to return`
    case 'again':
      return `the answer was not as asked for (${step.why}), so it was asked for once more`
    case 'stopped':
      return `nothing more was tried: ${step.why}`
  }
}

/** Why no step is shown of a request; undefined: there are some. */
export function noStepsText({ record, steps }: Pick<Why, 'record' | 'steps'>): string | undefined {
  if (record === 'none')
    return 'Nothing stood in its way: the first choice took it. Only its call was written down.'
  if (record === 'gone')
    return 'What stood in its way is not known: the record is not kept any more, or an older version made the call.'
  return steps.length === 0 ? 'No candidate was tried.' : undefined
}

export function untilText(until: string | undefined, time: (iso: string) => string): string {
  if (until === undefined) return ''
  return until === 'released' ? ', until it is released by hand' : `, until ${time(until)}`
}

const whole = new Intl.NumberFormat('en')
