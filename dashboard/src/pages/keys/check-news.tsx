import { count } from '../../format/amount.ts'
import { Notice } from '../../parts/notice.tsx'
import { checksText, sharedAccounts } from './checks.ts'
import type { Checks } from './use-checks.ts'

const mostShared = 20

/** How a test of keys goes, and what came of it. */
export function CheckNews({ checks: { last, running, error } }: { readonly checks: Checks }) {
  const shared = sharedAccounts(last)
  const allGood = last.every(({ verdict }) => verdict === 'accepted')
  return (
    <>
      {error === undefined ? null : <Notice kind="error" title={error} />}
      {running === undefined ? null : (
        <Notice kind="info" title={`Asking the services: ${count(running.done)} of ${count(running.of)} …`} />
      )}
      {running !== undefined || last.length === 0 ? null : (
        <Notice kind={allGood ? 'good' : 'warning'} title={checksText(last)}>
          <p>By reads that spend no quota.</p>
          {shared.slice(0, mostShared).map((text) => (
            <p key={text}>{text}</p>
          ))}
          {shared.length > mostShared ? <p>and {count(shared.length - mostShared)} more</p> : null}
        </Notice>
      )}
    </>
  )
}
