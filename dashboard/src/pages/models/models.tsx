import { useEffect, useMemo, useRef } from 'preact/hooks'
import { useLive, useNow } from '../../api/live.tsx'
import { useAsked } from '../../api/use-asked.ts'
import type { Listing, ProviderStatus } from '../../api/types.ts'
import { count } from '../../format/amount.ts'
import { clockTime } from '../../format/when.ts'
import { Button } from '../../parts/button.tsx'
import { Command, Empty, Loading, Notice } from '../../parts/notice.tsx'
import { Page } from '../../parts/page.tsx'
import { untilText } from '../../parts/rest.tsx'
import { useQuery } from '../../parts/use-query.ts'
import { chosen, filterOf } from './filter.ts'
import { Filters } from './filters.tsx'
import { ModelTable } from './model-table.tsx'
import { PlanDialog } from './plan.tsx'
import { standingsOf } from './standing.ts'
import './models.css'

/** What can be called now, as the router has read it: price, context, capabilities, who serves it. */
export function ModelsPage() {
  const { status } = useLive()
  const now = useNow()
  const [query, change] = useQuery()
  const { data, error, loading, reload } = useAsked<Listing>('models')
  useReadAgain(status?.providers, reload)
  const filter = filterOf(query)
  const models = data?.models ?? []
  const found = useMemo(() => chosen(models, filter), [data, JSON.stringify(filter)])
  const standings = useMemo(() => standingsOf(status), [status])
  const free = found.filter((model) => model.free).length
  const planned = query['plan']
  return (
    <Page
      title="Models"
      lead="What can be called now, from the services' own lists. Prices are US dollars for a million tokens, in and out."
      actions={
        <Button onPress={() => change({ plan: 'auto' })}>
          Plan for <span class="mono">auto</span>
        </Button>
      }
    >
      {error === undefined ? null : <Notice kind="error" title={error} />}
      <RestingProviders providers={status?.providers ?? []} now={now} />
      <Drift providers={status?.providers ?? []} now={now} />
      <Filters
        filter={filter}
        providers={[...new Set(models.map(({ provider }) => provider))]}
        onChange={change}
      />
      {data === undefined && loading ? <Loading what="Reading the model lists" /> : null}
      {data === undefined ? null : (
        <p class="soft" role="status">
          {count(found.length)} of {count(models.length)} models, {count(free)} of them free
        </p>
      )}
      {data !== undefined && models.length === 0 ? (
        <Empty title="No model list has been read.">
          A service is asked for its list once it has a key: <Command>switchyard keys add</Command>, then
          start the gateway again.
        </Empty>
      ) : null}
      {models.length > 0 && found.length === 0 ? (
        <Empty title="No model is like that.">
          <Button onPress={() => change({ q: '', free: '', provider: '', needs: '' })}>Show all</Button>
        </Empty>
      ) : null}
      {found.length === 0 ? null : (
        <ModelTable models={found} standings={standings} now={now} onPlan={(id) => change({ plan: id })} />
      )}
      {planned === undefined ? null : (
        <PlanDialog model={planned} now={now} onClose={() => change({ plan: '' })} />
      )}
    </Page>
  )
}

/** Services none of whose models are called. */
function RestingProviders({
  providers,
  now,
}: {
  readonly providers: readonly ProviderStatus[]
  readonly now: number
}) {
  return providers.map(({ name, title, cooldown }) =>
    cooldown === undefined ? null : (
      <Notice key={name} kind="warning" title={`${title} rests ${untilText(cooldown.until, now)}.`}>
        None of its models is called: {cooldown.why}
      </Notice>
    ),
  )
}

/** Free models that are free no more. One that is gone is in no list, so it can only be told here. */
function Drift({ providers, now }: { readonly providers: readonly ProviderStatus[]; readonly now: number }) {
  const drifted = providers.flatMap(({ title, drift }) => drift.map((each) => ({ ...each, title })))
  if (drifted.length === 0) return null
  return (
    <Notice
      kind="warning"
      title="Some free models are not what they were; they are no longer called as free."
    >
      <ul>
        {drifted.slice(0, 20).map(({ title, model, change, since }) => (
          <li key={`${title} ${model}`}>
            {title} <span class="mono">{model}</span> {change === 'priced' ? 'has a price' : 'is gone'} since{' '}
            {clockTime(Date.parse(since), now)}
          </li>
        ))}
      </ul>
      {drifted.length > 20 ? `and ${drifted.length - 20} more` : null}
    </Notice>
  )
}

/** Asks again once the router has read a list that is not like the one before. */
function useReadAgain(providers: readonly ProviderStatus[] | undefined, reload: () => void): void {
  const lists = providers?.map(({ models, drift }) => `${models} ${drift.length}`).join()
  const before = useRef<string | undefined>(undefined)
  useEffect(() => {
    if (before.current !== undefined && before.current !== lists) reload()
    before.current = lists
  }, [lists])
}
