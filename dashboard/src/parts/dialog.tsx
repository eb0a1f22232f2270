import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'

interface DialogProps {
  readonly title: string
  /** It was closed: by Escape, or by `onClose` from within. */
  readonly onClose: () => void
  readonly children?: ComponentChildren
  /** Buttons at its end; left out: one that closes it. */
  readonly actions?: ComponentChildren
}

/** A window over the page; everything behind it waits. What had the focus before gets it back. */
export function Dialog({ title, onClose, children, actions }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null)
  const heading = useId()
  const gone = useRef(false)
  // Before it leaves the page: one that has left it gives the focus back to nobody.
  useLayoutEffect(() => {
    const dialog = box.current
    dialog?.showModal()
    return () => {
      gone.current = true
      dialog?.close()
    }
  }, [])
  return (
    <dialog
      ref={box}
      class="dialog"
      aria-labelledby={heading}
      onClose={() => (gone.current ? undefined : onClose())}
    >
      <h2 id={heading}>{title}</h2>
      {children}
      <div class="actions dialog-actions">
        {actions ?? (
          <button type="button" class="button" onClick={onClose}>
            Close
          </button>
        )}
      </div>
    </dialog>
  )
}
