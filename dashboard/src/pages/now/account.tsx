import type { AccountStatus, WindowStatus } from '../../api/types.ts'
import { amount, counted, usd } from '../../format/amount.ts'
import { clockTime, countdown } from '../../format/when.ts'
import { Badge, Gauge } from '../../parts/gauge.tsx'
import { Rest } from '../../parts/rest.tsx'

const mostKeys = 6

/** One account: its windows as gauges, and the keys that share it. */
export function Account({ account, now }: { readonly account: AccountStatus; readonly now: number }) {
  const { id, keys, windows, cooldowns, restingModels, inFlight } = account
  return (
    <div class="account">
      <header class="account-head">
        <h4>{id}</h4>
        {inFlight === 0 ? null : <Badge tone="calm">{inFlight} in flight</Badge>}
        {keys.length > 1 ? <span class="soft">{keys.length} keys share it</span> : null}
      </header>
      {windows.map((window) => (
        <Window key={`${window.name} ${window.lane}`} account={id} window={window} now={now} />
      ))}
      {cooldowns.map((rest) => (
        <Rest
          key={rest.lane ?? ''}
          who={rest.lane === undefined ? 'The account' : `Its ${rest.lane} lane`}
          rest={rest}
          now={now}
        />
      ))}
      {restingModels.slice(0, 5).map(({ model, ...rest }) => (
        <Rest key={model} who={model} rest={rest} now={now} />
      ))}
      <ul class="account-keys">
        {keys.slice(0, mostKeys).map((key) => (
          <li key={key.name}>
            <span class="mono">{key.name}</span> {key.disabled ? <Badge tone="bad">disabled</Badge> : null}{' '}
            <span class="soft number">
              {counted(key.today.requests, 'call')} today
              {key.today.failed > 0 ? `, ${key.today.failed} failed` : ''}, {usd(key.today.usd)}
            </span>
            {key.cooldown === undefined ? null : <Rest who={key.name} rest={key.cooldown} now={now} />}
          </li>
        ))}
        {keys.length > mostKeys ? <li class="soft">and {keys.length - mostKeys} more keys</li> : null}
      </ul>
    </div>
  )
}

function Window({
  account,
  window,
  now,
}: {
  readonly account: string
  readonly window: WindowStatus
  readonly now: number
}) {
  const { name, metric, used, max, resetsAt, usedFrom } = window
  const figures =
    max === undefined
      ? `${amount(used, metric)} used`
      : `${amount(used, metric)} of ${amount(max, metric)}${metric === 'nano-usd' ? '' : ` ${metric}`}`
  const reset = resetsAt === undefined ? undefined : Date.parse(resetsAt)
  return (
    <div class="window">
      <div class="window-line">
        <span>{name}</span>
        <span class="number" title={`${usedFrom.source}, confidence ${usedFrom.confidence}`}>
          {figures}
        </span>
        <span class="soft number window-reset">
          {reset === undefined ? '' : `resets ${clockTime(reset, now)}, in ${countdown(reset - now)}`}
        </span>
      </div>
      {max === undefined ? null : (
        <Gauge label={`${account}: ${name}`} used={used} max={max} text={figures} />
      )}
    </div>
  )
}
