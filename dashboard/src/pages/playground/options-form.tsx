import { useId } from 'preact/hooks'
import { isTold, type Settings } from '../../api/settings.ts'
import type { Listing } from '../../api/types.ts'
import { useLive } from '../../api/live.tsx'
import { useAsked } from '../../api/use-asked.ts'
import { Choice, Field } from '../../parts/field.tsx'
import { Notice } from '../../parts/notice.tsx'
import { ModelField } from './model-field.tsx'
import type { Options } from './turn.ts'

interface OptionsFormProps {
  readonly options: Options
  readonly onOptions: (news: Partial<Options>) => void
  /** For what belongs into the address of the page. */
  readonly onSettled: (news: Pick<Partial<Options>, 'model' | 'provider'>) => void
}

const noAliases = {}
const numbers = [
  { name: 'temperature', label: 'Temperature', min: 0, step: '0.1' },
  { name: 'maxTokens', label: 'Most tokens of an answer', min: 1, step: '1' },
] as const

/** Which route is tried, and how. */
export function OptionsForm({ options, onOptions, onSettled }: OptionsFormProps) {
  const { status } = useLive()
  const listing = useAsked<Listing>('models')
  const settings = useAsked<Settings>('settings')
  const usable = status?.providers.filter(({ accounts }) => accounts.length > 0) ?? []
  const providers = usable.map(({ name, title }) => [name, title] as const)
  // One that is named in the address stays on offer even where nobody knows it: the router says what it thinks of it.
  const isKnown = options.provider === '' || usable.some(({ name }) => name === options.provider)
  return (
    <div class="options">
      {[listing.error, settings.error].map((error) =>
        error === undefined ? null : (
          <Notice key={error} kind="error" title="The models could not be read.">
            {error}
          </Notice>
        ),
      )}
      <div class="options-row">
        <ModelField
          value={options.model}
          listing={listing.data}
          aliases={isTold(settings.data) ? settings.data.aliases : noAliases}
          onInput={(model) => onOptions({ model })}
          onChange={(model) => onSettled({ model })}
        />
        <Choice
          label="Asked first, when it can"
          value={options.provider}
          options={[
            ['', 'whoever is next'],
            ...providers,
            ...(isKnown ? [] : [[options.provider, options.provider] as const]),
          ]}
          onChange={(provider) => {
            onOptions({ provider })
            onSettled({ provider })
          }}
        />
      </div>
      <details class="more">
        <summary>More</summary>
        <div class="more-fields">
          <SystemPrompt value={options.system} onChange={(system) => onOptions({ system })} />
          <div class="options-row">
            {numbers.map(({ name, ...field }) => (
              <Field
                key={name}
                {...field}
                type="number"
                placeholder="as the model has it"
                value={options[name]}
                onChange={(typed) => onOptions({ [name]: typed })}
              />
            ))}
          </div>
        </div>
      </details>
    </div>
  )
}

function SystemPrompt({
  value,
  onChange,
}: {
  readonly value: string
  readonly onChange: (system: string) => void
}) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>System prompt</label>
      <textarea id={id} rows={3} value={value} onInput={(event) => onChange(event.currentTarget.value)} />
    </div>
  )
}
