import { setTimeout as sleep } from 'node:timers/promises'
import { RequestError } from '../../errors.ts'
import type { LedgerStore } from '../../ledger/ledger.ts'
import { readSqliteStore } from '../../stores/sqlite-reader.ts'
import { type Local, openLocal } from '../local.ts'
import { cleaned } from '../printable.ts'
import { withProgress } from '../terminal/progress.ts'
import { interrupted } from '../terminal/screen.ts'
import { viewOf } from '../terminal/view.ts'
import { logLine, type Row, toJson } from './line.ts'

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

/** `switchyard logs`: the newest attempts of the ledger, the newest last. */
export async function showLogs(flags: LogsFlags): Promise<void> {
  const lines = Number(flags.lines)
  if (!Number.isInteger(lines) || lines < 1 || lines > mostRows)
    throw new RequestError(
      'invalid_request',
      `--lines takes a number from 1 to ${mostRows}; got "${flags.lines.slice(0, 20)}"`,
    )
  const local = openLocal()
  const filters = [flags.failed, flags.key, flags.client, flags.provider].some((each) => each !== undefined)
  // What the filters leave may lie farther back.
  const first = await withProgress('Reading the ledger', read(local, flags, filters ? mostRows : lines))
  const seen = new Map<number, string>()
  const shown = first.filter((row) => fits(row, flags)).slice(0, lines)
  for (const row of first) seen.set(row.id, row.state)
  for (const row of shown.toReversed()) print(row, flags)
  if (flags.follow === true) await follow(local, flags, seen)
}

/** Rows that are new, and open ones that have ended, as they come. */
async function follow(local: Local, flags: LogsFlags, seen: Map<number, string>): Promise<void> {
  const signal = interrupted()
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal }).catch(() => {})
    if (signal.aborted) return
    const rows = await read(local, flags, 1000)
    for (const row of rows.toReversed()) {
      const before = seen.get(row.id)
      seen.set(row.id, row.state)
      if (row.state !== 'open' && before !== row.state && fits(row, flags)) print(row, flags)
    }
    for (const id of seen.keys()) if (seen.size > 20_000) seen.delete(id)
  }
}

async function read(local: Local, { request }: LogsFlags, limit: number): Promise<readonly Row[]> {
  const filter = { limit, ...(request === undefined ? {} : { call: request }) }
  const query = new URLSearchParams({
    limit: String(limit),
    ...(request === undefined ? {} : { call: request }),
  })
  const live = await local.ask<{ attempts: Awaited<ReturnType<LedgerStore['attempts']>> }>(
    `/admin/attempts?${String(query)}`,
  )
  if (live !== undefined) return cleaned(live.attempts)
  using store = readSqliteStore(local.loaded.home.ledgerFile)
  return cleaned(store?.attempts(filter) ?? [])
}

function fits(row: Row, { failed, key, client, provider }: LogsFlags): boolean {
  return (
    (failed !== true || !['done', 'open'].includes(row.state)) &&
    (key === undefined || row.key === key) &&
    (client === undefined || row.client === client) &&
    (provider === undefined || row.provider === provider)
  )
}

function print(row: Row, { json }: LogsFlags): void {
  console.log(json === true ? JSON.stringify(toJson(row)) : logLine(row, viewOf()))
}
