import type { UsageReport } from '../../api/types.ts'
import { count, counted, short, usd } from '../../format/amount.ts'

/** The sums of a range, and what they would have cost elsewhere. */
export function Totals({ report: { total, reference } }: { readonly report: UsageReport }) {
  const { requests, failed, inputTokens, outputTokens, unpriced, freeAttempts, freeValueUsd } = total
  const tokens = inputTokens + outputTokens
  return (
    <dl class="tiles">
      <Tile
        title="Requests"
        value={count(requests)}
        note={failed === 0 ? 'no call failed' : `${counted(failed, 'call')} failed`}
      />
      <Tile
        title="Tokens"
        value={short(tokens)}
        note={`${short(inputTokens)} in, ${short(outputTokens)} out`}
        whole={count(tokens)}
      />
      <Tile
        title="Spent"
        value={usd(total.usd)}
        note={unpriced === 0 ? 'every cost is known' : `and ${counted(unpriced, 'call')} of unknown cost`}
      />
      <Tile
        title="Free value"
        value={freeValueUsd === null ? '?' : usd(freeValueUsd)}
        note={
          freeValueUsd === null
            ? 'no price is known to tell it by; choose a reference model'
            : `what ${counted(freeAttempts, 'free call')} would have cost`
        }
      />
      {reference === null ? null : <Compared total={total} reference={reference} />}
    </dl>
  )
}

interface ComparedProps {
  readonly total: UsageReport['total']
  readonly reference: NonNullable<UsageReport['reference']>
}

/** Every token at the reference model's price, free or not, beside what was spent. */
function Compared({ total: { inputTokens, outputTokens, usd: spent }, reference }: ComparedProps) {
  const { model, inputUsdPerMillion, outputUsdPerMillion } = reference
  const cost = (inputTokens * inputUsdPerMillion + outputTokens * outputUsdPerMillion) / 1e6
  return (
    <Tile
      title="Against the reference"
      value={`${usd(Math.abs(cost - spent))} ${spent > cost ? 'more' : 'less'}`}
      note={`all of it at ${model} would have cost ${usd(cost)} ($${inputUsdPerMillion} in, $${outputUsdPerMillion} out a million tokens)`}
    />
  )
}

function Tile({
  title,
  value,
  note,
  whole,
}: {
  readonly title: string
  readonly value: string
  readonly note: string
  /** The figure where it is shortened. */
  readonly whole?: string
}) {
  return (
    <div class="tile">
      <dt>{title}</dt>
      <dd>
        <span {...(whole === undefined ? {} : { title: whole })}>{value}</span>
        <div class="tile-note">{note}</div>
      </dd>
    </div>
  )
}
