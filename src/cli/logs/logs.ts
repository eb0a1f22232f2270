import { setTimeout as sleep } from 'node:timers/promises'
import type { KnownAttempt } from '../../ledger/attempt.ts'
import type { AttemptFilter, AttemptPage } from '../../ledger/search.ts'
import { readSqliteStore } from '../../stores/sqlite-reader.ts'
import { type Local, openLocal } from '../local.ts'
import { cleaned } from '../printable.ts'
import { withProgress } from '../terminal/progress.ts'
import { interrupted } from '../terminal/screen.ts'
import { viewOf } from '../terminal/view.ts'
import { WrongUsage } from '../wrong-usage.ts'
import { logLine, toJson } from './line.ts'

export interface LogsFlags {
  readonly lines: string
  readonly follow?: boolean
  readonly failed?: boolean
  readonly request?: string
  readonly key?: string
  readonly client?: string
  readonly provider?: string
  readonly json?: boolean
}

/** The most that one question returns. */
const mostRows = 10_000
const everyMs = 1000
/** Looked at again every second while following. */
const newestRows = 1000
const badEnds = ['failed', 'aborted', 'truncated', 'interrupted'] as const

/** `switchyard logs`: the newest attempts of the ledger, the newest last. */
export async function showLogs(flags: LogsFlags): Promise<void> {
  const lines = Number(flags.lines)
  if (!Number.isInteger(lines) || lines < 1 || lines > mostRows)
    throw new WrongUsage(`--lines takes a number from 1 to ${mostRows}; got "${flags.lines.slice(0, 20)}"`)
  const local = openLocal()
  const seen = new Map<number, string>()
  if (flags.follow === true) for (const row of await newest(local, flags)) seen.set(row.id, row.state)
  const shown = await withProgress('Searching the ledger', find(local, flags, lines))
  for (const row of shown.toReversed()) {
    seen.set(row.id, row.state)
    print(row, flags)
  }
  if (flags.follow === true) await follow(local, flags, seen)
}

/** Rows that are new, and open ones that have ended, as they come. */
async function follow(local: Local, flags: LogsFlags, seen: Map<number, string>): Promise<void> {
  const signal = interrupted()
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal }).catch(() => {})
    if (signal.aborted) return
    const rows = await newest(local, flags)
    for (const row of rows.toReversed()) {
      const before = seen.get(row.id)
      seen.set(row.id, row.state)
      if (row.state !== 'open' && before !== row.state && fits(row, flags)) print(row, flags)
    }
    for (const id of seen.keys()) if (seen.size > 20_000) seen.delete(id)
  }
}

/** Goes on until as many as asked for are found, however far back they lie. */
async function find(local: Local, flags: LogsFlags, lines: number): Promise<readonly KnownAttempt[]> {
  const { request: call, key, client, provider, failed } = flags
  const given = { call, key, client, provider, states: failed === true ? badEnds : undefined }
  const filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const found: KnownAttempt[] = []
  using source = openSource(local)
  for (let before: number | undefined; found.length < lines;) {
    const page = await source.read({
      ...filter,
      limit: lines - found.length,
      ...(before === undefined ? {} : { before }),
    })
    found.push(...page.attempts)
    before = page.next
    if (before === undefined) break
  }
  return cleaned(found)
}

/** To see which of them change. */
async function newest(local: Local, { request }: LogsFlags): Promise<readonly KnownAttempt[]> {
  using source = openSource(local)
  const filter = { limit: newestRows, ...(request === undefined ? {} : { call: request }) }
  return cleaned((await source.read(filter)).attempts)
}

interface Source extends Disposable {
  read(filter: AttemptFilter): Promise<AttemptPage>
}

/** The running gateway, else the ledger's file, which is opened once. */
function openSource(local: Local): Source {
  let store: ReturnType<typeof readSqliteStore>
  return {
    async read(filter) {
      if (store !== undefined) return store.attempts(filter)
      const { states, ...rest } = filter
      const query = new URLSearchParams(
        Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)]),
      )
      if (states !== undefined) query.set('state', states.join(','))
      const live = await local.ask<AttemptPage>(`/admin/attempts?${String(query)}`)
      if (live !== undefined) return live
      store = readSqliteStore(local.loaded.home.ledgerFile)
      return store?.attempts(filter) ?? { attempts: [] }
    },
    [Symbol.dispose]: () => store?.[Symbol.dispose](),
  }
}

function fits(row: KnownAttempt, { failed, key, client, provider }: LogsFlags): boolean {
  return (
    (failed !== true || badEnds.some((state) => state === row.state)) &&
    (key === undefined || row.key === key) &&
    (client === undefined || row.client === client) &&
    (provider === undefined || row.provider === provider)
  )
}

function print(row: KnownAttempt, { json }: LogsFlags): void {
  console.log(json === true ? JSON.stringify(toJson(row)) : logLine(row, viewOf()))
}
