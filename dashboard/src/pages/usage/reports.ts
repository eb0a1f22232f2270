import { useCallback, useEffect, useState } from 'preact/hooks'
import { ask, messageOf } from '../../api/ask.ts'
import { useLogins } from '../../api/logins.ts'
import type { UsageGroup, UsageReport } from '../../api/types.ts'
import { type Question, reportPath, stepMs, stepOf } from './question.ts'
import { timesOf } from './series.ts'

/** More bars than this are no chart. */
export const mostBars = 366
/** An answer of more rows takes megabytes. */
const mostRows = 20_000

/** The figures of one question. */
export interface Reports {
  readonly question: Question
  readonly groups: UsageReport
  /** By time; undefined when the range has more hours or days than a chart shows. */
  readonly series: UsageReport | undefined
}

export interface Asked {
  /** The last good answer; it stays while the next one is on its way. */
  readonly data: Reports | undefined
  readonly error: string | undefined
  readonly loading: boolean
  readonly reload: () => void
}

export function useReports(question: Question): Asked {
  const [round, setRound] = useState(0)
  const logins = useLogins()
  const [state, setState] = useState<Omit<Asked, 'reload'>>(nothing)
  // Which sum is drawn changes nothing of what is asked.
  const wanted = JSON.stringify({ ...question, show: undefined })
  useEffect(() => {
    const leaving = new AbortController()
    setState(({ data }) => ({ data, error: undefined, loading: true }))
    read(question, leaving.signal).then(
      (data) => setState({ data, error: undefined, loading: false }),
      (error: unknown) => {
        if (!leaving.signal.aborted)
          setState(({ data }) => ({ data, error: messageOf(error), loading: false }))
      },
    )
    return () => leaving.abort()
  }, [wanted, round, logins])
  const reload = useCallback(() => setRound((before) => before + 1), [])
  return { ...state, reload }
}

const nothing = { data: undefined, error: undefined, loading: true }

/** The groups first: how many there are says whether each can be had by time. */
async function read(question: Question, signal: AbortSignal): Promise<Reports> {
  const groups = await ask<UsageReport>(reportPath(question, [question.by]), { signal })
  const step = stepOf(question)
  const bars = timesOf(groups, stepMs[step]).length
  if (bars > mostBars) return { question, groups, series: undefined }
  const by: UsageGroup[] = bars * groups.rows.length > mostRows ? [step] : [step, question.by]
  // The same range to the millisecond, though the clock of the gateway has moved on.
  const path = reportPath({ ...question, since: groups.since, until: groups.until }, by)
  const series = await ask<UsageReport>(path, { signal })
  return { question, groups, series }
}
