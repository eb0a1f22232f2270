import type { KeyCheck } from '../../api/types.ts'
import { count, counted } from '../../format/amount.ts'

/** `7 of 50 free used today, 12 ms`; why, for a key that was not accepted. */
export function checkText({ why, freeDay, tookMs }: KeyCheck): string {
  if (why !== undefined) return why
  const { max, used } = freeDay ?? {}
  const day =
    max === undefined ? [] : [used === undefined ? `${max} free a day` : `${used} of ${max} free used today`]
  return [...day, `${tookMs} ms`].join(', ')
}

const verdicts = ['accepted', 'refused', 'unreachable', 'unclear'] as const

/** `12 keys asked: 11 accepted, 1 refused`. */
export function checksText(checks: readonly KeyCheck[]): string {
  const sums = verdicts.flatMap((verdict) => {
    const sum = checks.filter((check) => check.verdict === verdict).length
    return sum === 0 ? [] : [`${count(sum)} ${verdict}`]
  })
  return `${counted(checks.length, 'key')} asked: ${sums.join(', ')}`
}

/** Keys that open one account: `3 keys, 1 account: 50 free requests a day, not 150 (A, B, C)`. */
export function sharedAccounts(checks: readonly KeyCheck[]): readonly string[] {
  const groups = Map.groupBy(
    checks.filter(({ account }) => account !== undefined),
    ({ provider, account }) => `${provider} ${account}`,
  )
  return [...groups.values()].flatMap((group) => {
    if (group.length < 2) return []
    const max = group.find(({ freeDay }) => freeDay?.max !== undefined)?.freeDay?.max
    const worth =
      max === undefined ? 'their limits are shared' : `${max} free requests a day, not ${max * group.length}`
    return [`${group.length} keys, 1 account: ${worth} (${group.map(({ name }) => name).join(', ')})`]
  })
}
