import type { KeyCheck } from '../../api/types.ts'
import { count, short, usd } from '../../format/amount.ts'
import { clockTime } from '../../format/when.ts'
import { Button } from '../../parts/button.tsx'
import { Badge } from '../../parts/gauge.tsx'
import { Rest } from '../../parts/rest.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { checkText } from './checks.ts'
import type { KeyRow } from './key-row.ts'

export interface KeyActions {
  readonly disable: (row: KeyRow) => Promise<void>
  readonly enable: (row: KeyRow) => Promise<void>
  readonly release: (row: KeyRow) => Promise<void>
  readonly test: (row: KeyRow) => Promise<void>
}

export interface KeyTableProps {
  readonly title: string
  readonly rows: readonly KeyRow[]
  readonly checks: ReadonlyMap<string, KeyCheck>
  readonly now: number
  readonly actions: KeyActions
}

export function KeyTable({ title, rows, checks, now, actions }: KeyTableProps) {
  const columns: readonly Column<KeyRow>[] = [
    { title: 'Key', cell: (row) => <Name row={row} /> },
    {
      title: 'State',
      wide: true,
      cell: (row) => <State row={row} check={checks.get(row.id)} now={now} />,
    },
    { title: 'Do', cell: (row) => <Actions row={row} actions={actions} /> },
    { title: 'Calls today', align: 'right', cell: ({ key }) => count(key.today.requests) },
    {
      title: 'Failed',
      align: 'right',
      cell: ({ key: { today } }) => (
        <span class={today.failed > 0 ? 'keys-failed' : ''}>{count(today.failed)}</span>
      ),
    },
    {
      title: 'Tokens in, out',
      align: 'right',
      cell: ({ key: { today } }) => (
        <span title={`${count(today.inputTokens)} in, ${count(today.outputTokens)} out`}>
          {short(today.inputTokens)}, {short(today.outputTokens)}
        </span>
      ),
    },
    {
      title: 'Cost today',
      align: 'right',
      cell: ({ key: { today } }) => (
        <span title={today.unpriced > 0 ? 'the cost of some calls is not known' : undefined}>
          {usd(today.usd)}
          {today.unpriced > 0 ? ' +?' : ''}
        </span>
      ),
    },
    { title: 'Cap at the service', cell: (row) => <Cap row={row} now={now} /> },
  ]
  return <Table caption={`Keys of ${title}`} columns={columns} rows={rows} keyOf={({ id }) => id} />
}

function Name({ row: { key, account } }: { readonly row: KeyRow }) {
  const { length } = account.keys
  return (
    <>
      <span class="mono">{key.name}</span>
      <br />
      <span class="mono soft">{key.masked === '' ? '(none needed)' : key.masked}</span>
      {account.id === key.name && length === 1 ? null : (
        <>
          <br />
          <span class="soft">
            account <span class="mono">{account.id}</span>
            {length === 1 ? '' : `, shared by ${count(length)} keys`}
          </span>
        </>
      )}
    </>
  )
}

const tones = { ready: 'good', resting: 'warn', disabled: 'bad' } as const
const verdictTones = { accepted: 'good', refused: 'bad', unreachable: 'bad', unclear: 'warn' } as const

function State({
  row: { key, state, rests },
  check,
  now,
}: {
  readonly row: KeyRow
  readonly check: KeyCheck | undefined
  readonly now: number
}) {
  const { inFlight, trouble, lastError } = key
  const isTold = rests.some(({ rest }) => rest.why === lastError)
  return (
    <>
      <Badge tone={tones[state]}>{state}</Badge>{' '}
      {inFlight === 0 ? null : <Badge tone="calm">{inFlight} in flight</Badge>}
      {rests.map(({ who, rest }) => (
        <Rest key={who} who={who} rest={rest} now={now} />
      ))}
      {trouble === undefined ? null : (
        <p class="hint">{trouble.times === 1 ? 'Failed once' : `Failed ${trouble.times} times`} in a row.</p>
      )}
      {lastError === undefined || isTold ? null : <p class="hint">Last error: {lastError}</p>}
      {check === undefined ? null : (
        <p class="keys-check">
          Test: <Badge tone={verdictTones[check.verdict]}>{check.verdict}</Badge> {checkText(check)}
        </p>
      )}
    </>
  )
}

function Cap({ row, now }: { readonly row: KeyRow; readonly now: number }) {
  const { cap } = row.key
  if (cap === undefined) return <span class="soft">none told</span>
  return (
    <>
      {usd(cap.leftUsd)} of {usd(cap.usd)} left
      {cap.resetsAt === undefined ? null : (
        <>
          <br />
          <span class="soft">resets {clockTime(Date.parse(cap.resetsAt), now)}</span>
        </>
      )}
    </>
  )
}

function Actions({ row, actions }: { readonly row: KeyRow; readonly actions: KeyActions }) {
  const { name, disabled } = row.key
  return (
    <span class="keys-actions">
      <Button small label={`Test ${name}`} onPress={() => actions.test(row)}>
        Test
      </Button>
      {disabled ? (
        <Button small label={`Enable ${name}`} onPress={() => actions.enable(row)}>
          Enable
        </Button>
      ) : (
        <Button small label={`Disable ${name}`} onPress={() => actions.disable(row)}>
          Disable
        </Button>
      )}
      {row.rests.length === 0 ? null : (
        <Button small label={`Release ${name}`} onPress={() => actions.release(row)}>
          Release
        </Button>
      )}
    </span>
  )
}
