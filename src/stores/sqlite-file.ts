import { accessSync, closeSync, constants, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ConfigError } from '../errors.ts'
import { applicationId, migrate, migrations, readVersion } from './schema.ts'
import { damaged, explainFailure } from './sqlite-errors.ts'

/** How long to wait for a process that is just letting go of the file. */
const busyMs = 250

/** Up to this size a ledger is checked whole when it is opened: about a second on a slow disk. */
const wholeBytes = 256 * 1024 * 1024

/**
 * Opens or creates a ledger for this process alone, checks it and brings its schema up to date. Of one that is larger than
 * `checkedBytes` only the small tables and the newest rows of the others are checked.
 */
export function openLedgerFile(path: string, checkedBytes: number = wholeBytes): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    // A file that is not ours, or damaged, is looked at through a connection that cannot write: even closing a
    // writable one would move its WAL into it.
    if (!createFile(path)) inspect(path, checkedBytes)[Symbol.dispose]()
    // SQLite would quietly open it for reading only, and then report an I/O error.
    for (const place of [path, dirname(path)]) accessSync(place, constants.W_OK)
    db = new DatabaseSync(path, { timeout: busyMs })
    // Before the first read, so that the lock is held from there on and the WAL index lives in our memory, not in a
    // file that another process could map (https://www.sqlite.org/wal.html#noshm).
    db.exec('PRAGMA locking_mode = EXCLUSIVE')
    const mode = db.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode']
    if (mode !== 'wal')
      throw new ConfigError(`the ledger "${path}" is on a file system without WAL: choose a local disk`)
    // FULL: an acknowledged row survives a power cut, not only a crash.
    db.exec('PRAGMA synchronous = FULL')
    migrate(db)
    return db
  } catch (error) {
    db?.close()
    throw explainFailure(error, path)
  }
}

/** Opens an existing ledger for reading; refused while a process is writing to it. */
export function readLedgerFile(path: string): DatabaseSync {
  const db = inspect(path)
  if (readVersion(db) === migrations.length) return db
  db.close()
  throw new ConfigError(`the ledger "${path}" has an older schema: start Switchyard with it once`)
}

/** Refuses every SQLite before 3.51.3: it can damage a WAL file (https://www.sqlite.org/releaselog/3_51_3.html). */
export function checkSqliteVersion(version: string): void {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  if ((major - 3 || minor - 51 || patch - 3) >= 0) return
  throw new ConfigError(
    `this Node carries SQLite ${version}, which can damage a ledger: use Node 24 with SQLite 3.51.3 or later`,
  )
}

/**
 * True when the file was not there before. Exclusive creation never opens a file that exists: closing a second
 * descriptor would drop the locks this process holds on it (https://www.sqlite.org/howtocorrupt.html section 2.2).
 * SQLite gives the WAL the mode of the database.
 */
function createFile(path: string): boolean {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(path, 'wx', 0o600))
    return true
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    if (statSync(path).isFile()) return false
    throw new ConfigError(`the ledger "${path}" is not a file: choose another path`)
  }
}

function inspect(path: string, checkedBytes: number = wholeBytes): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { readOnly: true, timeout: busyMs })
    checkSqliteVersion(String(db.prepare('SELECT sqlite_version() AS version').get()?.['version']))
    checkOwner(db, path)
    if (statSync(path).size <= checkedBytes) check(db, path)
    else checkPart(db, path)
    return db
  } catch (error) {
    db?.close()
    throw explainFailure(error, path)
  }
}

function check(db: DatabaseSync, path: string, table?: string): void {
  const found = db.prepare(`PRAGMA quick_check(${table === undefined ? 1 : `'${table}'`})`).get()
  if (found?.['quick_check'] !== 'ok') throw damaged(path, String(found?.['quick_check']))
}

/** Damage farther down is told by whatever reads it. */
function checkPart(db: DatabaseSync, path: string): void {
  const large = new Set(['attempts', 'hours', 'days', 'decisions'])
  const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all()
  for (const name of tables.map((row) => String(row['name']))) {
    if (!large.has(name)) check(db, path, name)
    // SQLite refuses a page that makes no sense.
    else for (const _ of db.prepare(`SELECT * FROM ${name} ORDER BY 1 DESC LIMIT 10000`).iterate());
  }
}

function checkOwner(db: DatabaseSync, path: string): void {
  const version = readVersion(db)
  const owner = db.prepare('PRAGMA application_id').get()?.['application_id']
  const isEmpty = db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
  if (owner !== applicationId && !(isEmpty && owner === 0 && version === 0)) {
    throw new ConfigError(`"${path}" is a database of another program: choose another path for the ledger`)
  }
  if (version > migrations.length) {
    throw new ConfigError(
      `the ledger "${path}" was written by a newer Switchyard (schema ${version}, this one knows ${migrations.length}): update this one, or choose another path`,
    )
  }
}
