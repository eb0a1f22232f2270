import { Choice } from './field.tsx'

/** Narrows a list down to what one provider has. */
export function ProviderChoice({
  value,
  providers,
  onChange,
}: {
  /** Empty: all. */
  readonly value: string
  /** Name and the words for it. */
  readonly providers: readonly (readonly [string, string])[]
  readonly onChange: (news: { readonly provider: string }) => void
}) {
  return (
    <Choice
      label="Provider"
      value={value}
      options={[['', 'all'], ...providers]}
      onChange={(provider) => onChange({ provider })}
    />
  )
}
