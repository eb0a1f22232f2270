import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { LedgerStore } from '../ledger/ledger.ts'
import { readAttemptRow } from './attempt-row.ts'
import { aResult, anAttempt, openedAt } from './contract-rows.ts'
import { temporaryFolder } from './fixtures/temporary-folder.ts'
import { migrate, migrations, readVersion } from './schema.ts'
import { openSqliteStore } from './sqlite.ts'
import { checkSqliteVersion, openLedgerFile } from './sqlite-file.ts'
import { readSqliteStore } from './sqlite-reader.ts'
import { createWriter, decideRow } from './sqlite-writes.ts'

function open(path: string): Promise<LedgerStore> {
  return openSqliteStore({ path, now: openedAt })
}

/** A closed ledger with some rows in it. */
async function makeLedger(path: string): Promise<void> {
  await using store = await open(path)
  for (let id = 1; id <= 200; id += 1) store.open(anAttempt(id))
  await store.settle(aResult(1))
}

function mode(name: string): string {
  return (statSync(name).mode & 0o777).toString(8)
}

test('a new ledger can be read by its owner only', async (t) => {
  const folder = join(temporaryFolder(t), 'new', 'deeper')
  const path = join(folder, 'ledger.db')
  await using store = await open(path)
  store.open(anAttempt(1))
  await store.flush()
  assert.deepEqual(readdirSync(folder), ['ledger.db', 'ledger.db-wal'])
  assert.deepEqual([mode(folder), mode(path), mode(`${path}-wal`)], ['700', '600', '600'])
})

test('one process at a time: a second is refused, in this process as in another', async (t) => {
  const path = join(temporaryFolder(t), 'ledger.db')
  const inUse = {
    code: 'store_failed',
    message: /ledger\.db" is in use by another Switchyard process: stop that one/,
  }
  const first = await open(path)
  await assert.rejects(open(path), inUse)
  // Trying must not have let go of the lock that the first one holds.
  await assert.rejects(open(path), inUse)
  await first[Symbol.asyncDispose]()

  const writer = fileURLToPath(new URL('./fixtures/writer.ts', import.meta.url))
  const child = spawn(process.execPath, [writer, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  await assert.rejects(open(path), inUse)
  assert.throws(() => readSqliteStore(path), inUse)
  child.kill('SIGKILL')
  await once(child, 'exit')
  // The lock dies with its holder.
  await using after = await open(path)
  assert.ok(after.opening.nextId > 1)
})

test('a damaged ledger is refused and left as it was', async (t) => {
  const path = join(temporaryFolder(t), 'ledger.db')
  await makeLedger(path)
  const bytes = readFileSync(path)
  bytes.fill(0xff, 4096, 4096 + 200)
  writeFileSync(path, bytes)
  await assert.rejects(open(path), {
    code: 'store_failed',
    message: /ledger\.db" is damaged.*restore a backup, or move it aside/,
  })
  assert.ok(readFileSync(path).equals(bytes))
})

test('of a large ledger the newest attempts and the small tables are checked', async (t) => {
  const path = join(temporaryFolder(t), 'ledger.db')
  await makeLedger(path)
  openLedgerFile(path, 0).close()
  const bytes = readFileSync(path)
  bytes.fill(0xff, 4096, 4096 + 200)
  writeFileSync(path, bytes)
  assert.throws(() => openLedgerFile(path, 0), { code: 'store_failed', message: /is damaged/ })
})

test('of a large ledger old decisions are not read at the start, however many there are', async (t) => {
  const path = join(temporaryFolder(t), 'ledger.db')
  {
    using db = openLedgerFile(path)
    const trail = 'x'.repeat(100)
    createWriter(db)(Array.from({ length: 11_000 }, (_, at) => decideRow({ call: `call-${at}.`, at, trail })))
  }
  const bytes = readFileSync(path)
  const page = Math.floor(bytes.indexOf('call-500.') / 4096) * 4096
  writeFileSync(path, bytes.fill(0xff, page, page + 8))
  openLedgerFile(path, 0).close()
  assert.throws(() => openLedgerFile(path), { code: 'store_failed', message: /is damaged/ })
})

test('a file that is no database is refused and left as it was', async (t) => {
  const path = join(temporaryFolder(t), 'notes.txt')
  const text = 'my notes, '.repeat(1000)
  writeFileSync(path, text)
  await assert.rejects(open(path), {
    code: 'store_failed',
    message: /notes\.txt" is damaged or no SQLite database/,
  })
  assert.equal(readFileSync(path, 'utf8'), text)
})

test('a database of another program is refused and left as it was, its WAL too', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'other.db')
  const live = new DatabaseSync(join(folder, 'live.db'))
  live.exec('PRAGMA journal_mode = WAL; CREATE TABLE notes (text); INSERT INTO notes VALUES (1)')
  copyFileSync(join(folder, 'live.db'), path)
  copyFileSync(join(folder, 'live.db-wal'), `${path}-wal`)
  live.close()
  const before = [readFileSync(path), readFileSync(`${path}-wal`)]
  assert.ok((before[1]?.length ?? 0) > 0)
  await assert.rejects(open(path), { code: 'config', message: /other\.db" is a database of another program/ })
  assert.deepEqual([readFileSync(path), readFileSync(`${path}-wal`)], before)
})

test('a ledger of a newer Switchyard is refused', async (t) => {
  const path = join(temporaryFolder(t), 'ledger.db')
  await makeLedger(path)
  using db = new DatabaseSync(path)
  db.exec('PRAGMA user_version = 99')
  db.close()
  await assert.rejects(open(path), {
    code: 'config',
    message: /newer Switchyard \(schema 99, this one knows \d+\): update/,
  })
})

test('an empty file becomes a ledger', async (t) => {
  const path = join(temporaryFolder(t), 'ledger.db')
  writeFileSync(path, '')
  assert.throws(() => readSqliteStore(path), { code: 'config', message: /older schema/ })
  await makeLedger(path)
  await using store = await open(path)
  assert.equal(store.opening.nextId, 201)
})

test('a place that cannot be written is a wrong setting', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'file'), '')
  const wrong = { code: 'config', message: /choose another path/ }
  await assert.rejects(open(join(folder, 'file', 'ledger.db')), wrong)
  mkdirSync(join(folder, 'folder'))
  await assert.rejects(open(join(folder, 'folder')), wrong)
})

test(
  'a read-only folder or file is a wrong setting',
  { skip: process.getuid?.() === 0 && 'root may write anywhere' },
  async (t) => {
    const folder = temporaryFolder(t)
    const path = join(folder, 'ledger.db')
    const wrong = { code: 'config', message: /writable for this user, or choose another path/ }
    await makeLedger(path)
    chmodSync(path, 0o400)
    await assert.rejects(open(path), wrong)
    chmodSync(path, 0o600)
    chmodSync(folder, 0o500)
    try {
      await assert.rejects(open(path), wrong)
      await assert.rejects(open(join(folder, 'new.db')), wrong)
    } finally {
      // Or it could not be removed.
      chmodSync(folder, 0o700)
    }
  },
)

test('a migration that fails half-way leaves the file as it was', () => {
  using db = new DatabaseSync(':memory:')
  assert.throws(() => migrate(db, [...migrations, 'CREATE TABLE next (a); CREATE TABLE attempts (a)']))
  assert.equal(readVersion(db), 0)
  assert.deepEqual(db.prepare('SELECT name FROM sqlite_schema').all(), [])
  migrate(db)
  migrate(db)
  assert.equal(readVersion(db), migrations.length)
})

test('rows of an older schema are read as they were', () => {
  using db = new DatabaseSync(':memory:')
  migrate(db, migrations.slice(0, 4))
  db.exec(`INSERT INTO attempts (id, call, number, at, client, asked, provider, model, key, account, lane, stream)
    VALUES (1, 'a', 1, 5, 'tests', 'auto', 'one', 'small', 'key-a', 'account-a', 'free', 0)`)
  migrate(db)
  const [row] = db.prepare('SELECT * FROM attempts').all().map(readAttemptRow)
  assert.deepEqual(row, { ...anAttempt(1, { call: 'a', at: 5, fingerprint: '' }), state: 'open' })
})

test('a SQLite that can damage a WAL file is refused', () => {
  for (const version of ['3.51.2', '3.50.9', '3.7.0', '2.99.99']) {
    assert.throws(() => checkSqliteVersion(version), { code: 'config', message: /3\.51\.3 or later/ })
  }
  for (const version of ['3.51.3', '3.51.10', '3.53.4', '4.0.0']) checkSqliteVersion(version)
})
