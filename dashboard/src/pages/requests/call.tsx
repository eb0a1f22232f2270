import { ruleText } from '../../../../src/routing/decision-words.ts'
import type { WhyAttempt } from '../../api/types.ts'
import { count, usd } from '../../format/amount.ts'
import { duration, moment } from '../../format/when.ts'
import { Badge } from '../../parts/gauge.tsx'
import type { Span } from './timeline.ts'
import { priceWords, stateTone } from './words.ts'

interface CallProps {
  readonly attempt: WhyAttempt
  readonly span: Span | undefined
  /** Of the whole request: the scale of the bar. */
  readonly totalMs: number
}

/** One upstream call: who, how it ended, how long, how much. */
export function Call({ attempt, span, totalMs }: CallProps) {
  const { number, at, provider, model, served, key, account, lane, chosen, stream, state } = attempt
  const { fault, status, finish, tokens } = attempt
  const end = [fault, status === undefined ? undefined : `HTTP ${status}`, finish && `finish: ${finish}`]
  return (
    <li class="call">
      <header class="call-head">
        <strong>
          {number}. {provider} {served ?? model}
        </strong>
        <Badge tone={stateTone(state)}>{state}</Badge>
        <Badge tone={lane}>{lane}</Badge>
      </header>
      {span === undefined ? null : (
        <Bar span={span} totalMs={totalMs} hasContent={attempt.firstTokenMs !== undefined} />
      )}
      <dl class="facts">
        <dt>Key</dt>
        <dd>
          <span class="mono">{key}</span> of account <span class="mono">{account}</span>
        </dd>
        <dt>Why this key</dt>
        <dd>{ruleText(chosen)}</dd>
        {served === undefined || served === model ? null : (
          <>
            <dt>Model sent</dt>
            <dd>{model}</dd>
          </>
        )}
        <dt>Began</dt>
        <dd title={at}>
          {moment(Date.parse(at))}
          {stream ? ', as a stream' : ''}
        </dd>
        {end.every((part) => part === undefined) ? null : (
          <>
            <dt>Ended</dt>
            <dd>{end.filter((part) => part !== undefined).join(', ')}</dd>
          </>
        )}
        <dt>Tokens</dt>
        <dd>{tokens === undefined ? 'not known' : tokenWords(tokens, attempt.tokensFrom)}</dd>
        <dt>Cost</dt>
        <dd>{costWords(attempt)}</dd>
      </dl>
    </li>
  )
}

/** The call on the time of its request. */
function Bar({
  span,
  totalMs,
  hasContent,
}: {
  readonly span: Span
  readonly totalMs: number
  readonly hasContent: boolean
}) {
  const { startMs, firstMs, restMs } = span
  const parts = [
    { name: 'wait', ms: startMs, words: 'after waits and calls before it' },
    {
      name: 'first',
      ms: firstMs,
      words: hasContent ? 'until the first content' : 'until its end, without content',
    },
    { name: 'rest', ms: restMs, words: 'for the rest' },
  ].filter(({ ms, name }) => ms > 0 || name === 'first')
  return (
    <div class="timing">
      <div class="bar" aria-hidden="true">
        {parts.map(({ name, ms }) => (
          <div
            key={name}
            class={`timing-${name}`}
            style={{ width: `${totalMs === 0 ? 0 : (ms / totalMs) * 100}%` }}
          />
        ))}
      </div>
      <ul class="timing-words">
        {parts.map((part) => (
          <li key={part.name} class={`timing-word timing-word-${part.name}`}>
            {duration(part.ms)} {part.words}
          </li>
        ))}
      </ul>
    </div>
  )
}

function tokenWords(
  { input, output, cached, cacheWrite, reasoning }: NonNullable<WhyAttempt['tokens']>,
  from: WhyAttempt['tokensFrom'],
): string {
  const inputParts = [
    cached === undefined || cached === 0 ? undefined : `${count(cached)} of them from a cache`,
    cacheWrite === undefined || cacheWrite === 0 ? undefined : `${count(cacheWrite)} written to one`,
  ].filter((part) => part !== undefined)
  return [
    `${count(input)} in${inputParts.length === 0 ? '' : ` (${inputParts.join(', ')})`}`,
    `, ${count(output)} out`,
    reasoning === undefined || reasoning === 0 ? '' : ` (${count(reasoning)} of them reasoning)`,
    from === 'estimated' ? ', estimated from sizes' : '',
  ].join('')
}

function costWords({ usd: cost, priceSource, mostUsd, state }: WhyAttempt): string {
  const known = cost === undefined ? (state === 'open' ? 'not known yet' : 'not known') : usd(cost)
  const source = cost === undefined || priceSource === undefined ? '' : `, ${priceWords(priceSource)}`
  const held = mostUsd === undefined ? '' : `; ${usd(mostUsd)} was held under a ceiling`
  return `${known}${source}${held}`
}
