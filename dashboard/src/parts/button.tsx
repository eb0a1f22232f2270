import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Dialog } from './dialog.tsx'

interface ButtonProps {
  readonly children: ComponentChildren
  readonly onPress: () => void | Promise<void>
  readonly kind?: 'primary' | 'danger' | 'plain'
  readonly disabled?: boolean
  /** Read out in place of what stands on it. */
  readonly label?: string
  /** Asked before it is done, in a dialog. */
  readonly confirm?: string
  readonly small?: boolean
}

/** Does one thing, and cannot be pressed again while that is under way. */
export function Button({ children, onPress, kind = 'plain', disabled, label, confirm, small }: ButtonProps) {
  const [busy, setBusy] = useState(false)
  const [asking, setAsking] = useState(false)
  const box = useRef<HTMLButtonElement>(null)
  useLayoutEffect(() => () => handOver(box.current), [])
  const press = async (): Promise<void> => {
    if (busy) return
    setAsking(false)
    setBusy(true)
    try {
      await onPress()
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <button
        ref={box}
        type="button"
        class={`button button-${kind}${small === true ? ' button-small' : ''}`}
        disabled={disabled === true}
        // A button that is disabled while it is busy would lose the focus.
        aria-disabled={busy}
        aria-busy={busy}
        {...(label === undefined ? {} : { 'aria-label': label })}
        onClick={() => (confirm === undefined ? void press() : setAsking(true))}
      >
        {children}
      </button>
      {asking && confirm !== undefined ? (
        <Dialog
          title={confirm}
          onClose={() => setAsking(false)}
          actions={
            <>
              <button type="button" class="button" onClick={() => setAsking(false)}>
                Cancel
              </button>
              <button type="button" class={`button button-${kind}`} onClick={() => void press()}>
                {children}
              </button>
            </>
          }
        />
      ) : null}
    </>
  )
}

/** A button that goes away with the focus on it leaves that to its table, or else to the page's heading. */
function handOver(button: HTMLButtonElement | null): void {
  if (button === null || document.activeElement !== button) return
  const table = button.closest<HTMLElement>('.table-box')
  queueMicrotask(() => {
    if (document.activeElement !== document.body) return
    const heir = table?.isConnected === true ? table : document.querySelector<HTMLElement>('main h1')
    heir?.focus({ preventScroll: true })
  })
}
