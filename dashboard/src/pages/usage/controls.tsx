import { useEffect, useState } from 'preact/hooks'
import { useAsked } from '../../api/use-asked.ts'
import type { Listing } from '../../api/types.ts'
import { Choice, Field } from '../../parts/field.tsx'
import { Suggest } from '../../parts/suggest.tsx'
import { groups, measures, type Measure, type Question, ranges } from './question.ts'

const rangeWords = {
  today: 'today, by hours',
  '7d': '7 days',
  '30d': '30 days',
  '90d': '90 days',
  custom: 'from … to …',
} as const

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
  readonly onAsk: (changed: Partial<Question>) => void
}

export function Controls({ question, measure, onAsk }: ControlsProps) {
  const { range, from, to, by } = question
  return (
    <div class="panel usage-controls" role="group" aria-label="What is shown">
      <Choice
        label="Range (UTC)"
        value={range}
        options={ranges.map((each) => [each, rangeWords[each]])}
        onChange={(value) => onAsk({ range: ranges.find((each) => each === value) ?? '7d' })}
      />
      {range === 'custom' ? (
        <>
          <Field label="From" type="date" value={from} onChange={(day) => onAsk({ from: day })} />
          <Field label="To (included)" type="date" value={to} onChange={(day) => onAsk({ to: day })} />
        </>
      ) : null}
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
