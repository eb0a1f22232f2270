import { useLocation } from 'preact-iso'
import { useLive } from '../../api/live.tsx'
import type { KnownAttempt } from '../../api/types.ts'
import { count, counted } from '../../format/amount.ts'
import { Button } from '../../parts/button.tsx'
import { Drawer } from '../../parts/drawer.tsx'
import { Command, Empty, Loading, Notice } from '../../parts/notice.tsx'
import { Page } from '../../parts/page.tsx'
import { pageRows, type Search, useAttempts } from './attempts.ts'
import { Detail } from './detail.tsx'
import { addressOf, type Filter, readFilter, wholeNumber } from './filter.ts'
import { Filters, type Names } from './filters.tsx'
import { List } from './list.tsx'
import './requests.css'

/** What was asked lately, by whom, who answered, and what it cost. */
export function RequestsPage() {
  const { query, route } = useLocation()
  const { status } = useLive()
  const filter = readFilter(query)
  const before = wholeNumber(query['before'])
  const id = query['id']
  const search = useAttempts(filter, before)
  const providers = status?.providers.map(({ name }) => name) ?? []
  return (
    <Page
      title="Requests"
      lead="Every call to a service, the newest first. A request that failed over made several."
      actions={<Button onPress={search.reload}>Refresh</Button>}
    >
      <Filters
        filter={filter}
        names={namesOf(search.rows ?? [], providers)}
        onSearch={(wanted) => route(addressOf(wanted))}
      />
      {search.error === undefined ? null : (
        <Notice kind="error" title="The search was not answered.">
          {search.error}
        </Notice>
      )}
      <Found search={search} filter={filter} before={before} />
      {id === undefined || id === '' ? null : (
        <Drawer key={id} title="Request" onClose={() => route(addressOf(filter, { before }))}>
          <Detail id={id} />
        </Drawer>
      )}
    </Page>
  )
}

interface FoundProps {
  readonly search: Search
  readonly filter: Filter
  readonly before: number | undefined
}

function Found({ search: { rows, next, loading, lookFurther }, filter, before }: FoundProps) {
  if (rows === undefined) return loading ? <Loading what="Reading the ledger" /> : null
  const isNarrow = Object.keys(filter).length > 0
  if (rows.length === 0 && next === undefined)
    return isNarrow || before !== undefined ? (
      <Empty title="No attempt fits.">
        <a href="/dashboard/requests">Show the newest of all</a>
      </Empty>
    ) : (
      <Empty title="No request has been made yet.">
        Make one with <Command>switchyard chat "hello"</Command>, or on the{' '}
        <a href="/dashboard/playground">playground</a>.
      </Empty>
    )
  return (
    <section class="panel" aria-label="Attempts" aria-busy={loading}>
      {rows.length === 0 ? null : (
        <List rows={rows} addressOf={(call) => addressOf(filter, { before, id: call })} />
      )}
      <footer class="pager">
        <span class="soft" role="status">
          {stopped(rows, next) ? (
            <>
              {rows.length === 0 ? 'Nothing found' : `${counted(rows.length, 'attempt')} found`} so far;
              looked back to attempt {count(next ?? 0)}.
            </>
          ) : (
            `${counted(rows.length, 'attempt')}${next === undefined ? ', nothing older' : ''}`
          )}
        </span>
        {before === undefined ? null : <a href={addressOf(filter)}>Newest</a>}
        {stopped(rows, next) ? <Button onPress={lookFurther}>Search further back</Button> : null}
        {next !== undefined && rows.length >= pageRows ? (
          <a href={addressOf(filter, { before: next })}>Older</a>
        ) : null}
      </footer>
    </section>
  )
}

/** Whether the search ended because it had looked at enough, not because the page is full. */
function stopped(rows: readonly KnownAttempt[], next: number | undefined): boolean {
  return next !== undefined && rows.length < pageRows
}

/** What is seen can be searched for; providers are known anyway. */
function namesOf(rows: readonly KnownAttempt[], providers: readonly string[]): Names {
  const names = (of: (row: KnownAttempt) => (string | undefined)[]): string[] =>
    [...new Set(rows.flatMap(of))]
      .filter((name): name is string => name !== undefined && name !== '')
      .toSorted()
  return {
    client: names(({ client }) => [client]),
    model: names(({ asked, model, served }) => [asked, model, served]),
    key: names(({ key }) => [key]),
    fault: names(({ fault }) => [fault]),
    provider: providers,
  }
}
