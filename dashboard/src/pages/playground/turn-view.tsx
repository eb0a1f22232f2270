import { useNow } from '../../api/live.tsx'
import { count, usd } from '../../format/amount.ts'
import { clockTime, countdown, duration } from '../../format/when.ts'
import { Badge } from '../../parts/gauge.tsx'
import { Notice } from '../../parts/notice.tsx'
import type { Failure } from './answer-part.ts'
import { Decision } from './decision.tsx'
import { isRunning, type Turn } from './turn.ts'

/** A question and what came of it. All of it is foreign text, and shown as nothing but text. */
export function TurnView({ turn }: { readonly turn: Turn }) {
  const { question, state, text, reasoning, dropped, finish, failure } = turn
  return (
    <li class="turn">
      <div class="question">
        <h2 class="unseen">You asked</h2>
        <p class="foreign">{question}</p>
      </div>
      <div class="answer" role="group" aria-label="Answer" aria-busy={isRunning(turn)}>
        {reasoning.length === 0 ? null : (
          <details class="reasoning">
            <summary>Reasoning{state === 'answering' && text.length === 0 ? ' …' : ''}</summary>
            <Pieces pieces={reasoning} />
          </details>
        )}
        <Pieces pieces={text} />
        {state === 'waiting' ? <p class="soft">Waiting for the first words …</p> : null}
        {dropped > 0 ? (
          <Notice kind="warning" title={`${count(dropped)} characters more came and are not kept.`}>
            A page that kept them would grow without end.
          </Notice>
        ) : null}
        {finish === 'length' ? (
          <Notice kind="info" title="Cut by a limit of tokens.">
            The model had more to say; allow it more tokens.
          </Notice>
        ) : null}
        {state === 'stopped' ? <p class="soft">Stopped by hand.</p> : null}
        {state === 'done' && text.length === 0 ? <p class="soft">The answer holds no text.</p> : null}
        {failure === undefined ? null : <Failed failure={failure} />}
        {turn.head?.warnings === undefined ? null : <p class="soft">Not passed on: {turn.head.warnings}</p>}
        {isRunning(turn) ? null : <Figures turn={turn} />}
        {isRunning(turn) ? null : <Decision turn={turn} />}
      </div>
    </li>
  )
}

function Pieces({ pieces }: { readonly pieces: readonly string[] }) {
  return (
    <div class="foreign">
      {pieces.map((piece, index) => (
        // A line break at the very end of a block is not drawn; the next piece stands behind one more.
        <div key={index}>{index < pieces.length - 1 && /(^|\n)$/.test(piece) ? `${piece}\n` : piece}</div>
      ))}
    </div>
  )
}

function Failed({ failure: { message, pools } }: { readonly failure: Failure }) {
  const now = useNow()
  return (
    <Notice kind="error" title={message}>
      {pools.length === 0 ? undefined : (
        <ul>
          {pools.map(({ provider, reason, returnsAt }, index) => (
            <li key={index}>
              {provider}: {reason}
              {backText(returnsAt, now)}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  )
}

function backText(returnsAt: string | undefined, now: number): string {
  const at = Date.parse(returnsAt ?? '')
  return Number.isFinite(at) ? `; back ${clockTime(at, now)} (in ${countdown(at - now)})` : ''
}

/** Tokens and cost as the ledger has them once it has been asked; times as seen from here. */
function Figures({ turn }: { readonly turn: Turn }) {
  const { head, why, firstMs, totalMs } = turn
  const last = why?.attempts.at(-1)
  const tokens = last?.tokens ?? turn.tokens
  const provider = last?.provider ?? head?.provider
  const calls = why?.attempts.length ?? head?.attempts
  return (
    <p class="figures number">
      {last === undefined ? null : <Badge tone={last.lane}>{last.lane}</Badge>}
      {provider === undefined ? null : (
        <span>
          {provider} <span class="mono">{last?.served ?? last?.model ?? head?.model}</span>
        </span>
      )}
      {last === undefined && head?.key === undefined ? null : <span>key {last?.key ?? head?.key}</span>}
      {calls === undefined || Number(calls) < 2 ? null : <span>{calls} calls</span>}
      {tokens === undefined ? null : (
        <span>
          {count(tokens.input)} tokens in, {count(tokens.output)} out
          {last?.tokensFrom === 'estimated' ? ' (estimated)' : ''}
        </span>
      )}
      {calls === 0 ? <span>no call was made</span> : <span>{costText(turn)}</span>}
      {firstMs === undefined ? null : <span>first words after {duration(firstMs)}</span>}
      {totalMs === undefined ? null : <span>{duration(totalMs)} in all</span>}
    </p>
  )
}

/** What all calls of the request cost together. */
function costText({ head, why }: Turn): string {
  if (why === undefined) return head?.cost === undefined ? 'cost not told' : usd(Number(head.cost))
  const known = why.attempts.flatMap(({ usd: cost }) => cost ?? [])
  const sum = usd(known.reduce((before, cost) => before + cost, 0))
  const isWhole = known.length === why.attempts.length
  return isWhole ? sum : known.length === 0 ? 'cost unknown' : `at least ${sum}`
}
