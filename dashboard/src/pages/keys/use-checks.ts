import { useEffect, useRef, useState } from 'preact/hooks'
import { ask, messageOf } from '../../api/ask.ts'
import type { KeyCheck } from '../../api/types.ts'
import { type KeyRow, rowId } from './key-row.ts'

/** Asked together, so that answers show up while others are still waited for. */
const atOnce = 50

export interface Checks {
  /** The last answer about each key, by row. */
  readonly of: ReadonlyMap<string, KeyCheck>
  /** Those of the last round. */
  readonly last: readonly KeyCheck[]
  readonly running: { readonly done: number; readonly of: number } | undefined
  readonly error: string | undefined
  /** Asks the services about these keys, by reads that spend no quota. */
  readonly check: (rows: readonly KeyRow[]) => Promise<void>
}

export function useChecks(): Checks {
  const [of, setOf] = useState<ReadonlyMap<string, KeyCheck>>(new Map())
  const [last, setLast] = useState<readonly KeyCheck[]>([])
  const [running, setRunning] = useState<Checks['running']>()
  const [error, setError] = useState<string>()
  const leaving = useRef(new AbortController())
  useEffect(() => () => leaving.current.abort(), [])
  const check = async (rows: readonly KeyRow[]): Promise<void> => {
    setError(undefined)
    setLast([])
    try {
      for (let done = 0; done < rows.length; done += atOnce) {
        setRunning({ done, of: rows.length })
        const names = rows.slice(done, done + atOnce).map(({ key }) => key.name)
        const { signal } = leaving.current
        const { checks } = await ask<{ readonly checks: readonly KeyCheck[] }>('keys/test', {
          body: { names },
          signal,
        })
        setLast((before) => [...before, ...checks])
        setOf(
          (before) =>
            new Map([...before, ...checks.map((each) => [rowId(each.provider, each.name), each] as const)]),
        )
      }
    } catch (refusal) {
      if (!leaving.current.signal.aborted) setError(messageOf(refusal))
    } finally {
      setRunning(undefined)
    }
  }
  return { of, last, running, error, check }
}
