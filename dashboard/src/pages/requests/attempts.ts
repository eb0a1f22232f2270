import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { ask, messageOf } from '../../api/ask.ts'
import { useLogins } from '../../api/logins.ts'
import type { AttemptPage, KnownAttempt } from '../../api/types.ts'
import { type Filter, questionOf } from './filter.ts'

/** As many as a page shows. */
export const pageRows = 100

interface State {
  readonly rows: readonly KnownAttempt[] | undefined
  readonly next: number | undefined
  readonly error: string | undefined
  readonly loading: boolean
}

export interface Search extends State {
  /** Looks on from where the search stopped, and keeps what it found. */
  readonly lookFurther: () => Promise<void>
  readonly reload: () => void
}

/**
 * One page of attempts. An answer looks at a bounded number of rows, so it may hold few, or none, and still say where to
 * go on.
 */
export function useAttempts(filter: Filter, before: number | undefined): Search {
  const [round, setRound] = useState(0)
  const logins = useLogins()
  const [state, setState] = useState<State>(nothing)
  const leaving = useRef<AbortController>(undefined)
  const wanted = JSON.stringify([filter, before])

  const load = async (from: number | undefined, kept: readonly KnownAttempt[]): Promise<void> => {
    leaving.current?.abort()
    const abort = new AbortController()
    leaving.current = abort
    setState((last) => ({ ...last, error: undefined, loading: true }))
    try {
      const path = questionOf(filter, pageRows - kept.length, from)
      const { attempts, next } = await ask<AttemptPage>(path, { signal: abort.signal })
      setState({ rows: [...kept, ...attempts], next, error: undefined, loading: false })
    } catch (error) {
      if (!abort.signal.aborted) setState((last) => ({ ...last, error: messageOf(error), loading: false }))
    }
  }

  useEffect(() => {
    void load(before, [])
    return () => leaving.current?.abort()
  }, [wanted, round, logins])

  const reload = useCallback(() => setRound((last) => last + 1), [])
  return { ...state, lookFurther: () => load(state.next, state.rows ?? []), reload }
}

const nothing: State = { rows: undefined, next: undefined, error: undefined, loading: true }
