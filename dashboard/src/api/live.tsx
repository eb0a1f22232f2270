import { type ComponentChildren, createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import type { Status } from './types.ts'

/** What the gateway tells once a second. */
export interface LiveState {
  readonly status: Status | undefined
  /** Whether the last word came from a connection that still stands. */
  readonly connected: boolean
  /** The gateway's clock less this browser's, in milliseconds. */
  readonly clockOffsetMs: number
}

const nothing: LiveState = { status: undefined, connected: false, clockOffsetMs: 0 }
const LiveContext = createContext<LiveState>(nothing)

export function LiveProvider({ children }: { readonly children: ComponentChildren }) {
  const [state, setState] = useState(nothing)
  useEffect(() => {
    let source: EventSource | undefined
    const connect = (): void => {
      // A hidden page costs the gateway nothing.
      if (document.visibilityState === 'hidden' || source !== undefined) return
      source = new EventSource('/admin/live')
      source.addEventListener('status', (event: MessageEvent<string>) => {
        const status = JSON.parse(event.data) as Status
        setState({ status, connected: true, clockOffsetMs: Date.parse(status.now) - Date.now() })
      })
      source.addEventListener('error', () => {
        setState((before) => ({ ...before, connected: false }))
        // Refused for good (a restart logs everybody out): the browser would not try again by itself.
        if (source?.readyState === EventSource.CLOSED) {
          source = undefined
          timer = window.setTimeout(connect, 3000)
        }
      })
    }
    let timer: number | undefined
    const change = (): void => {
      if (document.visibilityState === 'visible') return connect()
      source?.close()
      source = undefined
    }
    connect()
    document.addEventListener('visibilitychange', change)
    return () => {
      document.removeEventListener('visibilitychange', change)
      window.clearTimeout(timer)
      source?.close()
    }
  }, [])
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
