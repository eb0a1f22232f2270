import { useState } from 'preact/hooks'
import { ask } from '../../api/ask.ts'
import { type Client, termsOf, typedTerms } from './client.ts'
import { FormDialog } from './form-dialog.tsx'
import { Terms } from './terms.tsx'

/** Other terms for a client, in force from its next request on. */
export function ChangeClient({
  client,
  onChanged,
  onClose,
}: {
  readonly client: Client
  readonly onChanged: () => void
  readonly onClose: () => void
}) {
  const [terms, setTerms] = useState(() => typedTerms(client))
  return (
    <FormDialog
      title={`Change ${client.name}`}
      action="Change"
      onClose={onClose}
      onSubmit={async () => {
        await ask('clients/change', { body: { name: client.name, ...termsOf(terms) } })
        onChanged()
        onClose()
      }}
    >
      <p class="soft">In force from its next request on.</p>
      <Terms terms={terms} onChange={setTerms} />
    </FormDialog>
  )
}
