import { useId, useMemo } from 'preact/hooks'
import type { Listing } from '../../api/types.ts'
import { count } from '../../format/amount.ts'

interface ModelFieldProps {
  readonly value: string
  readonly listing: Listing | undefined
  readonly aliases: Readonly<Record<string, string>>
  readonly onInput: (model: string) => void
  /** The model is settled: chosen from the list, or typed to its end. */
  readonly onChange: (model: string) => void
}

// A browser's list of thousands is slow to open, and nobody reads it.
const mostOptions = 200

/** A model by any name the router takes; the list offers those whose names hold what is typed. */
export function ModelField({ value, listing, aliases, onInput, onChange }: ModelFieldProps) {
  const id = useId()
  const all = useMemo(() => modelsOf(listing, aliases), [listing, aliases])
  const typed = value.trim().toLowerCase()
  // A whole name is no search: the list then shows the others too.
  const isWhole = all.some(({ name }) => name === value.trim())
  const found = isWhole ? all : all.filter(({ name }) => name.toLowerCase().includes(typed))
  return (
    <div class="field">
      <label for={id}>Model</label>
      <input
        id={id}
        type={'search' as 'text'}
        list={`${id}-list`}
        value={value}
        placeholder="auto"
        spellcheck={false}
        autocomplete="off"
        onFocus={(event) => event.currentTarget.select()}
        onInput={(event) => onInput(event.currentTarget.value)}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <datalist id={`${id}-list`}>
        {found.slice(0, mostOptions).map(({ name, about }) => (
          <option key={name} value={name}>
            {about}
          </option>
        ))}
      </datalist>
      <span class="hint">
        {typed === '' || isWhole
          ? `auto, or one of ${count(all.length)} names`
          : found.length === 0
            ? 'no listed name holds this'
            : `${count(found.length)} names hold this`}
      </span>
    </div>
  )
}

interface Named {
  readonly name: string
  readonly about: string
}

/** `auto`, the operator's own names, then every listed model that answers in words, each name once. */
function modelsOf(listing: Listing | undefined, aliases: Readonly<Record<string, string>>): readonly Named[] {
  const names = new Map<string, string>([['auto', 'the router chooses']])
  for (const [name, target] of Object.entries(aliases))
    if (!name.endsWith('*')) names.set(name, `stands for ${target}`)
  for (const { id, kind, provider, lane } of listing?.models ?? [])
    if (kind !== 'embeddings') {
      const before = names.get(id)
      names.set(id, before === undefined ? `${provider}, ${lane}` : `${before}; ${provider}, ${lane}`)
    }
  return [...names].map(([name, about]) => ({ name, about }))
}
