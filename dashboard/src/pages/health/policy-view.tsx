import type { NotifySettings, ToldSettings } from '../../api/settings.ts'
import type { SpendingStatus } from '../../api/types.ts'
import { count, usd } from '../../format/amount.ts'
import { Section } from '../../parts/page.tsx'
import { FactList } from './settings-view.tsx'

// Every client may have a budget of its own.
const mostCeilings = 50

/** What the operator allows, and who is told of what happens. */
export function PolicyView({
  settings,
  spending,
}: {
  readonly settings: ToldSettings
  /** The ceilings in force: budgets of clients may have changed since the start. */
  readonly spending: readonly SpendingStatus[]
}) {
  const { policy, clients, notify } = settings
  const { freeOnly, reserve } = policy
  const ceilings = spending.slice(0, mostCeilings)
  return (
    <div class="columns">
      <Section title="Policy" aside={<a href="/dashboard/">What is spent of it</a>}>
        <FactList
          facts={[
            ['Calls that cost money', freeOnly ? 'none: free calls only' : 'allowed'],
            ...ceilings.map(({ name, maxUsd }) => [`Ceiling: ${name}`, usd(maxUsd)] as const),
            ...(spending.length > mostCeilings
              ? [['More ceilings', count(spending.length - mostCeilings)] as const]
              : []),
            ...(ceilings.length === 0 ? [['Ceilings', 'none'] as const] : []),
            [
              'Reserve',
              reserve === null
                ? 'none'
                : `${Math.round(reserve.share * 100)} % of the free day for ${reserve.clients.join(', ')}`,
            ],
            ['Clients', clientsText(clients)],
          ]}
        />
      </Section>
      <Section title="Notifications">
        {notify === null || notify.targets.length === 0 ? (
          <p class="soft">
            Nobody is told when a key is refused or quota is spent. Set <code>notify</code> in the config
            file.
          </p>
        ) : (
          <FactList facts={notifyFacts(notify)} />
        )}
      </Section>
    </div>
  )
}

const mostClients = 20

function clientsText(clients: ToldSettings['clients']): string {
  const names = clients.map(({ name, freeOnly }) => (freeOnly ? `${name} (free only)` : name))
  const shown = names.slice(0, mostClients).join(', ')
  return names.length <= mostClients ? shown : `${shown} and ${names.length - mostClients} more`
}

function notifyFacts(notify: NotifySettings): readonly (readonly [string, string])[] {
  const { targets, quiet, forecastMinutes, differencePercent } = notify
  const isNamed = (name: string, type: string): string => (name === type ? name : `${name} (${type})`)
  const hours =
    quiet === null
      ? 'none'
      : `${quiet.from} to ${quiet.until}${quiet.zone === null ? '' : ` ${quiet.zone}`}${quiet.except.length === 0 ? '' : `, but for ${quiet.except.join(', ')}`}`
  return [
    ...targets.map(
      ({ name, type, events, quiet: keepsQuiet }) =>
        [
          isNamed(name, type),
          `${events === null ? 'everything' : events.join(', ')}${keepsQuiet ? '' : ', also in quiet hours'}`,
        ] as const,
    ),
    ['Quiet hours', hours],
    ['Forecast', `told ${forecastMinutes} minutes ahead`],
    ['Difference', `told from ${differencePercent} % on`],
  ]
}
