import { useState } from 'preact/hooks'
import { ask } from '../../api/ask.ts'
import { Field } from '../../parts/field.tsx'
import { openTerms, termsOf } from './client.ts'
import { FormDialog } from './form-dialog.tsx'
import { FreshKey, type ShownKey } from './fresh-key.tsx'
import { Terms } from './terms.tsx'

/** Makes a client, and shows its key this once. */
export function AddClient({
  onAdded,
  onClose,
}: {
  readonly onAdded: () => void
  readonly onClose: () => void
}) {
  const [name, setName] = useState('')
  const [terms, setTerms] = useState(openTerms)
  const [fresh, setFresh] = useState<ShownKey>()
  if (fresh !== undefined) return <FreshKey fresh={fresh} onClose={onClose} />
  return (
    <FormDialog
      title="Add a client"
      action="Add"
      onClose={onClose}
      onSubmit={async () => {
        setFresh(await ask<ShownKey>('clients/add', { body: { name: name.trim(), ...termsOf(terms) } }))
        onAdded()
      }}
    >
      <Field
        label="Name"
        value={name}
        onChange={setName}
        required
        autocomplete="off"
        hint="For the ledger and for policies, such as “bot”."
      />
      <Terms terms={terms} onChange={setTerms} />
    </FormDialog>
  )
}
