import { dollars } from '../ledger/price.ts'
import { endTexts, noStepsText, ruleText, stepText } from '../routing/decision-words.ts'
import type { Why, WhyAttempt } from '../routing/why.ts'
import type { Paint } from './terminal/paint.ts'
import { clockTime, counted, wrapped } from './lines.ts'

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
  if (last === undefined) return `${endTexts[end]}.`
  return `${endTexts[end]}: ${last.provider} ${last.served ?? last.model}, key ${last.key} of account ${last.account} (${last.lane} lane). Chosen: ${ruleText(last.chosen)}.`
}

function wayLines(why: Why): string[] {
  const { steps, more, unrecorded } = why
  const none = noStepsText(why)
  if (none !== undefined && more === undefined && unrecorded === undefined) return [wrapped(none, 2)]
  const lines = steps.map((step, index) =>
    wrapped(`${`${index + 1}.`.padStart(4)} ${stepText(step, clockTime)}`, 5),
  )
  if (more !== undefined) lines.push(`     ${counted(more)} more found no room in the record`)
  if (unrecorded !== undefined)
    lines.push(
      wrapped(
        `  ${counted(unrecorded.requests)} requests of the same client that failed without a call since ${clockTime(unrecorded.since)} were not written down`,
        2,
      ),
    )
  return ['What stood in the way, in order', ...lines]
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
