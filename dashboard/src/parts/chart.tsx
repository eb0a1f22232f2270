import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import './chart.css'
import { colours, onThemeChange } from './chart-colours.ts'
import { edgesOf, type Stack } from './stack.ts'

interface ChartProps {
  /** What it shows, for who cannot see it; the figures belong in a table beside it. */
  readonly label: string
  /** Beginnings of the buckets, epoch milliseconds, evenly apart. */
  readonly times: readonly number[]
  readonly stepMs: number
  /** The first one stands at the bottom. No more than eight beside the rest: there are no more colours. */
  readonly stacks: readonly Stack[]
  readonly format: (value: number) => string
  /** How a bucket is called. */
  readonly nameOf: (time: number) => string
  /** Values are counts: no marks between whole numbers. */
  readonly isWhole?: boolean
}

/** Stacked bars over time, as wide as their box, in the colours of the theme. */
export function Chart({ label, times, stepMs, stacks, format, nameOf, isWhole = false }: ChartProps) {
  const box = useRef<HTMLDivElement>(null)
  const [hovered, setHovered] = useState<number>()
  const data = useMemo(() => aligned(times, stacks), [times, stacks])
  useEffect(() => {
    const host = box.current
    if (host === null) return
    const plot = new uPlot(
      options({ host, stacks, times, stepMs, format, nameOf, isWhole, onHover: setHovered }),
      data,
      host,
    )
    const resize = new ResizeObserver(() => plot.setSize(sizeOf(host)))
    resize.observe(host)
    const forget = onThemeChange(() => plot.redraw(false, true))
    return () => {
      forget()
      resize.disconnect()
      plot.destroy()
    }
  }, [data, stepMs, format, nameOf, isWhole])
  const at = hovered === undefined ? undefined : times[hovered]
  return (
    <figure class="chart">
      <div class="chart-box" ref={box} role="img" aria-label={label} />
      <figcaption class="chart-legend" aria-hidden="true">
        <span class="chart-when">{at === undefined ? 'In all' : nameOf(at)}</span>
        {stacks.map((stack, index) => (
          <span key={stack.name} class="chart-name">
            <span class={`chart-mark ${stack.isRest === true ? 'chart-rest' : `chart-${index + 1}`}`} />
            {stack.name}{' '}
            <span class="number soft">
              {format(hovered === undefined ? sum(stack.values) : (stack.values[hovered] ?? 0))}
            </span>
          </span>
        ))}
      </figcaption>
    </figure>
  )
}

/** The tallest edge first, so that each lower one is drawn over the foot of the one before. */
function aligned(times: readonly number[], stacks: readonly Stack[]): uPlot.AlignedData {
  // A bar of no height would still draw its edge over the line at the foot.
  const edges = edgesOf(stacks, times.length).map((edge) => edge.map((value) => (value === 0 ? null : value)))
  return [times.map((time) => time / 1000), ...edges.toReversed()]
}

interface Drawn extends Omit<ChartProps, 'label'> {
  readonly host: HTMLElement
  readonly isWhole: boolean
  readonly onHover: (index: number | undefined) => void
}

function options({ host, stacks, times, stepMs, format, nameOf, isWhole, onHover }: Drawn): uPlot.Options {
  const colour = colours(host)
  const bars = uPlot.paths.bars?.({ size: [0.86, times.length < 4 ? 160 : Infinity], align: 1 })
  const fontSize = Number.parseFloat(getComputedStyle(host).fontSize)
  const font = `${fontSize}px system-ui, sans-serif`
  const axis = { stroke: () => colour('--soft'), font, ticks: { show: false } }
  const first = (times[0] ?? 0) / 1000
  const end = ((times.at(-1) ?? 0) + stepMs) / 1000
  return {
    ...sizeOf(host),
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    scales: {
      x: { time: true, range: [first, end] },
      y: {
        range: (_, __, most) => uPlot.rangeNum(0, Number.isFinite(most) && most > 0 ? most : 1, 0.1, true),
      },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 2.5 * fontSize,
        space: 5.8 * fontSize,
        // Under the bar, which begins at its time.
        align: 1,
        incrs: [1, 2, 3, 6, 12, 24].map((steps) => (steps * stepMs) / 1000),
        values: (_, splits) => splits.map((seconds) => (seconds < end ? nameOf(seconds * 1000) : '')),
      },
      {
        ...axis,
        grid: { stroke: () => colour('--line'), width: 1 },
        ...(isWhole ? { incrs: wholeSteps } : {}),
        size: (_, values) =>
          16 + (2 / 3) * fontSize * Math.max(3, ...(values ?? []).map(({ length }) => length)),
        values: (_, splits) => splits.map(format),
      },
    ],
    series: [
      {},
      ...stacks
        .map((stack, index) => ({
          label: stack.name,
          fill: () => colour(stack.isRest === true ? '--chart-rest' : `--chart-${index + 1}`),
          // A thin line between what stands on top of each other.
          stroke: () => colour('--panel'),
          width: 1,
          points: { show: false },
          ...(bars === undefined ? {} : { paths: bars }),
        }))
        .toReversed(),
    ],
    hooks: { setCursor: [(plot) => onHover(bucketUnder(plot, stepMs))] },
  }
}

/** Bars stand to the right of their time: the nearest time may be that of the next one. */
function bucketUnder({ cursor, posToVal, data }: uPlot, stepMs: number): number | undefined {
  const { left } = cursor
  const [times] = data
  const first = times[0]
  if (left === undefined || left < 0 || first === undefined) return undefined
  const index = Math.floor(((posToVal(left, 'x') - first) * 1000) / stepMs)
  return index >= 0 && index < times.length ? index : undefined
}

const wholeSteps = Array.from({ length: 13 }, (_, power) =>
  [1, 2, 5].map((step) => step * 10 ** power),
).flat()

function sizeOf(host: HTMLElement): { width: number; height: number } {
  return { width: Math.max(200, host.clientWidth), height: Math.max(120, host.clientHeight) }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
