import { ruleText } from '../../../../src/routing/decision-words.ts'
import type { RoutePlan, Why } from '../../api/types.ts'

/** What would be chosen, in one sentence. */
export function planText({ next, refusal, candidates }: RoutePlan): string {
  if (next !== undefined) {
    const rule = candidates.find(({ usable }) => usable)?.accounts[0]?.chosen
    return `${next.provider} ${next.model} (${next.lane} lane), key ${next.key} of account ${next.account}: ${ruleText(rule)}`
  }
  const waits = refusal?.waits === true ? ' A call in flight that ends in time would make room.' : ''
  return `Nobody can take it. ${refusal?.message ?? ''}${waits}`
}

/** What was chosen, in one sentence; undefined: nobody was. */
export function chosenText({ attempts }: Why): string | undefined {
  const last = attempts.at(-1)
  if (last === undefined) return undefined
  return `${last.provider} ${last.served ?? last.model} (${last.lane} lane), key ${last.key} of account ${last.account}: ${ruleText(last.chosen)}`
}

/** Whether the very account and model that the plan named took the call. */
export function isAsPlanned({ next }: RoutePlan, { attempts }: Why): boolean {
  const last = attempts.at(-1)
  return (
    next?.provider === last?.provider &&
    next?.model === last?.model &&
    next?.account === last?.account &&
    next?.key === last?.key
  )
}
