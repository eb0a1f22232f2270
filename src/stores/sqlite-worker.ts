import type { UsageRow } from '../ledger/ledger.ts'
import type { DatabaseSync } from 'node:sqlite'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { explainFailure } from './sqlite-errors.ts'
import { openLedgerFile } from './sqlite-file.ts'
import { type PackedUsage, packUsage } from './packed-usage.ts'
import type { FromThread, Question, ThreadData, ToThread } from './sqlite-messages.ts'
import { Rollups } from './rollups.ts'
import { readComparisons, readDecision, type Slices } from './sqlite-reads.ts'
import { readAttempts } from './sqlite-search.ts'
import { readCounts, readTotals, readUsage } from './sqlite-sums.ts'
import { createWriter, reconcile } from './sqlite-writes.ts'
import { Upkeep } from './upkeep.ts'

/** While the disk refuses, everything is tried again this often; not with each batch, which would cost more each time. */
const retryMs = 500

/** Between two steps of upkeep, for rows and questions. */
const pauseMs = 5

/** After which it is seen whether somebody still reads rows that are to be removed. */
const readingMs = 100

/** Upkeep is looked after when so many rows were written, or after an hour. */
const upkeepRows = 1000
const upkeepMs = 3_600_000

/** The ledger's thread: it alone holds the file. Commits and checkpoints block it, never the event loop of requests. */
function serve(port: MessagePort, { path, now: openedAt, keep }: ThreadData): void {
  const post = (message: FromThread): void => port.postMessage(message)
  let db: DatabaseSync
  let rollups: Rollups
  try {
    db = openLedgerFile(path)
    rollups = new Rollups(db)
    post({ type: 'opened', opening: reconcile(db, openedAt, rollups) })
  } catch (error) {
    const { code, message } = explainFailure(error, path)
    post({ type: 'not-opened', code: code === 'config' ? code : 'store_failed', message })
    port.close()
    return
  }
  const writeRows = createWriter(db, rollups)
  const upkeep = new Upkeep(db, rollups, keep)
  let now = openedAt
  let upkeepAt = openedAt
  let rowsSince = 0
  let reads = 0
  let nextUpkeep: NodeJS.Timeout | undefined
  const backlog: Extract<ToThread, { type: 'write' }>[] = []
  let turn: NodeJS.Immediate | undefined
  let retry: NodeJS.Timeout | undefined

  const write = (): void => {
    clearImmediate(turn)
    clearTimeout(retry)
    turn = retry = undefined
    if (backlog.length === 0) return
    const rows = backlog.flatMap(({ batch, rows: all }) => all.map((row, index) => ({ batch, index, row })))
    try {
      const refused = writeRows(rows.map(({ row }) => row)).map(({ index, why }) => ({
        batch: rows[index]?.batch ?? 0,
        index: rows[index]?.index ?? 0,
        why,
      }))
      post({ type: 'written', upTo: backlog.at(-1)?.batch ?? 0, refused })
      backlog.length = 0
      rowsSince += rows.length
      if (rowsSince >= upkeepRows || Math.abs(now - upkeepAt) >= upkeepMs)
        nextUpkeep ??= setTimeout(keepUp, pauseMs)
    } catch (error) {
      post({ type: 'failing', why: explainFailure(error, path).message })
      retry = setTimeout(write, retryMs)
    }
  }
  const keepUp = (): void => {
    nextUpkeep = undefined
    rowsSince = 0
    upkeepAt = now
    // What the disk refuses is tried again after the next rows that it takes.
    if (retry !== undefined) return
    try {
      const readers = reads
      if (upkeep.step(now, { removing: readers === 0 })) nextUpkeep = setTimeout(keepUp, pauseMs)
      else if (readers > 0) nextUpkeep = setTimeout(keepUp, readingMs)
    } catch (error) {
      post({ type: 'upkeep-failed', why: explainFailure(error, path).message })
    }
  }
  const answer = (ask: number, read: Slices<unknown>): void => {
    try {
      const { done, value } = read.next()
      if (done !== true) return void setImmediate(answer, ask, read)
      reads -= 1
      post({ type: 'answer', ask, answer: value })
    } catch (error) {
      reads -= 1
      const { code, message } = explainFailure(error, path)
      post({ type: 'no-answer', ask, why: message, isRequestFault: code === 'invalid_request' })
    }
  }
  nextUpkeep = setTimeout(keepUp, pauseMs)
  port.on('message', (message: ToThread) => {
    switch (message.type) {
      case 'write':
        now = message.now
        backlog.push(message)
        // After this turn: one transaction takes all that arrived while the last one was on its way to the disk.
        if (retry === undefined) turn ??= setImmediate(write)
        return
      case 'ask':
        // What was given before the question belongs in the answer.
        if (retry === undefined) write()
        reads += 1
        return answer(message.ask, readSlices(db, message.question))
      case 'close':
        write()
        clearTimeout(retry)
        clearTimeout(nextUpkeep)
        db.close()
        port.close()
    }
  })
}

function readSlices(db: DatabaseSync, question: Question): Slices<unknown> {
  switch (question.type) {
    case 'counts':
      return readCounts(db, question)
    case 'totals':
      return readTotals(db, question)
    case 'usage':
      return packed(readUsage(db, question.query))
    case 'comparisons':
      return readComparisons(db, question.since)
    case 'decision':
      return readDecision(db, question.call)
    case 'attempts':
      return readAttempts(db, question.filter)
  }
}

function* packed(read: Slices<readonly UsageRow[]>): Slices<PackedUsage> {
  return packUsage(yield* read)
}

if (parentPort !== null) serve(parentPort, workerData as ThreadData)
