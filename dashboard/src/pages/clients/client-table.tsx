import type { SpendingStatus } from '../../api/types.ts'
import { count, usd } from '../../format/amount.ts'
import { Button } from '../../parts/button.tsx'
import { Badge, Gauge } from '../../parts/gauge.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { ceilingOf, type Client } from './client.ts'

interface ClientTableProps {
  readonly clients: readonly Client[]
  readonly spending: readonly SpendingStatus[]
  readonly onChange: (client: Client) => void
  readonly onRevoke: (client: Client) => Promise<void>
}

export function ClientTable({ clients, spending, onChange, onRevoke }: ClientTableProps) {
  const columns: readonly Column<Client>[] = [
    { title: 'Client', cell: (client) => <Name client={client} /> },
    { title: 'Free only', cell: ({ freeOnly }) => (freeOnly ? <Badge tone="free">free only</Badge> : 'no') },
    {
      title: 'Requests today',
      align: 'right',
      cell: ({ requestsToday }) => (requestsToday === null ? '?' : count(requestsToday)),
    },
    {
      title: 'Spent today',
      cell: ({ name, spentTodayUsd, usdPerDay }) => (
        <Spent
          label={`${name}, spent today`}
          spentUsd={spentTodayUsd}
          budgetUsd={usdPerDay}
          ceiling={ceilingOf(spending, name, 'day')}
        />
      ),
    },
    {
      title: 'This month',
      cell: ({ name, spentMonthUsd, usdPerMonth }) => (
        <Spent
          label={`${name}, spent this month`}
          spentUsd={spentMonthUsd}
          budgetUsd={usdPerMonth}
          ceiling={ceilingOf(spending, name, 'month')}
        />
      ),
    },
    {
      title: 'Do',
      cell: (client) =>
        client.builtIn ? (
          <span class="soft">built in</span>
        ) : (
          <span class="clients-actions">
            <Button small label={`Change ${client.name}`} onPress={() => onChange(client)}>
              Change
            </Button>
            <Button
              small
              kind="danger"
              label={`Revoke ${client.name}`}
              confirm={`Revoke ${client.name}? Its key opens nothing from then on.`}
              onPress={() => onRevoke(client)}
            >
              Revoke
            </Button>
          </span>
        ),
    },
  ]
  return <Table caption="Clients" columns={columns} rows={clients} keyOf={({ name }) => name} />
}

function Name({ client: { name, keyFrom } }: { readonly client: Client }) {
  return (
    <>
      <span class="mono">{name}</span>
      <span class="soft clients-from">{keyFrom === null ? 'needs no key' : `key from ${keyFrom}`}</span>
    </>
  )
}

interface SpentProps {
  readonly label: string
  /** Null: nobody knows now. */
  readonly spentUsd: number | null
  readonly budgetUsd: number | null
  readonly ceiling: SpendingStatus | undefined
}

function Spent({ label, spentUsd, budgetUsd, ceiling }: SpentProps) {
  const spent = spentUsd === null ? '?' : usd(spentUsd)
  if (budgetUsd === null) return <span class="number">{spent}</span>
  const text = `${spent} of ${usd(budgetUsd)}`
  // What is held for calls in flight, and what calls may have cost whose price is not certain, takes room as well.
  const used = Math.max(spentUsd ?? 0, ceiling?.usd ?? 0)
  const more = used - (spentUsd ?? used)
  return (
    <div class="clients-spent">
      <span class="number">{text}</span>
      <Gauge
        label={label}
        used={used}
        held={Math.min(ceiling?.heldUsd ?? 0, used)}
        max={budgetUsd}
        text={text}
      />
      {more > 0 ? <span class="hint">and {usd(more)} held</span> : null}
      {(ceiling?.refused ?? 0) > 0 ? (
        <span class="clients-refused">{count(ceiling?.refused ?? 0)} calls refused</span>
      ) : null}
    </div>
  )
}
