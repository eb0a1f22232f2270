import type { SpendingStatus } from '../../api/types.ts'
import { usd } from '../../format/amount.ts'
import { clockTime, countdown } from '../../format/when.ts'
import { Gauge } from '../../parts/gauge.tsx'
import { Section } from '../../parts/page.tsx'

/** Spending ceilings, with what is spent of them and what is held for calls in flight. */
export function Ceilings({
  spending,
  now,
}: {
  readonly spending: readonly SpendingStatus[]
  readonly now: number
}) {
  return (
    <Section title="Spending ceilings">
      {spending.length === 0 ? (
        <p class="soft">
          No ceiling is set. Give a client a budget on the page of <a href="/dashboard/clients">clients</a>,
          or set <code>policy.ceilings</code> in the config file.
        </p>
      ) : (
        <ul class="columns">
          {spending.map((ceiling) => (
            <li key={ceiling.name} class="window">
              <div class="window-line">
                <span>{ceiling.name}</span>
                <span class="number">
                  {usd(ceiling.usd)} of {usd(ceiling.maxUsd)}
                </span>
                <span class="soft number window-reset">
                  resets {clockTime(Date.parse(ceiling.resetsAt), now)}, in{' '}
                  {countdown(Date.parse(ceiling.resetsAt) - now)}
                </span>
              </div>
              <Gauge
                label={ceiling.name}
                used={ceiling.usd}
                held={ceiling.heldUsd}
                max={ceiling.maxUsd}
                text={`${usd(ceiling.usd)} of ${usd(ceiling.maxUsd)}`}
              />
              {ceiling.refused > 0 ? (
                <p class="rest">{ceiling.refused} calls were refused because of it in this window.</p>
              ) : null}
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}
