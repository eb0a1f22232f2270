import { useEffect, useMemo, useState } from 'preact/hooks'
import { ask, messageOf } from '../../api/ask.ts'
import { useLive } from '../../api/live.tsx'
import { useAsked } from '../../api/use-asked.ts'
import { count } from '../../format/amount.ts'
import { Button } from '../../parts/button.tsx'
import { Field } from '../../parts/field.tsx'
import { Command, Empty, Loading, Notice } from '../../parts/notice.tsx'
import { Page } from '../../parts/page.tsx'
import { useQuery } from '../../parts/use-query.ts'
import { AddClient } from './add-client.tsx'
import { ChangeClient } from './change-client.tsx'
import type { Client, Clients } from './client.ts'
import { ClientTable } from './client-table.tsx'
import './clients.css'

/** More would be neither read nor drawn in time. */
const mostRows = 200
const againMs = 10_000

type News = { readonly kind: 'good' | 'error'; readonly title: string }

/** Who may use the gateway with a key of their own, on which terms, and what they spent. */
export function ClientsPage() {
  const { status } = useLive()
  const [query, change] = useQuery()
  const { data, error, loading, reload } = useAsked<Clients>('clients')
  useAgain(reload, loading)
  // Of the same moment: beside older sums, what was spent since would pass for held.
  const spending = useMemo(() => status?.spending ?? [], [data, status === undefined])
  const [open, setOpen] = useState<'add' | Client>()
  const [news, setNews] = useState<News>()
  const show = (what: 'add' | Client): void => {
    setNews(undefined)
    setOpen(what)
  }
  const text = query['q'] ?? ''
  const clients = data?.clients ?? []
  const found = clients.filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase()))
  const revoke = async ({ name }: Client): Promise<void> => {
    try {
      await ask('clients/revoke', { body: { name } })
      setNews({ kind: 'good', title: `${name} is revoked: its key opens nothing any more.` })
    } catch (refusal) {
      setNews({ kind: 'error', title: messageOf(refusal) })
    }
    reload()
  }
  return (
    <Page
      title="Clients"
      lead="Who may use the gateway, each with a key of its own, and what it may spend. Days and months are UTC."
      actions={
        <Button kind="primary" onPress={() => show('add')}>
          Add a client
        </Button>
      }
    >
      {error === undefined ? null : <Notice kind="error" title={error} />}
      {news === undefined ? null : <Notice kind={news.kind} title={news.title} />}
      {data === undefined && error === undefined ? <Loading what="Asking for the clients" /> : null}
      {data === undefined ? null : (
        <>
          <div class="clients-filter">
            <Field label="Name holds" type="search" value={text} onChange={(q) => change({ q })} />
          </div>
          {found.length === 0 ? (
            <Empty title="No client is called that.">
              <Button onPress={() => change({ q: '' })}>Show all</Button>
            </Empty>
          ) : (
            <ClientTable
              clients={found.slice(0, mostRows)}
              spending={spending}
              onChange={show}
              onRevoke={revoke}
            />
          )}
          {clients.some(
            ({ requestsToday, spentMonthUsd }) => requestsToday === null || spentMonthUsd === null,
          ) ? (
            <p class="soft">“?”: the ledger cannot tell now, or is still being added up.</p>
          ) : null}
          {found.length > mostRows ? (
            <p class="soft">and {count(found.length - mostRows)} more; narrow the list down to see them</p>
          ) : null}
          {clients.every(({ builtIn }) => builtIn) ? (
            <Empty title="No clients of your own yet.">
              Add one here, or with <Command>switchyard clients add NAME</Command>
            </Empty>
          ) : null}
          <p class="soft">
            They are kept in <span class="mono">{data.configFile}</span>.
          </p>
        </>
      )}
      {open === 'add' ? <AddClient onAdded={reload} onClose={() => setOpen(undefined)} /> : null}
      {open === undefined || open === 'add' ? null : (
        <ChangeClient client={open} onChanged={reload} onClose={() => setOpen(undefined)} />
      )}
    </Page>
  )
}

/** What clients do is added up from the ledger, so it is asked for now and then, and only while somebody looks. */
function useAgain(reload: () => void, loading: boolean): void {
  useEffect(() => {
    // A large ledger takes its time; asking anew would only begin it again.
    if (loading) return
    const timer = window.setInterval(() => {
      if (document.visibilityState === 'visible') reload()
    }, againMs)
    return () => window.clearInterval(timer)
  }, [reload, loading])
}
