import { useEffect, useId, useState } from 'preact/hooks'
import { Choice, Field } from '../../parts/field.tsx'
import { Suggest } from '../../parts/suggest.tsx'
import { type Filter, type FilterName, isoOfInput, localInput, readFilter } from './filter.ts'

const lanes = [
  ['', 'any lane'],
  ['free', 'free'],
  ['included', 'included'],
  ['paid', 'paid'],
] as const

const states = [
  ['', 'any state'],
  ['failed,aborted,truncated,interrupted', 'not well ended'],
  ['open', 'open'],
  ['done', 'done'],
  ['failed', 'failed'],
  ['aborted', 'aborted'],
  ['truncated', 'truncated'],
  ['interrupted', 'interrupted'],
] as const

const rarer = ['client', 'key', 'lane', 'fault', 'since', 'until'] as const

/** Names to propose for a search. */
export type Names = Readonly<Record<'client' | 'model' | 'key' | 'fault' | 'provider', readonly string[]>>

interface FiltersProps {
  readonly filter: Filter
  readonly names: Names
  readonly onSearch: (filter: Filter) => void
}

/** What is typed counts when it is sent; what is chosen counts at once. */
export function Filters({ filter, names, onSearch }: FiltersProps) {
  const [draft, setDraft] = useState(filter)
  const sent = JSON.stringify(filter)
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    setDraft(filter)
    // It opens for what is set, and never closes on the reader.
    if (rarer.some((name) => filter[name] !== undefined)) setOpen(true)
  }, [sent])
  const type = (name: FilterName) => (value: string) => setDraft((last) => ({ ...last, [name]: value }))
  const send = (changed: Filter): void => onSearch(readFilter({ ...draft, ...changed }))
  const choose = (name: FilterName) => (value: string) => send({ [name]: value })
  const suggest = (name: 'client' | 'model' | 'key' | 'fault', label: string) => (
    <Suggest label={label} value={draft[name] ?? ''} options={names[name]} onChange={type(name)} />
  )
  return (
    <form
      class="panel search"
      role="search"
      aria-label="Requests"
      onSubmit={(event) => {
        event.preventDefault()
        send({})
      }}
    >
      <div class="filter-row">
        <Field
          label="Text"
          type="search"
          value={draft.text ?? ''}
          onChange={type('text')}
          placeholder="id, model, key, client, fault"
        />
        {suggest('model', 'Model')}
        <Choice
          label="Provider"
          value={filter.provider ?? ''}
          options={optionsOf('any provider', names.provider, filter.provider)}
          onChange={choose('provider')}
        />
        <Choice
          label="State"
          value={filter.state ?? ''}
          options={withOwn(states, filter.state)}
          onChange={choose('state')}
        />
      </div>
      <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>More filters</summary>
        <div class="filter-row">
          {suggest('client', 'Client')}
          {suggest('key', 'Key')}
          {suggest('fault', 'Fault')}
          <Choice
            label="Lane"
            value={filter.lane ?? ''}
            options={withOwn(lanes, filter.lane)}
            onChange={choose('lane')}
          />
          <Moment label="From" value={draft.since} onChange={type('since')} />
          <Moment label="Until (not included)" value={draft.until} onChange={type('until')} />
        </div>
      </details>
      <div class="filter-send">
        <button type="submit" class="button button-primary">
          Search
        </button>
        {sent === '{}' ? null : <a href="/dashboard/requests">Clear the search</a>}
      </div>
    </form>
  )
}

function Moment({
  label,
  value,
  onChange,
}: {
  readonly label: string
  readonly value: string | undefined
  readonly onChange: (iso: string) => void
}) {
  const id = useId()
  return (
    <div class="field filter-moment">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="datetime-local"
        value={localInput(value)}
        onChange={(event) => onChange(isoOfInput(event.currentTarget.value))}
      />
    </div>
  )
}

function optionsOf(
  any: string,
  names: readonly string[],
  own: string | undefined,
): readonly (readonly [string, string])[] {
  return withOwn([['', any], ...names.map((name) => [name, name] as const)], own)
}

/** An address can hold a value that is none of the list. */
function withOwn(
  options: readonly (readonly [string, string])[],
  own: string | undefined,
): readonly (readonly [string, string])[] {
  if (own === undefined || options.some(([value]) => value === own)) return options
  return [...options, [own, own]]
}
