import {
  type CaseName,
  caseNames,
  type ClientUnderTest,
  remarkOn,
  type Side,
  sides,
} from './client-under-test.ts'
import { cases } from './cases/index.ts'

/** What one case came to, on one side. */
export interface Cell {
  /** Undefined for a case that is the same on both sides. */
  readonly side: Side | undefined
  readonly result: 'passed' | 'failed' | 'cannot'
  readonly shown: string
  /** What went wrong, why it cannot, or what to know. */
  readonly remark: string | undefined
}

export interface Row {
  readonly client: ClientUnderTest
  readonly cells: Readonly<Record<CaseName, readonly Cell[]>>
}

const caseMs = 30_000
// Much of the time is waiting that the clients do; more rows at once than this would disturb each other's clocks.
const rowsAtOnce = 4

/** Runs every case of every client, a few clients at a time. Rows come in the order of the clients. */
export async function runMatrix(
  clients: readonly ClientUnderTest[],
  onRow: (row: Row) => void,
): Promise<readonly Row[]> {
  const rows: Row[] = []
  const waiting = [...clients.entries()]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, client] = next
      const row = await runRow(client)
      rows[index] = row
      onRow(row)
    }
  }
  await Promise.all(Array.from({ length: rowsAtOnce }, work))
  return rows
}

async function runRow(client: ClientUnderTest): Promise<Row> {
  const cells: Partial<Record<CaseName, readonly Cell[]>> = {}
  for (const name of caseNames) {
    const own: Cell[] = []
    if (cases[name].sides === 'each') for (const side of sides) own.push(await runCell(client, name, side))
    else own.push({ ...(await runCell(client, name, 'openrouter')), side: undefined })
    cells[name] = own
  }
  return { client, cells: cells as Row['cells'] }
}

async function runCell(client: ClientUnderTest, name: CaseName, side: Side): Promise<Cell> {
  const cannot = remarkOn(client.cannot, name, side)
  if (cannot !== undefined) return { side, result: 'cannot', shown: '–', remark: cannot }
  try {
    const shown = await withinTime(cases[name].run(client, side))
    return { side, result: 'passed', shown, remark: remarkOn(client.notes ?? {}, name, side) }
  } catch (error) {
    const remark = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    return { side, result: 'failed', shown: 'FAIL', remark }
  }
}

export async function withinTime<Value>(work: Promise<Value>): Promise<Value> {
  const end = Promise.withResolvers<never>()
  const timer = setTimeout(() => end.reject(new Error(`not done within ${caseMs / 1000} s`)), caseMs)
  try {
    return await Promise.race([work, end.promise])
  } finally {
    clearTimeout(timer)
  }
}
