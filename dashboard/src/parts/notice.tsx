import type { ComponentChildren } from 'preact'

interface NoticeProps {
  readonly kind: 'error' | 'warning' | 'info' | 'good'
  readonly title: string
  readonly children?: ComponentChildren
}

/** Something the reader should know. Errors are read out at once. */
export function Notice({ kind, title, children }: NoticeProps) {
  return (
    <div class={`notice notice-${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
      <strong>{title}</strong>
      {children === undefined ? null : <div>{children}</div>}
    </div>
  )
}

/** Nothing to show, and what to do about it. */
export function Empty({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      <div>{children}</div>
    </div>
  )
}

/** In place of what is on its way. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <p class="loading" role="status">
      {what} …
    </p>
  )
}

/** A line to copy, such as a command. */
export function Command({ children }: { readonly children: string }) {
  return <code class="command">{children}</code>
}
