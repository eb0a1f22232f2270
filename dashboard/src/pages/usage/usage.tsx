import { useLocation } from 'preact-iso'
import type { UsageReport } from '../../api/types.ts'
import { Button } from '../../parts/button.tsx'
import { Command, Empty, Loading, Notice } from '../../parts/notice.tsx'
import { Page } from '../../parts/page.tsx'
import { ByGroup } from './by-group.tsx'
import { Controls } from './controls.tsx'
import { OverTime } from './over-time.tsx'
import { addressOf, readQuestion, stepOf } from './question.ts'
import { type Reports, useReports } from './reports.ts'
import { usualMeasure } from './series.ts'
import { Totals } from './totals.tsx'
import './usage.css'

/** What was used and spent over a range of time, and what the free part of it is worth. */
export function UsagePage() {
  const { query, route } = useLocation()
  const question = readQuestion(query)
  const { data, error, loading, reload } = useReports(question)
  const measure = question.show ?? (data === undefined ? undefined : usualMeasure(data.groups.total))
  return (
    <Page
      title="Usage"
      lead="What was spent, and what free calls would have cost at the price of a reference model."
      actions={<Button onPress={reload}>Refresh</Button>}
    >
      <Controls
        question={question}
        measure={measure}
        shown={data?.groups}
        onAsk={(changed) => route(addressOf({ ...question, ...changed }))}
      />
      {error === undefined ? null : (
        <Notice kind="error" title="The figures could not be read.">
          {error}
        </Notice>
      )}
      {data === undefined || measure === undefined ? (
        loading ? (
          <Loading what="Adding up the ledger" />
        ) : null
      ) : (
        <div class="usage" aria-busy={loading}>
          <Figures data={data} measure={measure} />
        </div>
      )}
    </Page>
  )
}

function Figures({
  data: { question, groups, series },
  measure,
}: {
  readonly data: Reports
  readonly measure: NonNullable<ReturnType<typeof readQuestion>['show']>
}) {
  if (groups.rows.length === 0)
    return (
      <Empty title={`No calls from ${rangeOf(groups)}.`}>
        Choose a longer range, or make a call with <Command>switchyard chat "hello"</Command>.
      </Empty>
    )
  return (
    <>
      <p class="soft">From {rangeOf(groups)}.</p>
      <Totals report={groups} />
      <OverTime report={series} by={question.by} step={stepOf(question)} measure={measure} />
      <ByGroup key={question.by} report={groups} by={question.by} measure={measure} />
    </>
  )
}

function rangeOf({ since, until }: UsageReport): string {
  const short = (iso: string): string => iso.slice(0, 16).replace('T', ' ')
  return `${short(since)} to ${short(until)} UTC`
}
