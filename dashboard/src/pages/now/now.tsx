import { useLive, useNow } from '../../api/live.tsx'
import type { ProviderStatus } from '../../api/types.ts'
import { NoWord, OldWord } from '../../parts/no-word.tsx'
import { Command, Empty, Notice } from '../../parts/notice.tsx'
import { Page } from '../../parts/page.tsx'
import { Ceilings } from './ceilings.tsx'
import { Provider } from './provider.tsx'
import { Summary } from './summary.tsx'
import './now.css'

/** Who pays, in the order in which they are asked. */
const lanes = [
  { lane: 'free', title: 'Free', lead: 'Quota that costs nothing is spent first.' },
  { lane: 'included', title: 'Included', lead: 'Covered by a plan that is paid for already.' },
  { lane: 'paid', title: 'Paid', lead: 'Paid by use, when nothing cheaper is left.' },
] as const

/** What goes on now: the lanes in the order in which they are used, and what is left of each. */
export function NowPage() {
  const live = useLive()
  const { status } = live
  const now = useNow()
  if (status === undefined)
    return (
      <Page title="Now">
        <NoWord live={live} what="Asking the gateway what goes on" />
      </Page>
    )
  const { providers } = status
  const usable = providers.filter(({ accounts }) => accounts.length > 0)
  return (
    <Page title="Now" lead="Requests flow from left to right: free quota first, money last.">
      <OldWord live={live} />
      {status.ledger.problem === undefined ? null : (
        <Notice kind="error" title="The ledger cannot be written.">
          {status.ledger.problem}
        </Notice>
      )}
      <Summary status={status} />
      {usable.length === 0 ? (
        <Empty title="No provider has a key yet.">
          Add one with <Command>switchyard keys add</Command> and start the gateway again.
        </Empty>
      ) : (
        <ol class="lanes">
          {lanes.map(({ lane, title, lead }) => (
            <li key={lane} class={`lane lane-${lane}`}>
              <header class="lane-head">
                <h2>{title}</h2>
                <p class="soft">{lead}</p>
              </header>
              <Lane providers={usable.filter((provider) => provider.lane === lane)} now={now} />
            </li>
          ))}
        </ol>
      )}
      <Ceilings spending={status.spending} now={now} />
    </Page>
  )
}

function Lane({ providers, now }: { readonly providers: readonly ProviderStatus[]; readonly now: number }) {
  if (providers.length === 0) return <p class="soft lane-none">Nobody here.</p>
  return providers.map((provider) => <Provider key={provider.name} provider={provider} now={now} />)
}
