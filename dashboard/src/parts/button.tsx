import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'

interface ButtonProps {
  readonly children: ComponentChildren
  readonly onPress: () => void | Promise<void>
  readonly kind?: 'primary' | 'danger' | 'plain'
  readonly disabled?: boolean
  /** Read out in place of what stands on it. */
  readonly label?: string
  /** Asked before it is done, in a dialog of the browser. */
  readonly confirm?: string
  readonly small?: boolean
}

/** Does one thing, and cannot be pressed again while that is under way. */
export function Button({ children, onPress, kind = 'plain', disabled, label, confirm, small }: ButtonProps) {
  const [busy, setBusy] = useState(false)
  const press = async (): Promise<void> => {
    if (confirm !== undefined && !window.confirm(confirm)) return
    setBusy(true)
    try {
      await onPress()
    } finally {
      setBusy(false)
    }
  }
  return (
    <button
      type="button"
      class={`button button-${kind}${small === true ? ' button-small' : ''}`}
      disabled={disabled === true || busy}
      aria-busy={busy}
      {...(label === undefined ? {} : { 'aria-label': label })}
      onClick={() => void press()}
    >
      {children}
    </button>
  )
}
