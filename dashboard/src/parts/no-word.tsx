import type { LiveState } from '../api/follow.ts'
import { Loading, Notice } from './notice.tsx'

/** In place of a page that has no status to show yet; why there is none, where that is known. */
export function NoWord({ live, what }: { readonly live: LiveState; readonly what: string }) {
  if (live.trouble === undefined) return <Loading what={what} />
  return (
    <Notice kind="error" title={titleOf(live)}>
      {live.trouble.message}. The page tries again by itself.
    </Notice>
  )
}

/** Over figures that are old because the gateway tells none at present. */
export function OldWord({ live }: { readonly live: LiveState }) {
  const { status, connected, trouble } = live
  if (connected || status === undefined) return null
  return (
    <Notice kind="warning" title={titleOf(live)}>
      {trouble === undefined || trouble.status === 0 ? '' : `${trouble.message}. `}
      What stands here is of {new Date(status.now).toLocaleTimeString()}. The page tries again by itself.
    </Notice>
  )
}

function titleOf({ trouble }: LiveState): string {
  return trouble === undefined || trouble.status === 0
    ? 'The gateway does not answer at present.'
    : 'The gateway cannot say what goes on at present.'
}
