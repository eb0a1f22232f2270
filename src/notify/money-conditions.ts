import type { Comparison } from '../ledger/ledger.ts'
import { dollars } from '../ledger/price.ts'
import { windowStart } from '../limits/window.ts'
import type { SpendingStatus } from '../routing/spending.ts'
import type { Condition } from './changes.ts'
import type { Outlook } from './outlook.ts'
import { shownLength, shownTime } from './times.ts'

const dayMs = 86_400_000
/** Below these a day's figures differ by chance: a call at midnight, a cost that was estimated. */
const least: Readonly<Record<Comparison['metric'], number>> = { requests: 5, 'nano-usd': 100_000_000 }

/** Ceilings that are nearly or wholly used. What is only held for calls in flight does not count. */
export function fullCeilings({ now, status, tastes }: Outlook): Condition[] {
  return status.spending.flatMap((ceiling) => {
    const { name, maxUsd, resetsAt } = ceiling
    const spent = ceiling.usd - ceiling.heldUsd
    // A ceiling of nothing is a way to forbid, not something that fills up.
    if (maxUsd === 0 || spent < 0.8 * maxUsd) return []
    const ends = Date.parse(resetsAt)
    const full = isFull(ceiling, spent)
    const figures = `${dollars(spent * 1e9)} of ${dollars(maxUsd * 1e9)} are spent.`
    const anew = `It begins anew ${shownTime(ends, tastes.zone)}, in ${shownLength(ends - now)}.`
    const condition: Condition = {
      subject: `budget/${name}/${resetsAt}`,
      kind: full ? 'budget-100' : 'budget-80',
      level: full ? 2 : 1,
      words: {
        title: full
          ? `Spending ceiling reached (${name})`
          : `Four fifths of a spending ceiling are used (${name})`,
        lines: full
          ? [
              `${figures} Calls under it that cost something are refused; free ones go on.`,
              anew,
              'To let more through, raise it under "policy.ceilings" or at the client, and restart.',
            ]
          : [`${figures} At the ceiling, calls under it that cost something are refused.`, anew],
      },
      until: ends,
      keepUntil: ends,
    }
    const words = { title: `Spending ceiling begins anew (${name})`, lines: ['Calls go on under it.'] }
    return [full ? { ...condition, over: { kind: 'budget-back' as const, words } } : condition]
  })
}

/** A ceiling is never passed: what is left of it may just be too little for any call. */
function isFull({ maxUsd, refused }: SpendingStatus, spent: number): boolean {
  return spent >= maxUsd || refused > 0
}

/** Days that are over and for which a service's figure is far from ours. */
export function differences({ now, comparisons, tastes }: Outlook): Condition[] {
  const today = windowStart('day', now)
  return comparisons
    .filter(({ day }) => day < today)
    .filter(({ metric, service, ours }) => {
      const apart = Math.abs(service - ours)
      return apart >= least[metric] && apart > (Math.max(service, ours) * tastes.differencePercent) / 100
    })
    .map(({ provider, account, key, metric, name, day, service, ours }): Condition => {
      const amount = (value: number): string => (metric === 'nano-usd' ? dollars(value) : String(value))
      const date = new Date(day).toISOString().slice(0, 10)
      const whose = key === undefined ? account : `${account}, ${key}`
      return {
        subject: `difference/${provider}/${whose}/${name}/${date}`,
        kind: 'difference',
        words: {
          title: `${provider} counted ${date} differently (${name})`,
          lines: [
            `${whose}: the service ${amount(service)}, this router ${amount(ours)}.`,
            service > ours
              ? 'Others use the account, or calls were cut before their cost was known. If nobody else should: change the key.'
              : "The service's figures may lag behind; if they stay lower, its bill is lower too.",
            '"switchyard reconcile" shows every day.',
          ],
        },
        keepUntil: day + 4 * dayMs,
      }
    })
}
