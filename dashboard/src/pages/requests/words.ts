import { endTexts } from '../../../../src/routing/decision-words.ts'
import type { AttemptState, Why } from '../../api/types.ts'

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

/** How a request ended. */
export function endOf(end: Why['end']): readonly [Tone, string] {
  return [endTones[end], end === 'failed' ? 'It failed' : endTexts[end]]
}

const endTones: Readonly<Record<Why['end'], Tone>> = {
  answered: 'good',
  failed: 'bad',
  cut: 'warn',
  left: 'warn',
  interrupted: 'bad',
  open: 'calm',
}

/** By whose price a cost was reckoned. */
export function priceWords(source: string): string {
  if (source === 'service') return 'the service itself said so'
  if (source === 'free') return 'free quota costs nothing'
  if (source === 'included') return 'included in a plan'
  if (source === 'listed') return 'by the price that the service lists'
  return `by the price of "${source}"`
}
