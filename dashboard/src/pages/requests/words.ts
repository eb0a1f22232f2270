import type { AttemptState, Step, Why } from '../../api/types.ts'
import { count } from '../../format/amount.ts'

export type Tone = 'good' | 'warn' | 'bad' | 'calm'

const stateTones: Readonly<Record<AttemptState, Tone>> = {
  open: 'calm',
  done: 'good',
  failed: 'bad',
  aborted: 'warn',
  truncated: 'warn',
  interrupted: 'bad',
}

export function stateTone(state: AttemptState): Tone {
  return stateTones[state]
}

/** How a request ended, in the words of `switchyard why`. */
export const ends: Readonly<Record<Why['end'], readonly [Tone, string]>> = {
  answered: ['good', 'Answered'],
  failed: ['bad', 'It failed'],
  cut: ['warn', 'The answer broke off'],
  left: ['warn', 'The client left'],
  interrupted: ['bad', 'The router died while it ran'],
  open: ['calm', 'It is running, or its end is not on disk yet'],
}

/** Names of the pool's rules, for people; as the command line tells them. */
export function ruleWords(chosen: string | undefined): string {
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

/** By whose price a cost was reckoned. */
export function priceWords(source: string): string {
  if (source === 'service') return 'the service itself said so'
  if (source === 'free') return 'free quota costs nothing'
  if (source === 'included') return 'included in a plan'
  if (source === 'listed') return 'by the price that the service lists'
  return `by the price of "${source}"`
}

/** One thing that stood in the way, without when it ends. */
export function stepWords(step: Step): string {
  switch (step.type) {
    case 'account':
      return `${step.provider} ${step.model}, account ${step.account}: ${step.why}`
    case 'candidate':
    case 'skipped':
      return `${step.provider} ${step.model}: ${step.why}`
    case 'fault': {
      const status = step.status === undefined ? '' : ` (${step.status})`
      return `${step.provider} ${step.model}, key ${step.key}: call ${step.attempt} failed, ${step.kind}${status}: ${step.why}`
    }
    case 'wait':
      return step.for === 'slot'
        ? `waited ${count(step.ms)} ms for a call in flight at ${step.provider ?? 'the service'} to end`
        : `waited ${count(step.ms)} ms for spent quota to return`
    case 'again':
      return `the answer was not as asked for (${step.why}), so it was asked for once more`
    case 'stopped':
      return `nothing more was tried: ${step.why}`
  }
}
