import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ask, messageOf, session } from '../api/ask.ts'
import { Logins } from '../api/logins.ts'
import { Loading } from '../parts/notice.tsx'
import { LogIn, LogInAgain } from './log-in.tsx'

/** `lost`: the gateway knows this browser no more, though nobody left here. */
type State = 'unknown' | 'in' | 'lost' | 'out'

/** Shows the pages to who is logged in, and the way in to everybody else. */
export function Session({
  children,
}: {
  readonly children: (leave: () => Promise<void>) => ComponentChildren
}) {
  const [state, setState] = useState<State>('unknown')
  const [logins, setLogins] = useState(0)
  const [trouble, setTrouble] = useState<string>()
  useEffect(() => {
    session.lost = () => setState((before) => (before === 'in' ? 'lost' : before))
    ask<{ readonly loggedIn: boolean }>('session').then(
      ({ loggedIn }) => setState(loggedIn ? 'in' : 'out'),
      (error: unknown) => {
        setTrouble(messageOf(error))
        setState('out')
      },
    )
  }, [])
  const enter = (): void => {
    setTrouble(undefined)
    setLogins((before) => before + 1)
    setState('in')
  }
  const leave = async (): Promise<void> => {
    try {
      await ask('session', { method: 'DELETE' })
    } catch (error) {
      setTrouble(`This browser is still logged in at the gateway: ${messageOf(error)}`)
    }
    setState('out')
  }
  if (state === 'unknown') return <Loading what="Asking the gateway" />
  if (state === 'out') return <LogIn trouble={trouble} onDone={enter} />
  return (
    <Logins.Provider value={logins}>
      {children(leave)}
      {state === 'lost' ? <LogInAgain onDone={enter} /> : null}
    </Logins.Provider>
  )
}
