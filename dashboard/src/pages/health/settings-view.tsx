import type { ProviderSettings, ToldSettings } from '../../api/settings.ts'
import { useNow } from '../../api/live.tsx'
import { count } from '../../format/amount.ts'
import { countdown, moment } from '../../format/when.ts'
import { Badge } from '../../parts/gauge.tsx'
import { Command } from '../../parts/notice.tsx'
import { Section } from '../../parts/page.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { factsOf } from './facts.ts'

const mostAliases = 200

/** What is set, section by section. It holds no secret, and nothing is changed here. */
export function SettingsView({ settings }: { readonly settings: ToldSettings }) {
  const { providers, routing, aliases } = settings
  return (
    <>
      <div class="columns">
        <Gateway settings={settings} />
        <Section title="Routing">
          <FactList facts={factsOf(routing)} />
        </Section>
      </div>
      <Section title="Providers" aside={<a href="/dashboard/keys">Their keys</a>}>
        <Table
          caption="Providers"
          columns={providerColumns}
          rows={providers.slice(0, 100)}
          keyOf={({ name }) => name}
        />
      </Section>
      <Section title="Aliases" aside={`${count(Object.keys(aliases).length)} set`}>
        <Aliases aliases={aliases} />
      </Section>
    </>
  )
}

function Gateway({ settings }: { readonly settings: ToldSettings }) {
  const now = useNow()
  const { version, node, sandbox, home, configFile, startedAt, address, server } = settings
  const started = Date.parse(startedAt)
  return (
    <Section title="Gateway" aside={sandbox ? <Badge tone="warn">sandbox</Badge> : undefined}>
      <FactList
        facts={[
          ['Version', `Switchyard ${version}, Node ${node}`],
          ['Address', address],
          ['Running for', `${countdown(now - started)}, since ${moment(started)}`],
          ['Home', home],
          ['Config file', configFile],
          ...factsOf(server),
        ]}
      />
      {sandbox ? (
        <p class="soft">
          It plays both services itself and calls nobody. Add keys with <Command>switchyard keys add</Command>{' '}
          and start it again for real answers.
        </p>
      ) : null}
    </Section>
  )
}

const providerColumns: readonly Column<ProviderSettings>[] = [
  { title: 'Name', cell: ({ name }) => <span class="mono">{name}</span> },
  { title: 'Service', cell: ({ title }) => title },
  { title: 'Base URL', cell: ({ baseUrl }) => <span class="mono">{baseUrl}</span> },
  { title: 'Keys', align: 'right', cell: ({ keys }) => count(keys) },
  { title: 'Lane', cell: ({ lane }) => lane },
  { title: 'Keys are used', cell: ({ spread }) => spread },
  {
    title: 'auto goes to',
    cell: ({ auto, autoModel }) =>
      autoModel === null ? (auto ?? 'nothing') : <span class="mono">{autoModel}</span>,
  },
]

function Aliases({ aliases }: { readonly aliases: ToldSettings['aliases'] }) {
  const rows = Object.entries(aliases)
  if (rows.length === 0)
    return (
      <p class="soft">
        No model has another name. Set some under <code>aliases</code> in the config file.
      </p>
    )
  return (
    <>
      <Table
        caption="Aliases"
        columns={[
          { title: 'Name', cell: ([name]) => <span class="mono">{name}</span> },
          { title: 'Stands for', cell: ([, model]) => <span class="mono">{model}</span> },
        ]}
        rows={rows.slice(0, mostAliases)}
        keyOf={([name]) => name}
      />
      {rows.length > mostAliases ? <p class="soft">and {count(rows.length - mostAliases)} more</p> : null}
    </>
  )
}

/** Names and what they are set to. */
export function FactList({ facts }: { readonly facts: readonly (readonly [string, string])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div class="fact" key={`${name} ${value}`}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
