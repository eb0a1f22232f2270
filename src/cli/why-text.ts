import { dollars } from '../ledger/price.ts'
import type { Step } from '../routing/trail.ts'
import type { Why, WhyAttempt } from '../routing/why.ts'
import type { Paint } from './terminal/paint.ts'
import { clockTime, counted, ruleText, untilText, wrapped } from './lines.ts'

/** The story of a request for people, at 80 columns. */
export function renderWhy(why: Why, paint: Paint): string {
  const { id, at, client, asked, attempts } = why
  const by = client === '' ? '' : ` by client ${client}`
  return [
    paint.bold(`Request ${id}`),
    wrapped(`"${asked}"${by}, at ${clockTime(at)}`, 2),
    endPaint(why.end, paint)(wrapped(endText(why), 2)),
    '',
    ...wayLines(why),
    ...(attempts.length === 0 ? ['', 'No call was made.'] : ['', 'Calls']),
    ...attempts.flatMap(attemptLines),
  ].join('\n')
}

const ends: Readonly<Record<Exclude<Why['end'], 'failed'>, string>> = {
  answered: 'Answered',
  cut: 'The answer broke off',
  left: 'The client left',
  interrupted: 'The router died while it ran',
  open: 'It is running, or its end is not on disk yet',
}

function endPaint(end: Why['end'], paint: Paint): (text: string) => string {
  return end === 'answered' ? paint.green : end === 'open' ? paint.cyan : paint.red
}

function endText({ end, error, attempts }: Why): string {
  if (end === 'failed') {
    if (error === undefined) return 'It failed.'
    const back = error.until === undefined ? '' : ` (back ${clockTime(error.until)})`
    return `It failed with ${error.code}: ${error.message}${back}`
  }
  const last = attempts.at(-1)
  if (last === undefined) return `${ends[end]}.`
  return `${ends[end]}: ${last.provider} ${last.served ?? last.model}, key ${last.key} of account ${last.account} (${last.lane} lane). Chosen: ${ruleText(last.chosen)}.`
}

function wayLines({ steps, more, unrecorded, record }: Why): string[] {
  if (record === 'none')
    return [wrapped('Nothing stood in its way: the first choice took it. Only its call was written down.', 2)]
  if (record === 'gone')
    return [
      wrapped(
        'What stood in its way is not known: the record is not kept any more, or an older version made the call.',
        2,
      ),
    ]
  const lines = steps.map((step, index) => wrapped(`${`${index + 1}.`.padStart(4)} ${stepText(step)}`, 5))
  if (more !== undefined) lines.push(`     ${counted(more)} more found no room in the record`)
  if (unrecorded !== undefined)
    lines.push(
      wrapped(
        `  ${counted(unrecorded.requests)} requests of the same client that failed without a call since ${clockTime(unrecorded.since)} were not written down`,
        2,
      ),
    )
  return lines.length === 0 ? ['No candidate was tried.'] : ['What stood in the way, in order', ...lines]
}

function stepText(step: Step): string {
  switch (step.type) {
    case 'account':
      return `${step.provider} ${step.model}, account ${step.account}: ${step.why}${untilText(step.until)}`
    case 'candidate':
    case 'skipped':
      return `${step.provider} ${step.model}: ${step.why}${untilText(step.until)}`
    case 'fault': {
      const status = step.status === undefined ? '' : ` (${step.status})`
      return `${step.provider} ${step.model}, key ${step.key}: call ${step.attempt} failed, ${step.kind}${status}: ${step.why}${untilText(step.until)}`
    }
    case 'wait':
      return step.for === 'slot'
        ? `waited ${counted(step.ms)} ms for a call in flight at ${step.provider} to end`
        : `waited ${counted(step.ms)} ms for spent quota to return`
    case 'again':
      return `the answer was not as asked for (${step.why}), so it was asked for once more`
    case 'stopped':
      return `nothing more was tried: ${step.why}`
  }
}

function attemptLines(attempt: WhyAttempt): string[] {
  const { number, at, provider, model, key, account, lane, state, fault, status } = attempt
  const how = [state, fault, status].filter((part) => part !== undefined).join(', ')
  return [
    wrapped(`${`${number}.`.padStart(4)} ${clockTime(at)} ${provider} ${model}: ${how}`, 5),
    wrapped(`     key ${key} of account ${account}, ${lane} lane; ${ruleText(attempt.chosen)}`, 7),
    ...[timeText(attempt), useText(attempt)].flatMap((text) =>
      text === '' ? [] : [wrapped(`     ${text}`, 7)],
    ),
  ]
}

function timeText({ firstTokenMs, totalMs, finish }: WhyAttempt): string {
  return [
    firstTokenMs === undefined ? undefined : `first content after ${counted(firstTokenMs)} ms`,
    totalMs === undefined ? undefined : `ended after ${counted(totalMs)} ms`,
    finish === undefined ? undefined : `finish: ${finish}`,
  ]
    .filter((part) => part !== undefined)
    .join(', ')
}

function useText({ tokens, tokensFrom, usd, priceSource, mostUsd }: WhyAttempt): string {
  const estimated = tokensFrom === 'estimated' ? ' (estimated)' : ''
  return [
    tokens === undefined
      ? undefined
      : `${counted(tokens.input)} tokens in, ${counted(tokens.output)} out${estimated}`,
    usd === undefined
      ? undefined
      : `${dollars(usd * 1e9)}${priceSource === undefined ? '' : ` (${priceSource})`}`,
    mostUsd === undefined ? undefined : `${dollars(mostUsd * 1e9)} held`,
  ]
    .filter((part) => part !== undefined)
    .join(', ')
}
