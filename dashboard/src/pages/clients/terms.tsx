import { Check, Field } from '../../parts/field.tsx'
import type { TypedTerms } from './client.ts'

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
        <Field
          label="US dollars a day"
          type="number"
          min={0}
          step="any"
          hint="The most it may spend in a UTC day; empty: no budget."
          value={terms.usdPerDay}
          onChange={(usdPerDay) => onChange({ ...terms, usdPerDay })}
        />
        <Field
          label="US dollars a month"
          type="number"
          min={0}
          step="any"
          hint="The most it may spend in a UTC month; empty: no budget."
          value={terms.usdPerMonth}
          onChange={(usdPerMonth) => onChange({ ...terms, usdPerMonth })}
        />
      </div>
    </>
  )
}
