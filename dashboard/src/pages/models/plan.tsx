import { useEffect, useState } from 'preact/hooks'
import { ask, messageOf } from '../../api/ask.ts'
import { useLogins } from '../../api/logins.ts'
import type { PlannedAccount, PlannedCandidate, RoutePlan } from '../../api/types.ts'
import { count, usd } from '../../format/amount.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Badge } from '../../parts/gauge.tsx'
import { Command, Loading, Notice } from '../../parts/notice.tsx'
import { untilText } from '../../parts/rest.tsx'

const mostAccounts = 12
const mostSkipped = 20

interface PlanProps {
  /** As a client would name it. */
  readonly model: string
  readonly now: number
  readonly onClose: () => void
}

/** Who would get a request for a model now, and why not the others. Nothing is called for it. */
export function PlanDialog({ model, now, onClose }: PlanProps) {
  const [plan, setPlan] = useState<RoutePlan>()
  const [error, setError] = useState<string>()
  const logins = useLogins()
  useEffect(() => {
    const leaving = new AbortController()
    ask<RoutePlan>('plan', { body: { model }, signal: leaving.signal }).then(
      (told) => {
        setPlan(told)
        setError(undefined)
      },
      (refusal: unknown) => {
        if (!leaving.signal.aborted) setError(messageOf(refusal))
      },
    )
    return () => leaving.abort()
  }, [model, logins])
  return (
    <Dialog title={`Plan for “${model}”`} onClose={onClose}>
      {error === undefined ? null : <Notice kind="error" title={error} />}
      {plan === undefined && error === undefined ? <Loading what="Looking" /> : null}
      {plan === undefined ? null : <Plan plan={plan} now={now} />}
      <p class="hint">
        Nothing was called. In a terminal: <Command>{`switchyard plan ${model}`}</Command>
      </p>
    </Dialog>
  )
}

function Plan({ plan, now }: { readonly plan: RoutePlan; readonly now: number }) {
  const { asked, model, client, assumed, next, refusal, candidates, skipped } = plan
  return (
    <>
      {next === undefined ? null : (
        <Notice kind="good" title={`Next: ${next.provider} ${next.model} (${next.lane} lane)`}>
          with key <span class="mono">{next.key}</span> of account <span class="mono">{next.account}</span>
        </Notice>
      )}
      {refusal === undefined ? null : (
        <Notice kind="warning" title="Nobody can take it.">
          {refusal.code}: {refusal.message}
          {refusal.waits === true ? ' A call in flight that ends in time would make room.' : ''}
        </Notice>
      )}
      <p class="soft">
        {asked === model ? '' : `It stands for “${model}”. `}
        Reckoned for client {client}, with {count(assumed.inputTokens)} tokens in and{' '}
        {count(assumed.outputTokens)} out.
      </p>
      <ol class="plan">
        {candidates.map((candidate) => (
          <Candidate
            key={`${candidate.provider} ${candidate.model} ${candidate.lane}`}
            candidate={candidate}
            now={now}
          />
        ))}
      </ol>
      {skipped.length === 0 ? null : (
        <div>
          <h3>Passed over</h3>
          <ul>
            {skipped.slice(0, mostSkipped).map(({ provider, model: what, why }) => (
              <li key={`${provider} ${what ?? ''}`}>
                {provider} {what}: {why}
              </li>
            ))}
          </ul>
          <More of={skipped.length} most={mostSkipped} />
        </div>
      )}
    </>
  )
}

function Candidate({ candidate, now }: { readonly candidate: PlannedCandidate; readonly now: number }) {
  const { title, model, others, lane, obstacle, lacks, accounts } = candidate
  return (
    <li>
      <strong>
        {title} <span class="mono">{model}</span>
      </strong>{' '}
      <Badge tone={lane}>{lane}</Badge>
      {others.length === 0 ? null : <p class="soft">It may fall to {others.join(', ')}.</p>}
      <p class="soft">{costText(candidate)}</p>
      {lacks.length === 0 ? null : <p class="plan-obstacle">It is not listed with {lacks.join(', ')}.</p>}
      {obstacle === undefined ? null : (
        <p class="plan-obstacle">
          It cannot: {obstacle.why}
          {obstacle.until === undefined ? '' : `, ${untilText(obstacle.until, now)}`}
        </p>
      )}
      <ul class="plan-accounts">
        {accounts.slice(0, mostAccounts).map((account) => (
          <Account key={account.id} account={account} now={now} />
        ))}
      </ul>
      <More of={accounts.length} most={mostAccounts} />
    </li>
  )
}

function Account({ account, now }: { readonly account: PlannedAccount; readonly now: number }) {
  const { id, usable, obstacle, inFlight, keys } = account
  const busy = inFlight > 0 ? `, ${inFlight} in flight` : ''
  const until = obstacle?.until === undefined ? '' : `, ${untilText(obstacle.until, now)}`
  return (
    <li>
      account <span class="mono">{id}</span>
      {busy}:{' '}
      {usable ? (
        `can take it, with ${keys.find((key) => key.usable)?.name ?? 'its key'}`
      ) : (
        <span class="plan-obstacle">
          {obstacle?.why}
          {until}
        </span>
      )}
    </li>
  )
}

function More({ of, most }: { readonly of: number; readonly most: number }) {
  return of > most ? <p class="soft">and {count(of - most)} more</p> : null
}

function costText({ lane, price, mostUsd }: PlannedCandidate): string {
  if (lane === 'free') return 'It costs nothing.'
  if (price === undefined) return 'No price is known.'
  const most = mostUsd === undefined ? '' : `; this call ${usd(mostUsd)} at the most`
  return `${usd(price.inputUsd)} in, ${usd(price.outputUsd)} out a million tokens (${price.source})${most}`
}
