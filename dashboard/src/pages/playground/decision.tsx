import { noStepsText, stepText } from '../../../../src/routing/decision-words.ts'
import { useNow } from '../../api/live.tsx'
import type { WhyAttempt } from '../../api/types.ts'
import { count, usd } from '../../format/amount.ts'
import { clockTime, duration } from '../../format/when.ts'
import { Command } from '../../parts/notice.tsx'
import type { Turn } from './turn.ts'
import { chosenText, isAsPlanned, planText } from './words.ts'

/** What would have been chosen, what was, and what stood in between. */
export function Decision({ turn: { plan, why, whyError, head } }: { readonly turn: Turn }) {
  const now = useNow()
  const time = (iso: string): string => {
    const at = Date.parse(iso)
    return Number.isFinite(at) ? clockTime(at, now) : iso
  }
  const chosen = why === undefined ? undefined : chosenText(why)
  return (
    <details class="decision">
      <summary>{chosen === undefined && why !== undefined ? 'Why nobody' : 'Why this one'}</summary>
      <dl class="facts">
        <dt>Before it was sent</dt>
        <dd>{plan === undefined ? 'The plan could not be told.' : planText(plan)}</dd>
        <dt>Chosen</dt>
        <dd>
          {why === undefined
            ? (whyError ?? (head?.id === undefined ? 'Nothing was heard of it.' : 'The ledger is asked …'))
            : (chosen ?? 'No call was made.')}
          {plan !== undefined && why !== undefined && chosen !== undefined && !isAsPlanned(plan, why) ? (
            <strong> Not as planned.</strong>
          ) : null}
        </dd>
        {why === undefined ? null : (
          <>
            <dt>In its way</dt>
            <dd>
              {noStepsText(why) ?? (
                <ol>
                  {why.steps.map((step, index) => (
                    <li key={index}>{stepText(step, time)}</li>
                  ))}
                </ol>
              )}
              {why.more === undefined ? null : <p>{count(why.more)} more found no room in the record.</p>}
            </dd>
            <dt>Calls</dt>
            <dd>
              {why.attempts.length === 0 ? (
                'None.'
              ) : (
                <ol>
                  {why.attempts.map((attempt) => (
                    <li key={attempt.number}>{attemptText(attempt)}</li>
                  ))}
                </ol>
              )}
            </dd>
          </>
        )}
        {head?.id === undefined ? null : (
          <>
            <dt>On a terminal</dt>
            <dd>
              <Command>{`switchyard why ${head.id}`}</Command>
            </dd>
          </>
        )}
      </dl>
    </details>
  )
}

function attemptText(attempt: WhyAttempt): string {
  const {
    provider,
    model,
    state,
    fault,
    status,
    firstTokenMs,
    totalMs,
    tokens,
    tokensFrom,
    usd: cost,
  } = attempt
  const how = [state, fault, status].filter((part) => part !== undefined).join(', ')
  const facts = [
    firstTokenMs === undefined ? undefined : `first content after ${duration(firstTokenMs)}`,
    totalMs === undefined ? undefined : `ended after ${duration(totalMs)}`,
    tokens === undefined
      ? undefined
      : `${count(tokens.input)} tokens in, ${count(tokens.output)} out${tokensFrom === 'estimated' ? ' (estimated)' : ''}`,
    cost === undefined ? undefined : usd(cost),
  ].filter((part) => part !== undefined)
  return [`${provider} ${model}: ${how}`, ...facts].join('; ')
}
