import type { Capability } from '../../api/types.ts'
import { Check, Choice, Field } from '../../parts/field.tsx'
import { ProviderChoice } from '../../parts/provider-choice.tsx'
import type { ModelFilter } from './filter.ts'
import { capabilityWords } from './model-text.ts'

const orders = [
  ['', 'free first'],
  ['name', 'name'],
  ['price', 'price, lowest first'],
  ['context', 'context, largest first'],
] as const

/** What narrows the list down; all of it stands in the address. */
export function Filters({
  filter,
  providers,
  onChange,
}: {
  readonly filter: ModelFilter
  readonly providers: readonly string[]
  readonly onChange: (members: Readonly<Record<string, string>>) => void
}) {
  const need = (capability: Capability, wanted: boolean): void => {
    const others = filter.needs.filter((each) => each !== capability)
    const needs = wanted ? [...others, capability] : others
    onChange({ needs: needs.map((each) => capabilityWords[each]).join(',') })
  }
  return (
    <>
      <div class="filters">
        <Field
          label="Name holds"
          type="search"
          placeholder="gpt-oss 120b"
          value={filter.text}
          onChange={(q) => onChange({ q })}
        />
        <ProviderChoice
          value={filter.provider}
          providers={providers.map((name) => [name, name])}
          onChange={onChange}
        />
        <Choice label="Order" value={filter.order} options={orders} onChange={(sort) => onChange({ sort })} />
      </div>
      <fieldset class="models-checks">
        <legend class="unseen">Only models that</legend>
        <Check checked={filter.freeOnly} onChange={(free) => onChange({ free: free ? '1' : '' })}>
          cost nothing
        </Check>
        {(Object.keys(capabilityWords) as Capability[]).map((capability) => (
          <Check
            key={capability}
            checked={filter.needs.includes(capability)}
            onChange={(wanted) => need(capability, wanted)}
          >
            {capabilityWords[capability]}
          </Check>
        ))}
      </fieldset>
    </>
  )
}
