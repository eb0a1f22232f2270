import type { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { providers } from '../src/providers/index.ts'
import { openLedgerFile } from '../src/stores/sqlite-file.ts'

/** What the history of a large ledger looks like. */
export interface History {
  readonly rows: number
  readonly keys: number
  readonly models: number
  readonly clients: number
  readonly days: number
  /** Epoch milliseconds of the newest row. */
  readonly end: number
}

const chunkRows = 250_000

/**
 * Fills a new ledger with ended attempts through the real schema, in SQL: from here row by row would take an hour. Few
 * clients and models have most of the calls, keys take turns, and one call in a hundred fails.
 */
export async function fillLedger(path: string, history: History): Promise<DatabaseSync> {
  const { rows, keys, models, clients, days, end } = history
  const db = openLedgerFile(path)
  db.exec('PRAGMA synchronous = OFF')
  const [one, two] = providers.map(({ name }) => `'${name}'`)
  const stepMs = (days * 86_400_000) / rows
  const insert = db.prepare(`
    WITH RECURSIVE n (i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last),
    r AS MATERIALIZED (SELECT i, CAST(:end - (:rows - i) * :step AS INTEGER) AS at, abs(random()) % 1000 / 1000.0 AS r1, abs(random()) % 1000 / 1000.0 AS r2,
      abs(random()) % 1000 AS r3, abs(random()) % 4000 AS r4 FROM n)
    INSERT INTO attempts (id, call, number, at, client, asked, provider, model, key, fingerprint, account, lane, stream,
      chosen, state, served, input, output, usage_source, nano_usd, price_source, finish, fault, status,
      first_token_ms, total_ms)
    SELECT i, printf('%08x-%04x-7000-8000-%012x', at >> 16, at & 65535, i), iif(r3 % 50 = 0, 2, 1), at,
      'client-' || CAST(r1 * r1 * :clients AS INTEGER), iif(r3 % 2 = 0, 'auto', 'vendor/model-' || CAST(r2 * r2 * :models AS INTEGER)),
      iif(r3 % 4 = 0, ${two}, ${one}), 'vendor/model-' || CAST(r2 * r2 * :models AS INTEGER),
      'KEY_' || (i % :keys), printf('%012x', i % :keys), 'account-' || (i % :keys),
      iif(r3 % 10 = 0, 'paid', 'free'), r3 % 3 = 0, 'order',
      CASE WHEN r3 < 10 THEN 'failed' WHEN r3 < 13 THEN 'aborted' ELSE 'done' END, NULL,
      iif(r3 < 10, NULL, r4), iif(r3 < 10, NULL, r4 / 5), iif(r3 < 10, NULL, 'provider'),
      iif(r3 % 10 = 0, r4 * 150, 0), iif(r3 % 10 = 0, 'service', 'free'), iif(r3 < 13, NULL, 'stop'),
      CASE WHEN r3 >= 10 THEN NULL WHEN i % 100003 = 0 THEN 'credential' ELSE 'rate' END, iif(r3 < 10, 429, NULL),
      iif(r3 < 10, NULL, 300 + r4 / 10), 400 + r4 FROM r`)
  for (let first = 1; first <= rows; first += chunkRows) {
    const last = Math.min(rows, first + chunkRows - 1)
    insert.run({ first, last, rows, keys, models, clients, end, step: stepMs })
    // So that Ctrl-C is heard.
    await setImmediate()
  }
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  return db
}
