import { stripVTControlCharacters } from 'node:util'
import CliTable from 'cli-table3'

export interface Column {
  /** Left out in all columns: no line of titles. */
  readonly title?: string
  readonly align?: 'left' | 'right'
  /** Where the lines do not fit, this column is cut, down to `least` columns. */
  readonly least?: number
}

const gap = '  '
const none = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid'].flatMap((name) =>
    ['', '-mid', '-left', '-right'].map((part) => [`${name}${part}`, '']),
  ),
)

/** Lines with their columns under each other, without frames. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { width = Infinity, indent = 0 }: { readonly width?: number; readonly indent?: number } = {},
): string[] {
  const titles = columns.some(({ title }) => title !== undefined)
    ? columns.map(({ title = '' }) => title)
    : undefined
  const all = titles === undefined ? rows : [titles, ...rows]
  if (all.length === 0) return []
  const widths = fit(columns, all, width - indent)
  const made = new CliTable({
    chars: { ...none, middle: gap },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colAligns: columns.map(({ align = 'left' }) => align),
    colWidths: widths,
  })
  for (const row of all) made.push(row.map((cell, index) => cut(cell, widths[index] ?? Infinity)))
  const margin = ' '.repeat(indent)
  return made
    .toString()
    .split('\n')
    .map((line) => (margin + line).trimEnd())
}

/** Widths of what stands in the columns; those that may be cut give way, the widest first. */
function fit(columns: readonly Column[], rows: readonly (readonly string[])[], room: number): number[] {
  const widths = columns.map((_, index) => Math.max(1, ...rows.map((row) => widthOf(row[index] ?? ''))))
  let over = widths.reduce((sum, each) => sum + each, 0) + gap.length * (columns.length - 1) - room
  while (over > 0) {
    const [widest] = columns
      .map(({ least = Infinity }, index) => ({ index, spare: (widths[index] ?? 0) - least }))
      .filter(({ spare }) => spare > 0)
      .toSorted((left, right) => (widths[right.index] ?? 0) - (widths[left.index] ?? 0))
    if (widest === undefined) return widths
    widths[widest.index] = (widths[widest.index] ?? 0) - 1
    over--
  }
  return widths
}

/** Shortened in its middle: names of keys and models differ at their ends. What carries colours is left as it is. */
export function cut(text: string, width: number): string {
  if (text.length <= width || text.includes('\u001b')) return text
  const end = Math.floor((width - 1) / 2)
  return `${text.slice(0, width - 1 - end)}…${text.slice(text.length - end)}`
}

/** `1 call`, `2 calls`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length
}

/** A text in lines of at most `width` columns, broken between words. */
export function wrap(text: string, width: number, indent = ''): string[] {
  const lines: string[] = []
  let line = indent
  for (const word of text.split(/\s+/)) {
    if (line.length > indent.length && line.length + 1 + word.length > width) {
      lines.push(line)
      line = indent
    }
    line += (line.length > indent.length ? ' ' : '') + word
  }
  return [...lines, line]
}
