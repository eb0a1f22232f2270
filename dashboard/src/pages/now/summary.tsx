import type { Status } from '../../api/types.ts'
import { count, counted, usd } from '../../format/amount.ts'

/** The figures one looks for first. Days and months are UTC, as everywhere. */
export function Summary({ status }: { readonly status: Status }) {
  const { spend, providers, ledger } = status
  const accounts = providers.flatMap((provider) => provider.accounts)
  const keys = accounts.flatMap((account) => account.keys)
  const requests = keys.reduce((sum, { today }) => sum + today.requests, 0)
  const failed = keys.reduce((sum, { today }) => sum + today.failed, 0)
  const inFlight = accounts.reduce((sum, account) => sum + account.inFlight, 0)
  return (
    <dl class="tiles">
      <Tile
        title="Calls today"
        value={count(requests)}
        note={failed === 0 ? 'none failed' : `${count(failed)} failed`}
      />
      <Tile
        title="In flight"
        value={count(inFlight)}
        note={`${counted(keys.length, 'key')} in ${counted(accounts.length, 'account')}`}
      />
      <Tile
        title="Spent today"
        value={usd(spend.todayUsd)}
        note={spend.unpriced === 0 ? 'UTC day' : `and ${counted(spend.unpriced, 'call')} of unknown cost`}
      />
      <Tile title="Spent this month" value={usd(spend.monthUsd)} note="UTC month" />
      <Tile
        title="Ledger"
        value={ledger.problem === undefined ? 'keeps up' : 'stuck'}
        note={
          ledger.unwritten === 0 ? 'everything is written' : `${counted(ledger.unwritten, 'row')} waiting`
        }
      />
    </dl>
  )
}

function Tile({
  title,
  value,
  note,
}: {
  readonly title: string
  readonly value: string
  readonly note: string
}) {
  return (
    <div class="tile">
      <dt>{title}</dt>
      <dd>
        {value}
        <div class="tile-note">{note}</div>
      </dd>
    </div>
  )
}
