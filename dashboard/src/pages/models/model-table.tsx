import type { PricedModel } from '../../api/types.ts'
import { count } from '../../format/amount.ts'
import { clockTime } from '../../format/when.ts'
import { Button } from '../../parts/button.tsx'
import { Badge } from '../../parts/gauge.tsx'
import { Rest } from '../../parts/rest.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { canText, contextText, priceText } from './model-text.ts'
import { nameOf, type Standing } from './standing.ts'

/** More would be neither read nor drawn in time. */
const mostRows = 200

interface ModelTableProps {
  readonly models: readonly PricedModel[]
  readonly standings: ReadonlyMap<string, Standing>
  readonly now: number
  readonly onPlan: (model: string) => void
}

export function ModelTable({ models, standings, now, onPlan }: ModelTableProps) {
  const columns: readonly Column<PricedModel>[] = [
    {
      title: 'Model',
      wide: true,
      cell: (model) => <Model model={model} standing={standings.get(nameOf(model))} now={now} />,
    },
    { title: 'Provider', cell: ({ provider }) => provider },
    { title: 'Lane', cell: ({ lane }) => <Badge tone={lane}>{lane}</Badge> },
    { title: '$/M in, out', align: 'right', cell: priceText },
    {
      title: 'Context',
      align: 'right',
      cell: (model) => (
        <span title={model.contextTokens === undefined ? 'not told' : `${count(model.contextTokens)} tokens`}>
          {contextText(model)}
        </span>
      ),
    },
    { title: 'Can', cell: canText },
    {
      title: 'Try',
      cell: ({ id, kind }) => (
        <span class="models-actions">
          <Button small label={`Plan for ${id}`} onPress={() => onPlan(id)}>
            Plan
          </Button>
          {kind === 'embeddings' ? null : (
            <a
              href={`/dashboard/playground?model=${encodeURIComponent(id)}`}
              aria-label={`${id} in the playground`}
            >
              Playground
            </a>
          )}
        </span>
      ),
    },
  ]
  return (
    <>
      <Table caption="Models" columns={columns} rows={models.slice(0, mostRows)} keyOf={nameOf} />
      {models.length > mostRows ? (
        <p class="soft">and {count(models.length - mostRows)} more; narrow the list down to see them</p>
      ) : null}
    </>
  )
}

function Model({
  model: { id, expiresAt },
  standing,
  now,
}: {
  readonly model: PricedModel
  readonly standing: Standing | undefined
  readonly now: number
}) {
  const { rest, restsAt = 0, pricedSince } = standing ?? {}
  return (
    <>
      <span class="models-name">
        <span class="mono">{id}</span>
        {rest === undefined && restsAt === 0 ? null : <Badge tone="warn">resting</Badge>}
        {pricedSince === undefined ? null : <Badge tone="bad">was free</Badge>}
      </span>
      {rest === undefined ? null : <Rest who="It" rest={rest} now={now} />}
      {restsAt === 0 ? null : (
        <p class="rest">It rests at {restsAt === 1 ? 'one account' : `${count(restsAt)} accounts`}.</p>
      )}
      {pricedSince === undefined ? null : (
        <p class="rest">It was free and has a price since {clockTime(Date.parse(pricedSince), now)}.</p>
      )}
      {expiresAt === undefined ? null : <p class="hint">It may be gone after {clockTime(expiresAt, now)}.</p>}
    </>
  )
}
