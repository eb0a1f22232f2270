import { useMemo, useState } from 'preact/hooks'
import { ask, messageOf } from '../../api/ask.ts'
import { useLive, useNow } from '../../api/live.tsx'
import type { ProviderStatus } from '../../api/types.ts'
import { count, counted } from '../../format/amount.ts'
import { Button } from '../../parts/button.tsx'
import { Choice, Field } from '../../parts/field.tsx'
import { Badge } from '../../parts/gauge.tsx'
import { NoWord, OldWord } from '../../parts/no-word.tsx'
import { Command, Empty, Notice } from '../../parts/notice.tsx'
import { Page, Section } from '../../parts/page.tsx'
import { ProviderChoice } from '../../parts/provider-choice.tsx'
import { useQuery } from '../../parts/use-query.ts'
import { CheckNews } from './check-news.tsx'
import { fits, keyFilterOf, type KeyRow, keyRows, keyStates } from './key-row.ts'
import { type KeyActions, KeyTable, type KeyTableProps } from './key-table.tsx'
import { useChecks } from './use-checks.ts'
import { useStatus } from './use-status.ts'
import './keys.css'

/** More would be neither read nor drawn in time. */
const mostRows = 100

/** Every key by provider and account: what it does today, whether it takes calls, and what can be done about it. */
export function KeysPage() {
  const live = useLive()
  const { status, refresh } = useStatus()
  const now = useNow()
  const [query, change] = useQuery()
  const checks = useChecks()
  const [error, setError] = useState<string>()
  const providers = status?.providers ?? []
  const rows = useMemo(() => keyRows(providers), [status])
  const filter = keyFilterOf(query)
  const found = rows.filter((row) => fits(row, filter))
  const drawn = found.slice(0, mostRows)
  const act =
    (path: 'disable' | 'enable' | 'release') =>
    async ({ key: { name } }: KeyRow) => {
      setError(undefined)
      try {
        await ask(`keys/${path}`, { body: { name } })
        await refresh()
      } catch (refusal) {
        setError(messageOf(refusal))
      }
    }
  const actions: KeyActions = {
    disable: act('disable'),
    enable: act('enable'),
    release: act('release'),
    test: (row) => checks.check([row]),
  }
  if (status === undefined)
    return (
      <Page title="Keys">
        <NoWord live={live} what="Asking the gateway for its keys" />
      </Page>
    )
  return (
    <Page
      title="Keys"
      lead="Keys of one account share its quota: a second key of an account brings no more of it."
      actions={
        found.length === 0 ? null : (
          <Button disabled={checks.running !== undefined} onPress={() => checks.check(found)}>
            {found.length === rows.length ? 'Test all' : `Test these ${count(found.length)}`}
          </Button>
        )
      }
    >
      <OldWord live={live} />
      {error === undefined ? null : <Notice kind="error" title={error} />}
      <CheckNews checks={checks} />
      {rows.length === 0 ? (
        <Empty title="There is no key yet.">
          <HowToAdd />
        </Empty>
      ) : (
        <>
          <div class="filters">
            <Field
              label="Key or account holds"
              type="search"
              value={filter.text}
              onChange={(q) => change({ q })}
            />
            <ProviderChoice
              value={filter.provider}
              providers={providers.map(({ name, title }) => [name, title])}
              onChange={change}
            />
            <Choice
              label="State"
              value={filter.state}
              options={keyStates}
              onChange={(state) => change({ state })}
            />
          </div>
          <p class="soft" role="status">
            {found.length === rows.length
              ? `${counted(rows.length, 'key')}`
              : `${count(found.length)} of ${counted(rows.length, 'key')}`}{' '}
            in {counted(new Set(found.map(({ account }) => account)).size, 'account')}
          </p>
          {found.length === 0 ? (
            <Empty title="No key is like that.">
              <Button onPress={() => change({ q: '', provider: '', state: '' })}>Show all</Button>
            </Empty>
          ) : null}
          {providers.map((provider) => (
            <ProviderKeys
              key={provider.name}
              provider={provider}
              rows={drawn.filter((row) => row.provider === provider.name)}
              checks={checks.of}
              now={now}
              actions={actions}
            />
          ))}
          {found.length > mostRows ? (
            <p class="soft">and {count(found.length - mostRows)} more; narrow the list down to see them</p>
          ) : null}
          <p class="soft">
            <HowToAdd />
          </p>
        </>
      )}
    </Page>
  )
}

function ProviderKeys({
  provider: { title, lane, accounts },
  rows,
  ...rest
}: { readonly provider: ProviderStatus } & Omit<KeyTableProps, 'title'>) {
  if (rows.length === 0) return null
  const keys = accounts.reduce((sum, account) => sum + account.keys.length, 0)
  return (
    <Section
      title={title}
      aside={
        <>
          <Badge tone={lane}>{lane}</Badge> {counted(keys, 'key')} in {counted(accounts.length, 'account')}
        </>
      }
    >
      <KeyTable title={title} rows={rows} {...rest} />
    </Section>
  )
}

function HowToAdd() {
  return (
    <>
      To add a key, type <Command>switchyard keys add</Command> with the name of its provider on the gateway’s
      machine, and start the gateway again. A key is never shown whole, nor typed in here.
    </>
  )
}
