import { useLocation } from 'preact-iso'
import { useEffect, useState } from 'preact/hooks'
import { ask, messageOf, query } from '../../api/ask.ts'
import { useLive } from '../../api/live.tsx'
import { useLogins } from '../../api/logins.ts'
import type { Comparison } from '../../api/types.ts'
import { count } from '../../format/amount.ts'
import { Badge } from '../../parts/gauge.tsx'
import { Button } from '../../parts/button.tsx'
import { Check, Choice } from '../../parts/field.tsx'
import { Command, Loading, Notice } from '../../parts/notice.tsx'
import { Section } from '../../parts/page.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { figure, isDifferent, sumText, verdictText } from './reconcile-words.ts'

const dayMs = 86_400_000
const mostRows = 300
const spans = ['1', '7', '30', '90', '366'] as const

const columns: readonly Column<Comparison>[] = [
  { title: 'Day (UTC)', cell: ({ day }) => new Date(day).toISOString().slice(0, 10) },
  { title: 'Service', cell: ({ provider }) => provider },
  {
    title: 'Account, key',
    cell: ({ account, key }) => <span class="mono">{key === undefined ? account : `${account} ${key}`}</span>,
  },
  { title: 'Figure', cell: ({ name }) => name },
  { title: 'Service says', align: 'right', cell: (row) => figure(row.service, row) },
  { title: 'Ledger says', align: 'right', cell: (row) => figure(row.ours, row) },
  {
    title: 'Verdict',
    cell: (row) => <Badge tone={isDifferent(row) ? 'warn' : 'good'}>{verdictText(row)}</Badge>,
  },
  {
    title: 'As of',
    cell: ({ at, complete }) => (complete ? 'whole day' : `${new Date(at).toISOString().slice(11, 16)} UTC`),
  },
]

/** What each service counted of its days beside our ledger; differences are marked. */
export function Reconcile() {
  const { query: asked, route } = useLocation()
  const days = spans.find((span) => span === asked['days']) ?? '7'
  const onlyDiffering = asked['only'] === 'differing'
  const { comparisons, error, reload } = useComparisons(Number(days))
  const show = (news: { readonly days?: string; readonly only?: string }): void =>
    route(`/dashboard/health${query({ days, only: onlyDiffering ? 'differing' : '', ...news })}`, true)
  const rows = onlyDiffering ? comparisons?.filter(isDifferent) : comparisons
  return (
    <Section
      title="The services' own figures"
      aside={
        <>
          the same as <Command>{`switchyard reconcile --days ${days}`}</Command>
        </>
      }
    >
      <div class="actions">
        <Choice
          label="Days back"
          value={days}
          options={spans.map((span) => [span, span === '1' ? 'today' : `${span} days`] as const)}
          onChange={(value) => show({ days: value })}
        />
        <Check checked={onlyDiffering} onChange={(only) => show({ only: only ? 'differing' : '' })}>
          Only what differs
        </Check>
        <Button onPress={reload}>Read again</Button>
      </div>
      {error === undefined ? null : (
        <Notice kind="error" title="The figures could not be read.">
          {error}
        </Notice>
      )}
      {comparisons === undefined || rows === undefined ? (
        error === undefined ? (
          <Loading what="Reading the figures" />
        ) : null
      ) : comparisons.length === 0 ? (
        <p class="soft">
          No service has told figures of its own for these days yet. A running gateway asks every ten minutes.
        </p>
      ) : (
        <>
          <Notice kind={comparisons.some(isDifferent) ? 'warning' : 'good'} title={sumText(comparisons)} />
          {rows.length === 0 ? null : (
            <Table
              caption="Figures of the services beside those of the ledger"
              columns={columns}
              rows={rows.slice(0, mostRows)}
              keyOf={(row) => `${row.day} ${row.provider} ${row.account} ${row.key ?? ''} ${row.name}`}
            />
          )}
          {rows.length > mostRows ? <p class="soft">and {count(rows.length - mostRows)} more</p> : null}
        </>
      )}
    </Section>
  )
}

/** The last good answer stays while the next one is on its way. */
function useComparisons(days: number) {
  const { status } = useLive()
  const today = status === undefined ? undefined : Math.floor(Date.parse(status.now) / dayMs) * dayMs
  const [round, setRound] = useState(0)
  const logins = useLogins()
  const [comparisons, setComparisons] = useState<readonly Comparison[]>()
  const [error, setError] = useState<string>()
  useEffect(() => {
    if (today === undefined) return
    const leaving = new AbortController()
    const body = { since: new Date(today - (days - 1) * dayMs).toISOString() }
    ask<{ readonly comparisons: readonly Comparison[] }>('reconcile', { body, signal: leaving.signal }).then(
      (answer) => {
        setComparisons(answer.comparisons)
        setError(undefined)
      },
      (failure: unknown) => {
        if (!leaving.signal.aborted) setError(messageOf(failure))
      },
    )
    return () => leaving.abort()
  }, [today, days, round, logins])
  return { comparisons, error, reload: () => setRound((before) => before + 1) }
}
