import { ask, AskError, messageOf } from './ask.ts'
import type { Status } from './types.ts'

/** What the gateway tells once a second. */
export interface LiveState {
  readonly status: Status | undefined
  /** Whether the last word came from a connection that still stands. */
  readonly connected: boolean
  /** Why there is no word; undefined while there is. */
  readonly trouble: AskError | undefined
  /** The gateway's clock less this browser's, in milliseconds. */
  readonly clockOffsetMs: number
}

export const nothing: LiveState = {
  status: undefined,
  connected: false,
  trouble: undefined,
  clockOffsetMs: 0,
}

const againMs = 3000
// A connection that was cut without a word, as by a machine that slept, stays open for a browser.
const leastPatienceMs = 20_000
// A second for 128 KiB lies between two words of the gateway; three times that is silence.
const patienceMsPerByte = 3000 / (128 * 1024)

type Tell = (change: (before: LiveState) => LiveState) => void

/** Listens for as long as the page is looked at: a hidden one costs the gateway nothing. Returns how to stop. */
export function follow(tell: Tell): () => void {
  let source: EventSource | undefined
  let looking: AbortController | undefined
  let timer: number | undefined

  const after = (ms: number, what: () => void): void => {
    window.clearTimeout(timer)
    timer = window.setTimeout(what, ms)
  }
  const hear = (status: Status): void => {
    const clockOffsetMs = Date.parse(status.now) - Date.now()
    tell(() => ({ status, connected: true, trouble: undefined, clockOffsetMs }))
  }
  const leave = (): void => {
    window.clearTimeout(timer)
    source?.close()
    looking?.abort()
    source = looking = undefined
  }
  /** Asks once without the stream: that tells what is wrong with it, and does in its place. */
  const look = async (): Promise<void> => {
    leave()
    const leaving = new AbortController()
    looking = leaving
    // What is asked may go over another connection that was cut.
    after(leastPatienceMs, () => void look())
    try {
      const status = await ask<Status>('status', { signal: leaving.signal })
      if (leaving.signal.aborted) return
      hear(status)
    } catch (error) {
      if (leaving.signal.aborted) return
      const trouble = error instanceof AskError ? error : new AskError(0, '', messageOf(error))
      tell((before) => ({ ...before, connected: false, trouble }))
      // Whoever logs in again begins anew.
      if (trouble.status === 401) return
    }
    after(againMs, connect)
  }
  const connect = (): void => {
    if (document.visibilityState === 'hidden' || source !== undefined) return
    const own = new EventSource('/admin/live')
    source = own
    const silent = (): void => {
      tell((before) => ({ ...before, connected: false }))
      void look()
    }
    after(leastPatienceMs, silent)
    own.addEventListener('status', ({ data }: MessageEvent<string>) => {
      hear(JSON.parse(data) as Status)
      after(Math.max(leastPatienceMs, data.length * patienceMsPerByte), silent)
    })
    own.addEventListener('error', silent)
  }
  const lookedAt = (): void => {
    leave()
    connect()
  }
  connect()
  document.addEventListener('visibilitychange', lookedAt)
  return () => {
    document.removeEventListener('visibilitychange', lookedAt)
    leave()
  }
}
