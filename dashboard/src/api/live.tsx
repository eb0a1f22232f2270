import { type ComponentChildren, createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import { ask, session } from './ask.ts'
import type { Status } from './types.ts'

/** What the gateway tells once a second. */
export interface LiveState {
  readonly status: Status | undefined
  /** Whether the last word came from a connection that still stands. */
  readonly connected: boolean
  /** The gateway's clock less this browser's, in milliseconds. */
  readonly clockOffsetMs: number
}

const againMs = 3000
const nothing: LiveState = { status: undefined, connected: false, clockOffsetMs: 0 }
const LiveContext = createContext<LiveState>(nothing)

export function LiveProvider({ children }: { readonly children: ComponentChildren }) {
  const [state, setState] = useState(nothing)
  useEffect(() => follow(setState), [])
  return <LiveContext.Provider value={state}>{children}</LiveContext.Provider>
}

type Tell = (change: (before: LiveState) => LiveState) => void

/** Listens for as long as the page is looked at: a hidden one costs the gateway nothing. Returns how to stop. */
function follow(tell: Tell): () => void {
  let source: EventSource | undefined
  let timer: number | undefined
  const again = (): void => {
    timer = window.setTimeout(connect, againMs)
  }
  const connect = (): void => {
    if (document.visibilityState === 'hidden' || source !== undefined) return
    source = new EventSource('/admin/live')
    source.addEventListener('status', (event: MessageEvent<string>) => {
      const status = JSON.parse(event.data) as Status
      tell(() => ({ status, connected: true, clockOffsetMs: Date.parse(status.now) - Date.now() }))
    })
    source.addEventListener('error', () => {
      tell((before) => ({ ...before, connected: false }))
      if (source?.readyState !== EventSource.CLOSED) return
      // Refused: the browser does not try again by itself. After a restart nobody is logged in any more.
      source = undefined
      ask<{ readonly loggedIn: boolean }>('session').then(
        ({ loggedIn }) => (loggedIn ? again() : session.lost()),
        again,
      )
    })
  }
  const lookedAt = (): void => {
    if (document.visibilityState === 'visible') return connect()
    source?.close()
    source = undefined
  }
  connect()
  document.addEventListener('visibilitychange', lookedAt)
  return () => {
    document.removeEventListener('visibilitychange', lookedAt)
    window.clearTimeout(timer)
    source?.close()
  }
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
