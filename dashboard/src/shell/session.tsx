import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ask, messageOf, session } from '../api/ask.ts'
import { Loading } from '../parts/notice.tsx'
import { LogIn } from './log-in.tsx'

type State = 'unknown' | 'in' | 'out'

/** Shows the pages to who is logged in, and the way in to everybody else. */
export function Session({
  children,
}: {
  readonly children: (leave: () => Promise<void>) => ComponentChildren
}) {
  const [state, setState] = useState<State>('unknown')
  const [trouble, setTrouble] = useState<string>()
  useEffect(() => {
    session.lost = () => setState('out')
    ask<{ readonly loggedIn: boolean }>('session').then(
      ({ loggedIn }) => setState(loggedIn ? 'in' : 'out'),
      (error: unknown) => {
        setTrouble(messageOf(error))
        setState('out')
      },
    )
  }, [])
  if (state === 'unknown') return <Loading what="Asking the gateway" />
  if (state === 'out') return <LogIn trouble={trouble} onDone={() => setState('in')} />
  return children(async () => {
    await ask('session', { method: 'DELETE' }).catch(() => undefined)
    setState('out')
  })
}
