import { useEffect, useState } from 'preact/hooks'
import { ask, messageOf } from '../../api/ask.ts'
import { useNow } from '../../api/live.tsx'
import { useLogins } from '../../api/logins.ts'
import type { RoutePlan } from '../../api/types.ts'
import { clockTime, countdown } from '../../format/when.ts'
import { Badge } from '../../parts/gauge.tsx'
import { client } from './answer.ts'
import { planText } from './words.ts'

// A name is typed letter by letter, and a plan is for whole ones.
const quietMs = 350

/** Who would get the next question, as `switchyard plan` tells it. `round` changes when it has to be asked anew. */
export function Next({
  model,
  provider,
  round,
}: {
  readonly model: string
  readonly provider: string
  readonly round: number
}) {
  const now = useNow()
  const logins = useLogins()
  const [told, setTold] = useState<RoutePlan | string>()
  useEffect(() => {
    const leaving = new AbortController()
    const name = model.trim() === '' ? 'auto' : model.trim()
    const body = { model: name, client, ...(provider === '' ? {} : { provider }) }
    const timer = window.setTimeout(() => {
      ask<RoutePlan>('plan', { body, signal: leaving.signal }).then(setTold, (error: unknown) => {
        if (!leaving.signal.aborted) setTold(messageOf(error))
      })
    }, quietMs)
    return () => {
      window.clearTimeout(timer)
      leaving.abort()
    }
  }, [model, provider, round, logins])
  if (told === undefined) return <p class="next soft">Asking who is next …</p>
  if (typeof told === 'string') return <p class="next">{told}</p>
  const until = told.refusal?.until === undefined ? undefined : Date.parse(told.refusal.until)
  return (
    <p class="next">
      {told.next === undefined ? (
        <Badge tone="bad">nobody</Badge>
      ) : (
        <Badge tone={told.next.lane}>{told.next.lane}</Badge>
      )}{' '}
      {told.next === undefined ? '' : 'Next: '}
      {planText(told)}
      {until === undefined || !Number.isFinite(until)
        ? ''
        : ` Back ${clockTime(until, now)} (in ${countdown(until - now)}).`}
    </p>
  )
}
