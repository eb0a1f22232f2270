import { Check, Field } from '../../parts/field.tsx'
import type { TypedTerms } from './client.ts'

const budgets = [
  ['usdPerDay', 'day'],
  ['usdPerMonth', 'month'],
] as const

/** What a client may do: for a new one and for one that is changed. */
export function Terms({
  terms,
  onChange,
}: {
  readonly terms: TypedTerms
  readonly onChange: (terms: TypedTerms) => void
}) {
  return (
    <>
      <Check checked={terms.freeOnly} onChange={(freeOnly) => onChange({ ...terms, freeOnly })}>
        Only calls that cost nothing
      </Check>
      <div class="columns">
        {budgets.map(([budget, period]) => (
          <Field
            key={budget}
            label={`US dollars a ${period}`}
            type="number"
            min={0}
            step="any"
            hint={`The most it may spend in a UTC ${period}; empty: no budget.`}
            value={terms[budget]}
            onChange={(typed) => onChange({ ...terms, [budget]: typed })}
          />
        ))}
      </div>
    </>
  )
}
