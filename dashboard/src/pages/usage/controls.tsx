import { useEffect, useState } from 'preact/hooks'
import { useAsked } from '../../api/use-asked.ts'
import type { Listing, UsageReport } from '../../api/types.ts'
import { Choice, Field } from '../../parts/field.tsx'
import { Suggest } from '../../parts/suggest.tsx'
import {
  dayAfter,
  dayFrom,
  groups,
  isByDays,
  lastDay,
  measures,
  type Measure,
  type Question,
  ranges,
} from './question.ts'

const rangeWords = { today: 'today, by hours', '7d': '7 days', '30d': '30 days', '90d': '90 days' } as const

export const measureWords: Readonly<Record<Measure, string>> = {
  usd: 'spent',
  free: 'free value',
  tokens: 'tokens',
  requests: 'requests',
}

interface ControlsProps {
  readonly question: Question
  /** What is drawn, chosen or not. */
  readonly measure: Measure | undefined
  /** The range that is shown, to begin from when days are to be chosen. */
  readonly shown: Pick<UsageReport, 'since' | 'until'> | undefined
  readonly onAsk: (changed: Partial<Question>) => void
}

export function Controls({ question, measure, shown, onAsk }: ControlsProps) {
  const { by } = question
  return (
    <div class="panel usage-controls" role="group" aria-label="What is shown">
      <Range question={question} shown={shown} onAsk={onAsk} />
      <Choice
        label="By"
        value={by}
        options={groups.map((each) => [each, each])}
        onChange={(value) => onAsk({ by: groups.find((each) => each === value) ?? 'model' })}
      />
      <Choice
        label="Chart of"
        value={measure ?? ''}
        options={[
          ...(measure === undefined ? [['', '…'] as const] : []),
          ...measures.map((each) => [each, measureWords[each]] as const),
        ]}
        onChange={(value) => onAsk({ show: measures.find((each) => each === value) })}
      />
      <Reference reference={question.reference} onAsk={onAsk} />
    </div>
  )
}

function Range({ question, shown, onAsk }: Omit<ControlsProps, 'measure'>) {
  const { since, until } = question
  const byDays = isByDays(question)
  const own = byDays || ranges.some((each) => each === since) ? [] : [[since, since] as const]
  const choose = (value: string): void => {
    if (value !== '') return onAsk({ since: value, until: '' })
    const [first, end] = [Date.parse(shown?.since ?? ''), Date.parse(shown?.until ?? '')]
    onAsk({ since: dayFrom(first) || since, until: dayAfter(dayFrom(end - 1)) })
  }
  return (
    <>
      <Choice
        label="Range (UTC)"
        value={byDays ? '' : since}
        options={[...ranges.map((each) => [each, rangeWords[each]] as const), ...own, ['', 'from … to …']]}
        onChange={choose}
      />
      {byDays ? (
        <>
          <Field
            label="From"
            type="date"
            value={dayFrom(Date.parse(since))}
            onChange={(day) => (day === '' ? undefined : onAsk({ since: day }))}
          />
          <Field
            label="To (included)"
            type="date"
            value={lastDay(until)}
            onChange={(day) => onAsk({ until: dayAfter(day) })}
          />
        </>
      ) : null}
    </>
  )
}

/** By whose price free calls are valued. */
function Reference({
  reference,
  onAsk,
}: {
  readonly reference: string
  readonly onAsk: (changed: Partial<Question>) => void
}) {
  const { data } = useAsked<Listing>('models')
  const [draft, setDraft] = useState(reference)
  useEffect(() => setDraft(reference), [reference])
  const priced = data?.models.filter(({ price }) => price !== undefined) ?? []
  const usual = data?.reference
  return (
    <Suggest
      label="Reference model"
      value={draft}
      options={priced.map(({ provider, id }) => `${provider}/${id}`)}
      onChange={setDraft}
      onCommit={(name) => onAsk({ reference: name.trim() })}
      placeholder={usual === undefined ? '' : `${usual.provider}/${usual.id}`}
    />
  )
}
