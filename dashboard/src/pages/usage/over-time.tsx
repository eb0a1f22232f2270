import { useMemo } from 'preact/hooks'
import type { UsageReport } from '../../api/types.ts'
import { count, short, usd } from '../../format/amount.ts'
import { Chart } from '../../parts/chart.tsx'
import { Section } from '../../parts/page.tsx'
import type { Stack } from '../../parts/stack.ts'
import { type Column, Table } from '../../parts/table.tsx'
import { measureWords } from './controls.tsx'
import { type Group, type Measure, stepMs } from './question.ts'
import { mostBars } from './reports.ts'
import { seriesOf } from './series.ts'

interface OverTimeProps {
  readonly report: UsageReport | undefined
  readonly by: Group
  readonly step: 'hour' | 'day'
  readonly measure: Measure
}

/** One sum over time, by the largest names: as a chart, and the same figures as a table. */
export function OverTime({ report, by, step, measure }: OverTimeProps) {
  const series = useMemo(
    () => (report === undefined ? undefined : seriesOf(report, measure, stepMs[step])),
    [report, measure, step],
  )
  const what = `${measureWords[measure]} by ${step}s and ${by}`
  if (report === undefined || series === undefined)
    return (
      <Section title={capital(what)}>
        <p class="soft">A chart shows {mostBars} days at the most. The sums below are of the whole range.</p>
      </Section>
    )
  const { times, stacks } = series
  const nameOf = step === 'hour' ? hourName : dayName
  return (
    <Section title={capital(what)} aside="UTC">
      {report.by.length === 1 ? (
        <p class="soft">There are too many names to show each by itself over time.</p>
      ) : null}
      {stacks.length === 0 ? (
        <p class="soft">{nothing[measure]}</p>
      ) : (
        <>
          <Chart
            label={`Chart: ${what}. The same figures are in the table below it.`}
            times={times}
            stepMs={stepMs[step]}
            stacks={stacks}
            format={formats[measure]}
            nameOf={nameOf}
            isWhole={measure === 'tokens' || measure === 'requests'}
          />
          <details>
            <summary>The figures of this chart</summary>
            <Figures
              times={times}
              stacks={stacks}
              format={wholeFormats[measure]}
              nameOf={nameOf}
              step={step}
            />
          </details>
        </>
      )}
    </Section>
  )
}

const formats: Readonly<Record<Measure, (value: number) => string>> = {
  usd,
  free: usd,
  tokens: short,
  requests: short,
}
const wholeFormats = { ...formats, tokens: count, requests: count }

const nothing: Readonly<Record<Measure, string>> = {
  usd: 'Nothing was spent.',
  free: 'No free call has a value: none was made, or no price is known to tell it by.',
  tokens: 'No tokens were used.',
  requests: 'No request was made.',
}

interface FiguresProps {
  readonly times: readonly number[]
  readonly stacks: readonly Stack[]
  readonly format: (value: number) => string
  readonly nameOf: (time: number) => string
  readonly step: 'hour' | 'day'
}

function Figures({ times, stacks, format, nameOf, step }: FiguresProps) {
  const sumAt = (index: number): number => stacks.reduce((sum, { values }) => sum + (values[index] ?? 0), 0)
  const columns: readonly Column<number>[] = [
    { title: capital(step), cell: (index) => nameOf(times[index] ?? 0) },
    ...stacks.map(({ name, values }) => ({
      title: name,
      cell: (index: number) => format(values[index] ?? 0),
      align: 'right' as const,
    })),
    { title: 'Together', cell: (index) => format(sumAt(index)), align: 'right' },
  ]
  return (
    <Table
      caption="The figures of the chart"
      columns={columns}
      rows={times.map((_, index) => index)}
      keyOf={(index) => index}
    />
  )
}

const dayFormat = new Intl.DateTimeFormat(undefined, { timeZone: 'UTC', day: 'numeric', month: 'short' })
const hourFormat = new Intl.DateTimeFormat(undefined, {
  timeZone: 'UTC',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})

function dayName(time: number): string {
  return dayFormat.format(time)
}

function hourName(time: number): string {
  return hourFormat.format(time)
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
