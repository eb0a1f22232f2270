import type { Step, Why } from '../../api/types.ts'
import { counted } from '../../format/amount.ts'
import { moment } from '../../format/when.ts'
import { Section } from '../../parts/page.tsx'
import { stepWords } from './words.ts'

/** What stood in the way of a request, in order. */
export function Steps({ why: { steps, more, unrecorded, record } }: { readonly why: Why }) {
  return (
    <Section title="What stood in the way">
      {record === 'none' ? (
        <p class="soft">Nothing: the first choice took it. Only its call was written down.</p>
      ) : record === 'gone' ? (
        <p class="soft">
          It is not known: the record is not kept any more, or an older version made the call.
        </p>
      ) : steps.length === 0 ? (
        <p class="soft">No candidate was tried.</p>
      ) : (
        <ol class="steps">
          {steps.map((step, index) => (
            <li key={index} class={step.type === 'fault' ? 'step-fault' : ''}>
              {stepWords(step)}
              <span class="soft">{untilWords(step)}</span>
            </li>
          ))}
        </ol>
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

function untilWords(step: Step): string {
  if (!('until' in step) || step.until === undefined) return ''
  const at = Date.parse(step.until)
  return Number.isFinite(at) ? ` (until ${moment(at)})` : ' (until it is released by hand)'
}
