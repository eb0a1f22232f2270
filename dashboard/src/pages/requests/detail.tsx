import { useCallback, useEffect, useState } from 'preact/hooks'
import { ask, messageOf } from '../../api/ask.ts'
import { useLogins } from '../../api/logins.ts'
import type { Why } from '../../api/types.ts'
import { count, counted, usd } from '../../format/amount.ts'
import { duration, moment } from '../../format/when.ts'
import { Button } from '../../parts/button.tsx'
import { Badge } from '../../parts/gauge.tsx'
import { Command, Loading, Notice } from '../../parts/notice.tsx'
import { Section } from '../../parts/page.tsx'
import { Call } from './call.tsx'
import { Steps } from './steps.tsx'
import { timelineOf } from './timeline.ts'
import { endOf } from './words.ts'

/** What became of one request, and why it went the way it did. */
export function Detail({ id }: { readonly id: string }) {
  const { why, error, reload } = useWhy(id)
  return (
    <>
      <p class="mono request-id">{id}</p>
      {error === undefined ? null : (
        <Notice kind="error" title="Nothing can be told of this request.">
          {error}
        </Notice>
      )}
      {why === undefined ? (
        error === undefined ? (
          <Loading what="Reading the ledger" />
        ) : null
      ) : (
        <Story why={why} onReload={reload} />
      )}
    </>
  )
}

function Story({ why, onReload }: { readonly why: Why; readonly onReload: () => Promise<void> }) {
  const { id, at, client, asked, end, error, attempts } = why
  const [tone, words] = endOf(end)
  const timeline = timelineOf(why)
  return (
    <>
      {error === undefined ? null : (
        <Notice kind="warning" title={`The client was told: ${error.code}`}>
          {error.message}
          {error.until === undefined ? null : ` Back ${moment(Date.parse(error.until))}.`}
        </Notice>
      )}
      <Section
        title="What was asked"
        aside={
          end === 'open' ? (
            <Button small onPress={onReload}>
              Look again
            </Button>
          ) : undefined
        }
      >
        <dl class="facts">
          <dt>End</dt>
          <dd>
            <Badge tone={tone}>{words}</Badge>
          </dd>
          <dt>Model asked for</dt>
          <dd>{asked}</dd>
          <dt>Client</dt>
          <dd>{client === '' ? 'none' : client}</dd>
          <dt>At</dt>
          <dd title={at}>{moment(Date.parse(at))}</dd>
          {attempts.length === 0 ? null : (
            <>
              <dt>Took</dt>
              <dd>{duration(timeline.totalMs)}</dd>
              <dt>Used in all</dt>
              <dd>{usedInAll(attempts)}</dd>
            </>
          )}
        </dl>
      </Section>
      <Steps why={why} />
      <Section title={attempts.length === 0 ? 'No call was made' : 'Calls, the first one first'}>
        {attempts.length === 0 ? (
          <p class="soft">It was refused before a service was asked, so it used nothing.</p>
        ) : (
          <ol class="calls">
            {attempts.map((attempt, index) => (
              <Call
                key={attempt.number}
                attempt={attempt}
                span={timeline.spans[index]}
                totalMs={timeline.totalMs}
              />
            ))}
          </ol>
        )}
      </Section>
      <p class="hint">
        The same on the command line: <Command>{`switchyard why ${id}`}</Command>
      </p>
    </>
  )
}

function usedInAll(attempts: Why['attempts']): string {
  const tokens = attempts.reduce(
    (sum, each) => sum + (each.tokens?.input ?? 0) + (each.tokens?.output ?? 0),
    0,
  )
  const cost = attempts.reduce((sum, each) => sum + (each.usd ?? 0), 0)
  const unknown = attempts.filter((each) => each.usd === undefined && each.state !== 'open').length
  const rest = unknown === 0 ? '' : ` and ${counted(unknown, 'call')} of unknown cost`
  return `${count(tokens)} tokens, ${usd(cost)}${rest}`
}

interface Asked {
  readonly why: Why | undefined
  readonly error: string | undefined
  readonly reload: () => Promise<void>
}

function useWhy(id: string): Asked {
  const logins = useLogins()
  const [state, setState] = useState<Omit<Asked, 'reload'>>({ why: undefined, error: undefined })
  const load = useCallback(
    async (signal?: AbortSignal): Promise<void> => {
      try {
        const why = await ask<Why>('why', { body: { id }, ...(signal === undefined ? {} : { signal }) })
        setState({ why, error: undefined })
      } catch (error) {
        if (signal?.aborted !== true) setState(({ why }) => ({ why, error: messageOf(error) }))
      }
    },
    [id],
  )
  useEffect(() => {
    const leaving = new AbortController()
    void load(leaving.signal)
    return () => leaving.abort()
  }, [load, logins])
  return { ...state, reload: () => load() }
}
