import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openedAt } from './contract-rows.ts'
import { temporaryFolder } from './fixtures/temporary-folder.ts'
import { openSqliteStore } from './sqlite.ts'
import { openLedgerFile } from './sqlite-file.ts'
import { reconcile } from './sqlite-writes.ts'

const writer = fileURLToPath(new URL('./fixtures/writer.ts', import.meta.url))

/** Lets a process write until it has acknowledged `count` rows, kills it, and returns every id it acknowledged. */
async function writeAndKill(path: string, count: number, ...thread: string[]): Promise<readonly number[]> {
  const child = spawn(process.execPath, [writer, path, ...thread], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
    if (printed.split('\n').length > count) child.kill('SIGKILL')
  })
  await once(child, 'close')
  return printed.split('\n').slice(0, -1).map(Number)
}

function readIds(path: string, state: string): ReadonlySet<number> {
  using db = new DatabaseSync(path, { readOnly: true })
  const rows = db.prepare('SELECT id FROM attempts WHERE state = ?').all(state)
  return new Set(rows.map((row) => Number(row['id'])))
}

async function missingAfterKill(path: string, acknowledged: readonly number[]): Promise<readonly number[]> {
  // Opening checks the whole file (`quick_check`) and throws if it is damaged.
  const store = await openSqliteStore({ path, now: openedAt })
  await store[Symbol.asyncDispose]()
  const present = readIds(path, 'done')
  return acknowledged.filter((id) => !present.has(id))
}

test('kill -9 loses no acknowledged row, 20 times over', { timeout: 60_000 }, async (t) => {
  const folder = temporaryFolder(t)
  const counts = await Promise.all(['one.db', 'two.db'].map((name) => killTenTimes(join(folder, name))))
  t.diagnostic(`${counts.join(' and ')} acknowledged rows`)
})

async function killTenTimes(path: string): Promise<number> {
  const acknowledged: number[] = []
  for (let round = 0; round < 10; round += 1) {
    const ids = await writeAndKill(path, 1 + ((round * 97) % 700))
    assert.ok(ids.length > 0)
    acknowledged.push(...ids)
    assert.deepEqual(await missingAfterKill(path, acknowledged), [])
    assert.equal(readIds(path, 'open').size, 0)
  }
  assert.equal(new Set(acknowledged).size, acknowledged.length, 'no id was given twice')
  assert.ok(readIds(path, 'interrupted').size > 0, 'some kill came between opening and settling')
  return acknowledged.length
}

test(
  'control: a store that acknowledges too early is caught by the same check',
  { timeout: 30_000 },
  async (t) => {
    const path = join(temporaryFolder(t), 'early.db')
    const thread = new URL('./fixtures/faulty-worker.ts', import.meta.url).href
    let missing = 0
    for (let round = 0; round < 5 && missing === 0; round += 1) {
      missing += (await missingAfterKill(path, await writeAndKill(path, 30, thread))).length
    }
    assert.ok(missing > 0)
  },
)

test('a WAL cut anywhere, as after a power cut, leaves a sound ledger with the first rows', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'ledger.db')
  await writeAndKill(path, 200)
  const size = readFileSync(`${path}-wal`).length
  assert.ok(size > 50_000)
  const counts: number[] = []
  for (let cut = 0; cut <= 60; cut += 1) {
    const copy = join(folder, `cut-${cut}.db`)
    copyFileSync(path, copy)
    copyFileSync(`${path}-wal`, `${copy}-wal`)
    truncateSync(`${copy}-wal`, Math.floor((size * cut) / 60))
    using db = openLedgerFile(copy)
    const { nextId } = reconcile(db, openedAt)
    const count = Number(db.prepare('SELECT count(*) AS count FROM attempts').get()?.['count'])
    assert.equal(nextId, count + 1, 'no hole: the rows that are left are the first ones')
    counts.push(count)
  }
  assert.deepEqual(
    counts,
    counts.toSorted((a, b) => a - b),
  )
  assert.equal(counts[0], 0)
  assert.ok((counts.at(-1) ?? 0) >= 200)
})
