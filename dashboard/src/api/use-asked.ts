import { useCallback, useEffect, useState } from 'preact/hooks'
import { ask, messageOf } from './ask.ts'
import { useLogins } from './logins.ts'

export interface Answered<Answer> {
  /** The last good answer; it stays while the next one is on its way. */
  readonly data: Answer | undefined
  readonly error: string | undefined
  readonly loading: boolean
  readonly reload: () => void
}

/** Asks the admin API when the page comes up, and again whenever `path` changes; undefined asks nothing. */
export function useAsked<Answer>(path: string | undefined): Answered<Answer> {
  const [round, setRound] = useState(0)
  const logins = useLogins()
  const [state, setState] = useState<Omit<Answered<Answer>, 'reload'>>({
    data: undefined,
    error: undefined,
    loading: path !== undefined,
  })
  useEffect(() => {
    if (path === undefined) return
    const leaving = new AbortController()
    // An error stays until there is another word: a notice that comes and goes would be read out with every round.
    setState(({ data, error }) => ({ data, error, loading: true }))
    ask<Answer>(path, { signal: leaving.signal }).then(
      (data) => setState({ data, error: undefined, loading: false }),
      (error: unknown) => {
        if (!leaving.signal.aborted)
          setState(({ data }) => ({ data, error: messageOf(error), loading: false }))
      },
    )
    return () => leaving.abort()
  }, [path, round, logins])
  const reload = useCallback(() => setRound((before) => before + 1), [])
  return { ...state, reload }
}
