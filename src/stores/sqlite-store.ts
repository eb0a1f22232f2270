import type { Worker } from 'node:worker_threads'
import type { Clock } from '../clock.ts'
import { RouterError } from '../errors.ts'
import type { Attempt, AttemptResult } from '../ledger/attempt.ts'
import type {
  Comparison,
  Decision,
  Hold,
  KeyTotal,
  LedgerStore,
  Opening,
  Owner,
  StoreState,
  UsageQuery,
  UsageRow,
  WindowCount,
} from '../ledger/ledger.ts'
import type { AttemptFilter, AttemptPage } from '../ledger/search.ts'
import { createLossReport, type LossReport } from './loss-report.ts'
import { type PackedUsage, unpackUsage } from './packed-usage.ts'
import type { Question, Refusal } from './sqlite-messages.ts'
import { LedgerThread, type ThreadEvents } from './sqlite-thread.ts'
import {
  compareRow,
  decideRow,
  holdRow,
  identifyRow,
  openRow,
  releaseRow,
  settleRow,
  type Write,
} from './sqlite-writes.ts'
import { type Waiter, WriteBatch } from './write-batch.ts'

interface StoreSettings {
  readonly path: string
  readonly clock: Clock
  readonly onError: (error: RouterError) => void
  readonly settleWaitMs: number
  readonly maxUnwritten: number
}

/** This side of the ledger's thread: collects rows, hands them over, and keeps the promises made for them. */
export class SqliteStore implements LedgerStore {
  readonly opening: Opening
  readonly #thread: LedgerThread
  readonly #settings: StoreSettings
  readonly #losses: LossReport
  #rows: Write[] = []
  #waiters: Waiter[] = []
  #turn: NodeJS.Immediate | undefined
  readonly #batches = new Map<number, WriteBatch>()
  #lastBatch = 0
  /** Rows in `#batches`. */
  #unwritten = 0
  /** Why the last try failed; undefined while the disk takes rows. */
  #failing: string | undefined
  /** Set once no row is taken any more. */
  #ended: RouterError | undefined
  #closing: Promise<void> | undefined

  constructor(worker: Worker, opening: Opening, settings: StoreSettings) {
    this.opening = opening
    this.#settings = settings
    this.#losses = createLossReport(settings.path, settings.onError)
    this.#thread = new LedgerThread(worker, {
      heard: (message) => this.#receive(message),
      ended: (cause) => this.#die(cause),
    })
  }

  get state(): StoreState {
    const problem = this.#ended?.message ?? this.#failing
    return { unwritten: this.#unwritten + this.#rows.length, ...(problem === undefined ? {} : { problem }) }
  }

  open(attempt: Attempt): void {
    this.#add(openRow(attempt))
  }

  /**
   * Resolves once the row is on disk. Rejects with `store_failed` after `settleWaitMs`, or at once while the disk is
   * known to refuse; the row stays queued all the same and is written when the disk takes rows again.
   */
  settle(result: AttemptResult): Promise<void> {
    return new Promise((resolve, reject) => {
      const refusal = this.#add(settleRow(result))
      if (refusal !== undefined) reject(refusal)
      else if (this.#failing !== undefined) reject(this.#late())
      else this.#waiters.push({ index: this.#rows.length - 1, resolve, reject })
    })
  }

  hold(hold: Hold): void {
    this.#add(holdRow(hold))
  }

  release(name: string): void {
    this.#add(releaseRow(name))
  }

  identify(owner: Owner): void {
    this.#add(identifyRow(owner))
  }

  compare(comparison: Comparison): void {
    this.#add(compareRow(comparison))
  }

  decide(decision: Decision): void {
    this.#add(decideRow(decision))
  }

  /** Resolves once everything given before is on disk; waits up to `settleWaitMs` for a disk that refuses. */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended)
      this.#waiters.push({ index: undefined, resolve, reject })
      this.#post()
    })
  }

  counts(since: number, until?: number): Promise<readonly WindowCount[]> {
    return this.#ask({ type: 'counts', since, until })
  }

  totals(since: number, until?: number): Promise<readonly KeyTotal[]> {
    return this.#ask({ type: 'totals', since, until })
  }

  async usage(query: UsageQuery): Promise<readonly UsageRow[]> {
    return unpackUsage(await this.#ask<PackedUsage>({ type: 'usage', query }))
  }

  comparisons(since: number): Promise<readonly Comparison[]> {
    return this.#ask({ type: 'comparisons', since })
  }

  decision(call: string): Promise<Decision | undefined> {
    return this.#ask({ type: 'decision', call })
  }

  attempts(filter: AttemptFilter): Promise<AttemptPage> {
    return this.#ask({ type: 'attempts', filter })
  }

  /** Writes what is left and closes the file. Rejects with `store_failed` if rows could not be written. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** The reason why the row was not taken, if it was not. */
  #add(row: Write): RouterError | undefined {
    const { maxUnwritten } = this.#settings
    if (this.#ended === undefined && this.#unwritten + this.#rows.length < maxUnwritten) {
      this.#rows.push(row)
      // Not a microtask: Node runs those after every socket's callback, so 64 answers ending in one turn of the loop
      // would be 64 messages. An immediate comes once, after all sockets of the turn, and an idle loop goes straight to it.
      this.#turn ??= setImmediate(() => this.#post())
      return undefined
    }
    const why = this.#failing ?? 'the disk does not keep up'
    const refusal =
      this.#ended ??
      new RouterError('store_failed', `the ledger has ${maxUnwritten} unwritten rows already: ${why}`)
    this.#losses.add(1, refusal.message)
    return refusal
  }

  #post(): void {
    clearImmediate(this.#turn)
    this.#turn = undefined
    const batch = new WriteBatch(this.#rows.length, this.#waiters, {
      waitMs: this.#settings.settleWaitMs,
      late: () => this.#late(),
      onQuiet: () => this.#thread.await(-1),
    })
    this.#thread.await(1)
    this.#lastBatch += 1
    this.#batches.set(this.#lastBatch, batch)
    this.#unwritten += batch.size
    const now = this.#settings.clock.now()
    this.#thread.send({ type: 'write', batch: this.#lastBatch, rows: this.#rows, now })
    this.#rows = []
    this.#waiters = []
  }

  #ask<T>(question: Question): Promise<T> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    if (this.#rows.length > 0) this.#post()
    return this.#thread.ask(question)
  }

  #receive(message: Parameters<ThreadEvents['heard']>[0]): void {
    switch (message.type) {
      case 'written':
        this.#failing = undefined
        return this.#written(message.upTo, message.refused)
      case 'failing': {
        const isNews = this.#failing === undefined
        this.#failing = message.why
        if (isNews) this.#settings.onError(this.#late())
        return
      }
      case 'upkeep-failed':
        return this.#settings.onError(
          new RouterError('store_failed', `upkeep of the ledger failed: ${message.why}`),
        )
    }
  }

  #written(upTo: number, refused: readonly Refusal[]): void {
    for (const [number, batch] of this.#batches) {
      if (number > upTo) break
      this.#batches.delete(number)
      this.#unwritten -= batch.size
      batch.written(
        new Map(
          refused
            .filter((row) => row.batch === number)
            .map(({ index, why }) => [
              index,
              new RouterError('store_failed', `the ledger cannot keep a row: ${why}`),
            ]),
        ),
      )
    }
    const last = refused.at(-1)
    if (last !== undefined) this.#losses.add(refused.length, last.why)
  }

  #late(): RouterError {
    const { path, settleWaitMs } = this.#settings
    const why = this.#failing ?? `the ledger "${path}" has not answered for ${settleWaitMs} ms`
    return new RouterError('store_failed', `${why}; rows wait in memory and are written when it works again`)
  }

  #die(cause: unknown): void {
    if (this.#ended !== undefined) return
    const rows = this.#unwritten + this.#rows.length
    const text = `the thread of the ledger "${this.#settings.path}" has died, ${rows} rows were not written: restart Switchyard`
    this.#ended = new RouterError('store_failed', text, { cause })
    this.#settings.onError(this.#ended)
    this.#forget(this.#ended)
  }

  /** Everybody who still waits is told. */
  #forget(error: RouterError): void {
    clearImmediate(this.#turn)
    for (const batch of this.#batches.values()) batch.fail(error)
    for (const waiter of this.#waiters) waiter.reject(error)
    this.#thread.failAll(error)
    this.#batches.clear()
    this.#rows = []
    this.#waiters = []
  }

  async #close(): Promise<void> {
    if (this.#ended !== undefined) return
    const { path, settleWaitMs } = this.#settings
    const flushed = this.flush()
    this.#ended = new RouterError('closed', `the ledger "${path}" is closed`)
    // A disk that refuses gets one more try when the thread closes; what is left then is counted below.
    await flushed.catch(() => undefined)
    this.#thread.await(1)
    this.#thread.send({ type: 'close' })
    const limit = setTimeout(() => void this.#thread.terminate(), settleWaitMs)
    await this.#thread.exited
    clearTimeout(limit)
    this.#forget(this.#ended)
    this.#losses.end()
    if (this.#unwritten === 0) return
    const why = this.#failing ?? 'its thread did not end in time'
    throw new RouterError('store_failed', `${this.#unwritten} rows of the ledger "${path}" are lost: ${why}`)
  }
}
