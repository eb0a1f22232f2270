import { noStepsText, stepText } from '../../../../src/routing/decision-words.ts'
import type { Why } from '../../api/types.ts'
import { counted } from '../../format/amount.ts'
import { moment } from '../../format/when.ts'
import { Section } from '../../parts/page.tsx'

/** What stood in the way of a request, in order. */
export function Steps({ why }: { readonly why: Why }) {
  const { steps, more, unrecorded } = why
  const none = noStepsText(why)
  return (
    <Section title="What stood in the way">
      {none === undefined ? (
        <ol class="steps">
          {steps.map((step, index) => (
            <li key={index} class={step.type === 'fault' ? 'step-fault' : ''}>
              {stepText(step, (iso) => moment(Date.parse(iso)))}
            </li>
          ))}
        </ol>
      ) : (
        <p class="soft">{none}</p>
      )}
      {more === undefined ? null : (
        <p class="soft">{counted(more, 'step')} more found no room in the record.</p>
      )}
      {unrecorded === undefined ? null : (
        <p class="soft">
          {counted(unrecorded.requests, 'request')} of the same client that failed without a call since{' '}
          {moment(Date.parse(unrecorded.since))} were not written down.
        </p>
      )}
    </Section>
  )
}
