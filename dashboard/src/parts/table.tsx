import type { ComponentChildren } from 'preact'

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => ComponentChildren
  readonly align?: 'right'
  /** Dropped on a narrow screen. */
  readonly wideOnly?: boolean
  /** Takes what room is left, and is cut when there is none. */
  readonly wide?: boolean
}

interface TableProps<Row> {
  /** What the rows are, for who cannot see the page. */
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string | number
  readonly foot?: Row | undefined
}

/** Rows under headings, in a box that scrolls sideways where they do not fit. */
export function Table<Row>({ caption, columns, rows, keyOf, foot }: TableProps<Row>) {
  const cells = (row: Row): ComponentChildren =>
    columns.map((column) => (
      <td key={column.title} class={classOf(column)}>
        {column.cell(row)}
      </td>
    ))
  return (
    <div class="table-box" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" class={classOf(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>{cells(row)}</tr>
          ))}
        </tbody>
        {foot === undefined ? null : (
          <tfoot>
            <tr>{cells(foot)}</tr>
          </tfoot>
        )}
      </table>
    </div>
  )
}

function classOf<Row>({ align, wideOnly, wide }: Column<Row>): string {
  return [align === 'right' ? 'right' : '', wideOnly === true ? 'wide-only' : '', wide === true ? 'wide' : '']
    .filter((name) => name !== '')
    .join(' ')
}
