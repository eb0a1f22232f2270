import { isTold, type KeepDays, type Settings } from '../../api/settings.ts'
import type { Status } from '../../api/types.ts'
import { counted } from '../../format/amount.ts'
import { Badge } from '../../parts/gauge.tsx'
import { Section } from '../../parts/page.tsx'

/** How the ledger keeps up, where it is, and how long it keeps what it has. */
export function Ledger({
  ledger,
  settings,
}: {
  readonly ledger: Status['ledger']
  readonly settings: Settings | undefined
}) {
  const { problem, unwritten } = ledger
  return (
    <Section title="Ledger">
      <dl class="facts">
        <dt>State</dt>
        <dd>
          {problem === undefined ? (
            <Badge tone="good">keeps up</Badge>
          ) : (
            <>
              <Badge tone="bad">stuck</Badge> {problem}
            </>
          )}
        </dd>
        <dt>Not on disk yet</dt>
        <dd>{unwritten === 0 ? 'nothing' : counted(unwritten, 'row')}</dd>
        {!isTold(settings) ? null : (
          <>
            <dt>File</dt>
            <dd class="mono">{settings.ledger.file}</dd>
            <dt>Kept</dt>
            <dd>{keptText(settings.ledger.keepDays)}</dd>
          </>
        )}
      </dl>
    </Section>
  )
}

function keptText({ attempts, hours, days }: KeepDays): string {
  const time = (count: number | null): string => (count === null ? 'for ever' : counted(count, 'day'))
  return `single calls ${time(attempts)}, sums of hours ${time(hours)}, sums of days ${time(days)}`
}
