import type { DatabaseSync } from 'node:sqlite'

/** Marks a file as a ledger of ours (`PRAGMA application_id`): the letters `SWYD`. */
export const applicationId: number = 0x53_57_59_44

/**
 * One step per schema version, applied in order; a step that has been released is never edited.
 *
 * Attempts carry a time index and a tiny one of the open rows, nothing more: every further index dirties one more page
 * per row, and upkeep then costs more than the insert. Money is whole billionths of a dollar and time is epoch
 * milliseconds, so that sums are exact. A hold without an end has no `until`.
 */
export const migrations: readonly string[] = [
  `CREATE TABLE attempts (
     id INTEGER PRIMARY KEY,
     call TEXT NOT NULL,
     number INTEGER NOT NULL,
     at INTEGER NOT NULL,
     client TEXT NOT NULL,
     asked TEXT NOT NULL,
     provider TEXT NOT NULL,
     model TEXT NOT NULL,
     key TEXT NOT NULL,
     account TEXT NOT NULL,
     lane TEXT NOT NULL,
     stream INTEGER NOT NULL,
     state TEXT NOT NULL DEFAULT 'open',
     served TEXT,
     input INTEGER,
     output INTEGER,
     cached INTEGER,
     reasoning INTEGER,
     upstream_nano_usd INTEGER,
     usage_source TEXT,
     nano_usd INTEGER,
     finish TEXT,
     fault TEXT,
     status INTEGER,
     first_token_ms INTEGER,
     total_ms INTEGER
   ) STRICT;
   CREATE INDEX attempts_at ON attempts (at);
   CREATE INDEX attempts_open ON attempts (id) WHERE state = 'open';
   CREATE TABLE holds (
     name TEXT PRIMARY KEY,
     until INTEGER,
     kind TEXT NOT NULL,
     why TEXT NOT NULL,
     set_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  `ALTER TABLE attempts ADD COLUMN fingerprint TEXT NOT NULL DEFAULT ''`,
  `CREATE TABLE owners (
     provider TEXT NOT NULL,
     fingerprint TEXT NOT NULL,
     account TEXT NOT NULL,
     PRIMARY KEY (provider, fingerprint)
   ) STRICT, WITHOUT ROWID`,
  `ALTER TABLE attempts ADD COLUMN cache_write INTEGER;
   ALTER TABLE attempts ADD COLUMN price_source TEXT;
   ALTER TABLE attempts ADD COLUMN most_nano_usd INTEGER;
   CREATE TABLE comparisons (
     day INTEGER NOT NULL,
     provider TEXT NOT NULL,
     account TEXT NOT NULL,
     key TEXT NOT NULL,
     name TEXT NOT NULL,
     metric TEXT NOT NULL,
     service INTEGER NOT NULL,
     ours INTEGER NOT NULL,
     at INTEGER NOT NULL,
     complete INTEGER NOT NULL,
     PRIMARY KEY (day, provider, account, key, name)
   ) STRICT, WITHOUT ROWID`,
  // Found by going down from the newest, as attempts are: an index over random ids would cost more than the rows.
  `ALTER TABLE attempts ADD COLUMN chosen TEXT;
   ALTER TABLE attempts ADD COLUMN obstacles INTEGER;
   CREATE TABLE decisions (
     id INTEGER PRIMARY KEY,
     call TEXT NOT NULL,
     at INTEGER NOT NULL,
     trail TEXT NOT NULL
   ) STRICT`,
  // Empty for a ledger that is older: its attempts are added up by and by, as new ones are (`Rollups`).
  `CREATE TABLE series (
     id INTEGER PRIMARY KEY,
     view INTEGER NOT NULL,
     provider TEXT NOT NULL,
     key TEXT NOT NULL,
     fingerprint TEXT NOT NULL,
     lane TEXT NOT NULL,
     client TEXT NOT NULL,
     model TEXT NOT NULL,
     UNIQUE (view, provider, key, fingerprint, lane, client, model)
   ) STRICT;
   CREATE TABLE hours (
     view INTEGER NOT NULL,
     bucket INTEGER NOT NULL,
     series INTEGER NOT NULL,
     attempts INTEGER NOT NULL,
     requests INTEGER NOT NULL,
     failed INTEGER NOT NULL,
     input INTEGER NOT NULL,
     output INTEGER NOT NULL,
     free_attempts INTEGER NOT NULL,
     free_input INTEGER NOT NULL,
     free_output INTEGER NOT NULL,
     nano_usd INTEGER NOT NULL,
     unpriced INTEGER NOT NULL,
     most_nano_usd INTEGER NOT NULL,
     PRIMARY KEY (view, bucket, series)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE days (
     view INTEGER NOT NULL,
     bucket INTEGER NOT NULL,
     series INTEGER NOT NULL,
     attempts INTEGER NOT NULL,
     requests INTEGER NOT NULL,
     failed INTEGER NOT NULL,
     input INTEGER NOT NULL,
     output INTEGER NOT NULL,
     free_attempts INTEGER NOT NULL,
     free_input INTEGER NOT NULL,
     free_output INTEGER NOT NULL,
     nano_usd INTEGER NOT NULL,
     unpriced INTEGER NOT NULL,
     most_nano_usd INTEGER NOT NULL,
     PRIMARY KEY (view, bucket, series)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE bounds (name TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   INSERT INTO bounds VALUES ('rolled', 0), ('rows', 0), ('hours', 0)`,
]

/** Brings the file to the newest schema in one transaction: killed half-way, it is still the old one. */
export function migrate(db: DatabaseSync, steps: readonly string[] = migrations): void {
  db.exec('BEGIN EXCLUSIVE')
  try {
    for (const step of steps.slice(readVersion(db))) db.exec(step)
    db.exec(`PRAGMA application_id = ${applicationId}`)
    db.exec(`PRAGMA user_version = ${steps.length}`)
    db.exec('COMMIT')
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/** The schema version of the file; 0 for an empty one. */
export function readVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version'])
}
