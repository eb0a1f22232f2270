import { useLive, useNow } from '../../api/live.tsx'
import { isTold, type Settings } from '../../api/settings.ts'
import { useAsked } from '../../api/use-asked.ts'
import { NoWord, OldWord } from '../../parts/no-word.tsx'
import { Loading, Notice } from '../../parts/notice.tsx'
import { Page } from '../../parts/page.tsx'
import { findingsOf } from './findings.ts'
import { FindingsList } from './findings-list.tsx'
import { Ledger } from './ledger.tsx'
import { PolicyView } from './policy-view.tsx'
import { Reconcile } from './reconcile.tsx'
import { restingOf } from './resting.ts'
import { RestingTable } from './resting-table.tsx'
import { SettingsView } from './settings-view.tsx'
import './health.css'

/** Whether all is well, what to do where it is not, and what is set. */
export function HealthPage() {
  const live = useLive()
  const { status } = live
  const now = useNow()
  const { data: settings, error } = useAsked<Settings>('settings')
  return (
    <Page title="Health" lead="What is not as it should be and what to do about it; then what is set.">
      <OldWord live={live} />
      {status === undefined ? (
        <NoWord live={live} what="Asking the gateway how it is" />
      ) : (
        <>
          <FindingsList findings={findingsOf(status, settings)} />
          <RestingTable resting={restingOf(status)} now={now} />
          <Ledger ledger={status.ledger} settings={settings} />
        </>
      )}
      <Reconcile />
      {error === undefined ? null : (
        <Notice kind="error" title="The settings could not be read.">
          {error}
        </Notice>
      )}
      {settings === undefined ? (
        error === undefined ? (
          <Loading what="Reading the settings" />
        ) : null
      ) : !isTold(settings) ? (
        <p class="soft">
          Another program has started this gateway and does not tell its settings. It answers at{' '}
          {settings.address}.
        </p>
      ) : (
        <>
          <PolicyView settings={settings} spending={status?.spending ?? []} />
          <SettingsView settings={settings} />
        </>
      )}
    </Page>
  )
}
