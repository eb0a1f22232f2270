import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import { messageOf } from '../../api/ask.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Notice } from '../../parts/notice.tsx'

interface FormDialogProps {
  readonly title: string
  /** What stands on the button that sends it. */
  readonly action: string
  readonly onClose: () => void
  /** What it rejects with is shown, and what was typed stays. */
  readonly onSubmit: () => Promise<void>
  readonly children: ComponentChildren
}

/** A form in a window of its own; Enter sends it, Escape leaves it. */
export function FormDialog({ title, action, onClose, onSubmit, children }: FormDialogProps) {
  const form = useId()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const submit = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      await onSubmit()
    } catch (refusal) {
      setError(messageOf(refusal))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" form={form} class="button button-primary" disabled={busy}>
            {action}
          </button>
        </>
      }
    >
      {error === undefined ? null : <Notice kind="error" title={error} />}
      <form
        id={form}
        class="clients-form"
        onSubmit={(event) => {
          event.preventDefault()
          if (!busy) void submit()
        }}
      >
        {children}
      </form>
    </Dialog>
  )
}
