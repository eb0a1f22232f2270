import { type ComponentChildren, createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import { follow, type LiveState, nothing } from './follow.ts'
import { useLogins } from './logins.ts'

const LiveContext = createContext<LiveState>(nothing)

export function LiveProvider({ children }: { readonly children: ComponentChildren }) {
  const [state, setState] = useState(nothing)
  const logins = useLogins()
  useEffect(() => follow(setState), [logins])
  return <LiveContext.Provider value={state}>{children}</LiveContext.Provider>
}

export function useLive(): LiveState {
  return useContext(LiveContext)
}

/** The gateway's time, moving on once a second; in a sandbox it can be any. */
export function useNow(): number {
  const { clockOffsetMs } = useLive()
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000)
    return () => window.clearInterval(timer)
  }, [])
  return now + clockOffsetMs
}
