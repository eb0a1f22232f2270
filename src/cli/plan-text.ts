import { ruleText, untilText } from '../routing/decision-words.ts'
import { dollars } from '../ledger/price.ts'
import type { PlannedAccount, PlannedKey, PlannedLimit } from '../routing/preview-account.ts'
import type { PlannedCandidate, RoutePlan } from '../routing/preview.ts'
import { clockTime, counted, wrapped } from './lines.ts'
import type { Paint } from './terminal/paint.ts'
import type { View } from './terminal/view.ts'
import { clockTime as readersTime, countdown } from './terminal/when.ts'

/** A plan for people, at 80 columns. `>` marks who gets the call, `-` who could, `x` who cannot. */
export function renderPlan(plan: RoutePlan, view: View): string {
  const { paint } = view
  const { asked, model, client, at, assumed, candidates, skipped } = plan
  const alias = asked === model ? '' : `, which stands for "${model}"`
  const by = client === '' ? '' : ` by client ${client}`
  return [
    paint.bold(wrapped(`Plan for "${asked}"${alias}${by}, at ${clockTime(at)}`, 2)),
    paint.dim(
      `Reckoned with ${counted(assumed.inputTokens)} tokens in and ${counted(assumed.outputTokens)} out.`,
    ),
    '',
    ...outcome(plan, paint),
    ...candidates.flatMap((each, index) => ['', ...candidateLines(each, index + 1, plan, view)]),
    ...(skipped.length === 0 ? [] : ['', 'Passed over']),
    ...skipped.map((each) =>
      paint.red(
        wrapped(`  x ${each.provider}${each.model === undefined ? '' : ` ${each.model}`}: ${each.why}`, 4),
      ),
    ),
  ].join('\n')
}

function outcome({ next, refusal, candidates }: RoutePlan, paint: Paint): string[] {
  if (next !== undefined) {
    const account = candidates.find(({ usable }) => usable)?.accounts[0]
    return [
      paint.green(wrapped(`Next: ${next.provider} ${next.model} (${next.lane} lane)`, 6)),
      wrapped(`      key ${next.key} of account ${next.account}: ${ruleText(account?.chosen)}`, 6),
    ]
  }
  if (refusal === undefined) return []
  const waits = refusal.waits === true ? ['A call in flight that ends in time would make room.'] : []
  return [paint.red(wrapped(`Nobody can take it. ${refusal.code}: ${refusal.message}`, 2)), ...waits]
}

function candidateLines(candidate: PlannedCandidate, place: number, plan: RoutePlan, view: View): string[] {
  const { paint } = view
  const { title, model, others, lane, obstacle, lacks, accounts } = candidate
  const next = plan.next !== undefined && candidate === plan.candidates.find(({ usable }) => usable)
  return [
    paint.bold(wrapped(`${place}. ${title} ${model}, ${lane} lane`, 3)),
    ...(others.length === 0 ? [] : [wrapped(`   may fall to ${others.join(', ')}`, 5)]),
    wrapped(`   ${priceText(candidate)}`, 5),
    ...(lacks.length === 0 ? [] : [`   not listed with: ${lacks.join(', ')}`]),
    ...(obstacle === undefined
      ? []
      : [paint.red(wrapped(`   x ${obstacle.why}${untilText(obstacle.until, clockTime)}`, 5))]),
    ...accounts.flatMap((account, index) => accountLines(account, index, next, view)),
  ]
}

function priceText({ lane, price, mostUsd }: PlannedCandidate): string {
  if (lane === 'free') return 'costs nothing'
  if (price === undefined) return 'no price is known'
  const most = mostUsd === undefined ? '' : `; this call ${dollars(mostUsd * 1e9)} at the most`
  const usd = (value: number): string => dollars(value * 1e9)
  return `${usd(price.inputUsd)} in, ${usd(price.outputUsd)} out a million tokens (${price.source})${most}`
}

function accountLines(
  { id, usable, chosen, obstacle, inFlight, limits, keys }: PlannedAccount,
  place: number,
  candidateIsNext: boolean,
  view: View,
): string[] {
  const { paint } = view
  const next = candidateIsNext && place === 0
  const busy = inFlight > 0 ? `, ${inFlight} in flight` : ''
  const why = usable
    ? place === 0
      ? ruleText(chosen)
      : 'takes it where those above cannot'
    : `${obstacle?.why}${untilText(obstacle?.until, clockTime)}`
  const colour = next ? paint.green : usable ? (text: string) => text : paint.red
  return [
    colour(wrapped(`   ${next ? '>' : usable ? '-' : 'x'} account ${id}${busy}: ${why}`, 7)),
    ...limits.map((limit) => paint.dim(wrapped(`       ${limitText(limit, view)}`, 9))),
    ...keys.map((key, index) => {
      const first = next && index === 0
      const shade = first ? paint.green : key.usable ? (text: string) => text : paint.red
      return shade(wrapped(`     ${keyText(key, first)}`, 9))
    }),
  ]
}

function limitText({ name, metric, used, max, kept, left, resetsAt }: PlannedLimit, view: View): string {
  const amount = (value: number): string => (metric === 'nano-usd' ? dollars(value) : counted(value))
  const share = max === undefined ? `${amount(used)} used` : `${amount(used)} of ${amount(max)} used`
  const rest = left === undefined ? '' : `, ${amount(left)} left`
  const others = kept === undefined ? '' : ` (${amount(kept)} kept for others)`
  return `${name}: ${share}${rest}${others}${resetsAt === undefined ? '' : `, ${resetText(resetsAt, view)}`}`
}

/** On the reader's clock, as `status` says it. */
function resetText(resetsAt: string, view: View): string {
  const at = Date.parse(resetsAt)
  return `resets ${readersTime(at, view)}, in ${countdown(at - view.now)}`
}

function keyText({ name, masked, usable, obstacle, cap }: PlannedKey, next: boolean): string {
  const mark = next ? '>' : usable ? '-' : 'x'
  const own =
    cap === undefined ? '' : `, own cap ${dollars(cap.leftUsd * 1e9)} of ${dollars(cap.usd * 1e9)} left`
  const why = obstacle === undefined ? '' : `: ${obstacle.why}${untilText(obstacle.until, clockTime)}`
  return `${mark} ${name}${masked === '' ? '' : ` ${masked}`}${own}${why}`
}
