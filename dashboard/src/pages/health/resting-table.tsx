import { count } from '../../format/amount.ts'
import { clockTime, countdown } from '../../format/when.ts'
import { Section } from '../../parts/page.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import type { Resting } from './resting.ts'

const mostRows = 200

/** Who is not called for now, until when, and why. */
export function RestingTable({
  resting,
  now,
}: {
  readonly resting: readonly Resting[]
  readonly now: number
}) {
  const columns: readonly Column<Resting>[] = [
    { title: 'Service', cell: ({ provider }) => provider },
    { title: 'Who', cell: ({ who }) => <span class="mono">{who}</span> },
    { title: 'Until', cell: ({ until }) => untilText(until, now) },
    { title: 'Why', wide: true, cell: ({ why }) => why },
  ]
  return (
    <Section
      title="Resting"
      aside={
        <>
          Keys are released on the <a href="/dashboard/keys">page of keys</a>
        </>
      }
    >
      {resting.length === 0 ? (
        <p class="soft">Nobody rests: every service, account, model and key would be called.</p>
      ) : (
        <Table
          caption="Who rests"
          columns={columns}
          rows={resting.slice(0, mostRows)}
          keyOf={({ provider, who }) => `${provider} ${who}`}
        />
      )}
      {resting.length > mostRows ? <p class="soft">and {count(resting.length - mostRows)} more</p> : null}
    </Section>
  )
}

function untilText(until: string, now: number): string {
  const end = Date.parse(until)
  return Number.isFinite(end) ? `${clockTime(end, now)} (in ${countdown(end - now)})` : 'released by hand'
}
