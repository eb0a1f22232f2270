import { useId } from 'preact/hooks'

/** More are not drawn: typing goes on until the one that is meant is among them. */
const mostOptions = 100

interface SuggestProps {
  readonly label: string
  readonly value: string
  /** What may be meant; anything else can be typed all the same. */
  readonly options: readonly string[]
  readonly onChange: (value: string) => void
  /** The reader is done: one is picked, or the field is left. */
  readonly onCommit?: (value: string) => void
  readonly placeholder?: string
  readonly hint?: string
}

/** One line of input that proposes names, however many there are. */
export function Suggest(props: SuggestProps) {
  const { label, value, options, onChange, onCommit, placeholder, hint } = props
  const id = useId()
  const typed = value.toLowerCase()
  const fitting = options.filter((option) => option.toLowerCase().includes(typed))
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        list={`${id}-options`}
        value={value}
        spellcheck={false}
        autocomplete="off"
        {...(placeholder === undefined ? {} : { placeholder })}
        {...(hint === undefined ? {} : { 'aria-describedby': `${id}-hint` })}
        onInput={(event) => onChange(event.currentTarget.value)}
        onChange={(event) => onCommit?.(event.currentTarget.value)}
      />
      <datalist id={`${id}-options`}>
        {fitting.slice(0, mostOptions).map((option) => (
          <option key={option} value={option} />
        ))}
      </datalist>
      {hint === undefined ? null : (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  )
}
