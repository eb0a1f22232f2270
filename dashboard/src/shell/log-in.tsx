import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
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
  useEffect(() => void (document.title = 'Switchyard'), [])
  return (
    <main class="log-in">
      <h1>Switchyard</h1>
      <p class="lead">The dashboard opens with the admin key of this gateway.</p>
      <KeyForm trouble={trouble} onDone={onDone} />
    </main>
  )
}

/** The same over a page whose session has ended: what was typed there waits behind it, unseen. */
export function LogInAgain({ onDone }: { readonly onDone: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const box = dialog.current
    box?.showModal()
    return () => box?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      class="log-in-again"
      aria-label="Log in again"
      closedby="none"
      // Of browsers that do not know the attribute.
      onClose={({ currentTarget }) => (currentTarget.isConnected ? currentTarget.showModal() : undefined)}
    >
      <div class="log-in">
        <h2>Switchyard</h2>
        <p class="lead">
          The session has ended: the gateway was started again, or this browser was logged out. What you have
          typed is still there once you have logged in.
        </p>
        <KeyForm trouble={undefined} onDone={onDone} />
      </div>
    </dialog>
  )
}

function KeyForm({ trouble, onDone }: { readonly trouble: string | undefined; readonly onDone: () => void }) {
  const [key, setKey] = useState('')
  const [error, setError] = useState(trouble)
  const [busy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => form.current?.querySelector<HTMLInputElement>('input[type=password]')?.focus(), [])
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
    <>
      <form
        ref={form}
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
    </>
  )
}
