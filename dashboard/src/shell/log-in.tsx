import { useState } from 'preact/hooks'
import { ask, messageOf } from '../api/ask.ts'
import { Field } from '../parts/field.tsx'
import { Command, Notice } from '../parts/notice.tsx'

/** Takes the admin key and gets a cookie for it; the key itself is kept nowhere. */
export function LogIn({
  trouble,
  onDone,
}: {
  readonly trouble: string | undefined
  readonly onDone: () => void
}) {
  const [key, setKey] = useState('')
  const [error, setError] = useState(trouble)
  const [busy, setBusy] = useState(false)
  const submit = async (): Promise<void> => {
    setBusy(true)
    try {
      await ask('session', { body: { key: key.trim() } })
      onDone()
    } catch (refusal) {
      setError(messageOf(refusal))
    } finally {
      setBusy(false)
    }
  }
  return (
    <main class="log-in">
      <h1>Switchyard</h1>
      <p class="lead">The dashboard opens with the admin key of this gateway.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        {/* For password managers, which want a name to keep the key under. */}
        <input
          class="unseen"
          type="text"
          autocomplete="username"
          value="admin"
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
        <Field
          label="Admin key"
          type="password"
          autocomplete="current-password"
          value={key}
          onChange={setKey}
          required
        />
        <button type="submit" class="button button-primary" disabled={busy || key.trim() === ''}>
          Log in
        </button>
      </form>
      {error === undefined ? null : <Notice kind="error" title={error} />}
      <p class="hint">
        It is in the file <code>admin-key</code> of the Switchyard home. This prints it:{' '}
        <Command>switchyard dashboard --show</Command>
      </p>
    </main>
  )
}
