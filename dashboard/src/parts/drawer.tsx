import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import './drawer.css'

/**
 * A panel over the right side of the page, for one thing of what is on it. Escape, its button or a press beside it close
 * it, and the focus goes back to where it was.
 */
export function Drawer({
  title,
  onClose,
  children,
}: {
  readonly title: string
  readonly onClose: () => void
  readonly children: ComponentChildren
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const opener = document.activeElement
    dialog.current?.showModal()
    return () => {
      if (opener instanceof HTMLElement) opener.focus({ preventScroll: true })
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      class="drawer"
      aria-label={title}
      onClose={onClose}
      onMouseDown={(event) => {
        // What lies beside it is the dialog itself; its content fills it.
        if (event.target === event.currentTarget) event.currentTarget.close()
      }}
    >
      <div class="drawer-content">
        <header class="drawer-head">
          <h2>{title}</h2>
          <button
            type="button"
            class="button button-plain button-small"
            onClick={() => dialog.current?.close()}
          >
            Close
          </button>
        </header>
        {children}
      </div>
    </dialog>
  )
}
