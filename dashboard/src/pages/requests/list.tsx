import type { TargetedMouseEvent } from 'preact'
import type { KnownAttempt } from '../../api/types.ts'
import { count, usd } from '../../format/amount.ts'
import { duration, moment } from '../../format/when.ts'
import { Badge } from '../../parts/gauge.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { stateTone } from './words.ts'

interface ListProps {
  readonly rows: readonly KnownAttempt[]
  /** The address at which a request is looked at. */
  readonly addressOf: (call: string) => string
}

/** Attempts, each with the way to its request. */
export function List({ rows, addressOf }: ListProps) {
  const columns: readonly Column<KnownAttempt>[] = [
    {
      title: 'Time',
      cell: ({ at, call, number }) => (
        <>
          <a href={addressOf(call)} title={new Date(at).toISOString()}>
            {moment(at)}
          </a>
          {number > 1 ? <span class="soft"> attempt {number}</span> : null}
        </>
      ),
    },
    {
      title: 'State',
      cell: (row) => (
        <>
          <Badge tone={stateTone(row.state)}>{row.state}</Badge> {faultOf(row)}
        </>
      ),
    },
    { title: 'Client', cell: ({ client }) => client, wideOnly: true },
    { title: 'Model', cell: (row) => <Model row={row} />, wide: true },
    { title: 'Provider', cell: ({ provider }) => provider, wideOnly: true },
    { title: 'Key', cell: ({ key }) => <span class="mono">{key}</span>, wideOnly: true },
    { title: 'Lane', cell: ({ lane }) => <Badge tone={lane}>{lane}</Badge> },
    { title: 'Tokens', cell: tokensOf, align: 'right' },
    { title: 'Cost', cell: costOf, align: 'right' },
    { title: 'First', cell: ({ firstTokenMs }) => timeOf(firstTokenMs), align: 'right', wideOnly: true },
    { title: 'Total', cell: ({ totalMs }) => timeOf(totalMs), align: 'right' },
  ]
  return (
    // For who uses a mouse, the whole row; the link in it is for everybody.
    <div class="attempts" onClick={openRow}>
      <Table caption="Attempts, the newest first" columns={columns} rows={rows} keyOf={({ id }) => id} />
    </div>
  )
}

function openRow({ target }: TargetedMouseEvent<HTMLElement>): void {
  if (!(target instanceof Element) || target.closest('a') !== null) return
  // Text was marked, to be copied.
  if (window.getSelection()?.isCollapsed === false) return
  target.closest('tbody tr')?.querySelector('a')?.click()
}

/** The model that was asked for, and the one that answered where it is another. */
function Model({ row: { asked, model, served } }: { readonly row: KnownAttempt }) {
  const answered = served ?? model
  if (asked === answered) return <>{asked}</>
  return (
    <>
      <span class="soft">{asked} →</span> {answered}
    </>
  )
}

function tokensOf({ usage, usageSource }: KnownAttempt) {
  if (usage === undefined) return ''
  const figures = `${count(usage.input)} → ${count(usage.output)}`
  return usageSource === 'estimated' ? <span title="estimated from sizes">≈ {figures}</span> : figures
}

function costOf({ nanoUsd, state }: KnownAttempt): string {
  if (nanoUsd === undefined) return state === 'open' ? '' : '$?'
  return usd(nanoUsd / 1e9)
}

function timeOf(ms: number | undefined): string {
  return ms === undefined ? '' : duration(ms)
}

function faultOf({ fault, status }: KnownAttempt): string {
  return [fault, status].filter((part) => part !== undefined).join(' ')
}
