import type { NotifySettings, ToldSettings } from '../../api/settings.ts'
import { usd } from '../../format/amount.ts'
import { Section } from '../../parts/page.tsx'
import { FactList } from './settings-view.tsx'

/** What the operator allows, and who is told of what happens. */
export function PolicyView({ settings }: { readonly settings: ToldSettings }) {
  const { policy, clients, notify } = settings
  const { freeOnly, ceilings, reserve } = policy
  return (
    <div class="columns">
      <Section title="Policy" aside={<a href="/dashboard/">What is spent of it</a>}>
        <FactList
          facts={[
            ['Calls that cost money', freeOnly ? 'none: free calls only' : 'allowed'],
            ...ceilings.map(
              ({ client, lane, window, usd: most }) =>
                [ceilingName(client, lane), `${usd(most)} a ${window} at the most`] as const,
            ),
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

function ceilingName(client: string | null, lane: string | null): string {
  const who = client === null ? 'Ceiling' : `Ceiling of client ${client}`
  return lane === null ? who : `${who}, ${lane} lane`
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
