import { csvOf } from '../../../../src/routing/usage-csv.ts'
import { useState } from 'preact/hooks'
import type { UsageLine, UsageReport } from '../../api/types.ts'
import { count, usd } from '../../format/amount.ts'
import { Button } from '../../parts/button.tsx'
import { Field } from '../../parts/field.tsx'
import { Section } from '../../parts/page.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { fileNameOf } from './file-name.ts'
import type { Group, Measure } from './question.ts'
import { saveCsv } from './save.ts'
import { measured } from './series.ts'

/** More are not drawn; the file has all. */
const mostRows = 100

interface Row extends Omit<UsageLine, 'group'> {
  readonly name: string
}

interface ByGroupProps {
  readonly report: UsageReport
  readonly by: Group
  readonly measure: Measure
}

/** The sums of every name, the largest first, and the way to take them along. */
export function ByGroup({ report, by, measure }: ByGroupProps) {
  const [wanted, setWanted] = useState('')
  const rows: readonly Row[] = report.rows.map(({ group, ...sums }) => ({ name: group[by] ?? '', ...sums }))
  const fitting = rows
    .filter(({ name }) => name.toLowerCase().includes(wanted.trim().toLowerCase()))
    .toSorted((x, y) => measured(y, measure) - measured(x, measure) || y.requests - x.requests)
  const shown = fitting.slice(0, mostRows)
  return (
    <Section
      title={`By ${by}`}
      aside={
        <Button small onPress={() => saveCsv(fileNameOf(report), csvOf(report))}>
          Download as CSV
        </Button>
      }
    >
      {rows.length > 15 ? (
        <div class="group-filter">
          <Field label="Only names with" type="search" value={wanted} onChange={setWanted} />
        </div>
      ) : null}
      <div class="by-group">
        <Table
          caption={`Sums by ${by}`}
          columns={[{ title: by, cell: nameOf }, ...columns]}
          rows={shown}
          keyOf={({ name }) => name}
          foot={rows.length > 1 && wanted === '' ? { name: 'total', ...report.total } : undefined}
        />
      </div>
      {fitting.length === 0 ? <p class="soft">No name fits.</p> : null}
      {fitting.length > shown.length ? (
        <p class="soft">and {count(fitting.length - shown.length)} more; the file has all of them.</p>
      ) : null}
    </Section>
  )
}

function nameOf({ name }: Row): string {
  return name === '' ? 'none' : name
}

const columns: readonly Column<Row>[] = [
  { title: 'Requests', cell: ({ requests }) => count(requests), align: 'right' },
  { title: 'Failed', cell: ({ failed }) => count(failed), align: 'right', wideOnly: true },
  { title: 'Tokens in', cell: ({ inputTokens }) => count(inputTokens), align: 'right' },
  { title: 'Out', cell: ({ outputTokens }) => count(outputTokens), align: 'right' },
  { title: 'Free', cell: freeShare, align: 'right' },
  { title: 'Cost', cell: (row) => usd(row.usd) + (row.unpriced > 0 ? '+?' : ''), align: 'right' },
  {
    title: 'Free value',
    cell: ({ freeValueUsd }) => (freeValueUsd === null ? '?' : usd(freeValueUsd)),
    align: 'right',
  },
]

/** Of the tokens. */
function freeShare({ inputTokens, outputTokens, freeInputTokens, freeOutputTokens }: Row): string {
  const tokens = inputTokens + outputTokens
  return tokens === 0 ? '' : `${Math.round(((freeInputTokens + freeOutputTokens) / tokens) * 100)} %`
}
