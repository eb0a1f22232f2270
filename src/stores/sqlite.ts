import { resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Clock } from '../clock.ts'
import { ConfigError, RouterError } from '../errors.ts'
import type { LedgerStore } from '../ledger/ledger.ts'
import { defaultRetention, type Retention } from '../ledger/retention.ts'
import type { FromThread, ThreadData } from './sqlite-messages.ts'
import { SqliteStore } from './sqlite-store.ts'

export { type LedgerReader, readSqliteStore } from './sqlite-reader.ts'

export interface SqliteStoreOptions {
  /** The ledger file; it and its directory are made if they are not there. Use a local disk. */
  readonly path: string
  /** Epoch milliseconds: holds that ended before are forgotten. */
  readonly now: number
  /** Tells when something is too old to be kept; without it, it stays `now`. */
  readonly clock?: Clock
  /** For how long what is kept; `defaultRetention` unless told. */
  readonly keep?: Retention
  /** Told when writing begins to fail and when rows are lost. Without it, both are process warnings. */
  readonly onError?: (error: RouterError) => void
  /** How long `settle` and `flush` wait for a disk that does not answer. 2,000 unless told. */
  readonly settleWaitMs?: number
  /** Rows kept in memory while they cannot be written; those beyond are refused. 10,000 unless told. */
  readonly maxUnwritten?: number
}

// A clone runs the sources, the package its built files: the thread's script ends as this one does.
const threadUrl: URL = new URL(
  import.meta.url.endsWith('.ts') ? './sqlite-worker.ts' : './sqlite-worker.js',
  import.meta.url,
)

/**
 * Opens a ledger kept in one SQLite file, written by a thread of its own. A row whose `settle` has resolved survives
 * `kill -9` and a power cut. One process at a time: a second one is refused. `thread` is for tests only.
 */
export async function openSqliteStore(
  options: SqliteStoreOptions,
  thread: URL = threadUrl,
): Promise<LedgerStore> {
  const path = resolve(options.path)
  const workerData: ThreadData = { path, now: options.now, keep: options.keep ?? defaultRetention }
  // Without the host's flags: `--inspect-brk` or an `--import` hook is not meant for this thread.
  const worker = new Worker(thread, { workerData, execArgv: [], name: 'switchyard-ledger' })
  const first = await readFirst(worker)
  if (first.type === 'opened') {
    return new SqliteStore(worker, first.opening, {
      path,
      clock: options.clock ?? { now: () => options.now },
      onError: options.onError ?? ((error) => process.emitWarning(error)),
      settleWaitMs: options.settleWaitMs ?? 2000,
      maxUnwritten: options.maxUnwritten ?? 10_000,
    })
  }
  await worker.terminate()
  if (first.type === 'not-opened' && first.code === 'config') throw new ConfigError(first.message)
  throw new RouterError(
    'store_failed',
    first.type === 'not-opened' ? first.message : 'the ledger thread did not start',
  )
}

function readFirst(worker: Worker): Promise<FromThread> {
  return new Promise((opened, failed) => {
    const fail = (cause: unknown): void =>
      failed(new RouterError('store_failed', 'the ledger thread did not start', { cause }))
    worker.once('message', opened)
    worker.once('error', fail)
    worker.once('exit', fail)
  })
}
