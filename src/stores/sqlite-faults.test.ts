import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RouterError } from '../errors.ts'
import type { LedgerStore } from '../ledger/ledger.ts'
import { aResult, anAttempt, openedAt } from './contract-rows.ts'
import { temporaryFolder } from './fixtures/temporary-folder.ts'
import { openSqliteStore } from './sqlite.ts'
import { readSqliteStore } from './sqlite-reader.ts'

/** The fault is named by the ledger's file. */
const faultyThread = new URL('./fixtures/faulty-worker.ts', import.meta.url)

/** Opens an attempt that fits into no page that is already there. */
function openLarge(store: LedgerStore, id: number): void {
  store.open(anAttempt(id, { asked: 'm'.repeat(10_000) }))
}

function canFlush(store: LedgerStore): Promise<boolean> {
  return store.flush().then(
    () => true,
    () => false,
  )
}

test('a full disk loses no row: they wait in memory and are written when there is room', async (t) => {
  const path = join(temporaryFolder(t), 'full.db')
  const errors: RouterError[] = []
  const onError = (error: RouterError): void => void errors.push(error)
  const options = { path, now: openedAt, settleWaitMs: 100, maxUnwritten: 10, onError }
  const store = await openSqliteStore(options, faultyThread)
  const isFull = { code: 'store_failed', message: /disk is full.*rows wait in memory/ }

  openLarge(store, 1)
  await assert.rejects(store.settle(aResult(1)), isFull)
  assert.equal(errors.length, 1)
  // Known to be full: nobody waits for it again.
  openLarge(store, 2)
  const before = performance.now()
  await assert.rejects(store.settle(aResult(2)), isFull)
  assert.ok(performance.now() - before < options.settleWaitMs)
  // What is on disk can still be read.
  assert.deepEqual(await store.attempts({ limit: 9 }), { attempts: [] })
  await assert.rejects(store.flush(), isFull)

  for (const id of [3, 4, 5]) {
    openLarge(store, id)
    await assert.rejects(store.settle(aResult(id)), isFull)
  }
  // Ten rows wait; the eleventh is one too many, and that is told.
  openLarge(store, 6)
  await assert.rejects(store.settle(aResult(6)), {
    code: 'store_failed',
    message: /10 unwritten rows already/,
  })
  assert.match(errors[1]?.message ?? '', /1 row of the ledger .* could not be kept/)
  assert.equal(store.state.unwritten, 10)
  assert.match(store.state.problem ?? '', /disk is full/)

  writeFileSync(`${path}.room`, '')
  while (!(await canFlush(store))) assert.ok(performance.now() - before < 5000)
  openLarge(store, 7)
  await store.settle(aResult(7))
  assert.deepEqual(store.state, { unwritten: 0 })
  const { attempts: rows } = await store.attempts({ limit: 9 })
  assert.deepEqual(
    rows.map(({ id, state }) => [id, state]),
    [7, 5, 4, 3, 2, 1].map((id) => [id, 'done']),
  )
  await store[Symbol.asyncDispose]()
  assert.match(errors[2]?.message ?? '', /1 row of the ledger .* could not be kept/)
  assert.equal(errors.length, 3)
})

test('closing on a disk that stays full says how many rows are lost', async (t) => {
  const path = join(temporaryFolder(t), 'full.db')
  const options = { path, now: openedAt, settleWaitMs: 100, onError: () => undefined }
  const store = await openSqliteStore(options, faultyThread)
  for (const id of [1, 2, 3]) openLarge(store, id)
  await assert.rejects(Promise.resolve(store[Symbol.asyncDispose]()), {
    code: 'store_failed',
    message: /^3 rows .* are lost: .*disk is full/,
  })
  using ledger = readSqliteStore(path)
  assert.deepEqual(ledger?.attempts({ limit: 9 }), { attempts: [] })
})

test('a disk that does not answer in time rejects the wait and keeps the row', async (t) => {
  const path = join(temporaryFolder(t), 'slow.db')
  const store = await openSqliteStore({ path, now: openedAt, settleWaitMs: 50 }, faultyThread)
  store.open(anAttempt(1))
  await assert.rejects(store.settle(aResult(1)), {
    code: 'store_failed',
    message: /has not answered for 50 ms/,
  })
  assert.equal((await store.attempts({ limit: 1 })).attempts[0]?.state, 'done')
  await store[Symbol.asyncDispose]()
})

test('when the thread dies everybody who waits is told, and later calls fail at once', async (t) => {
  const path = join(temporaryFolder(t), 'dying.db')
  const errors: RouterError[] = []
  const onError = (error: RouterError): void => void errors.push(error)
  const store = await openSqliteStore({ path, now: openedAt, onError }, faultyThread)
  const hasDied = { code: 'store_failed', message: /has died, 2 rows were not written/ }
  for (let id = 1; errors.length === 0; id += 1) {
    assert.ok(id < 10)
    store.open(anAttempt(id))
    const settled = store.settle(aResult(id))
    const totals = store.totals(0)
    const [isSettled, isAnswered] = await Promise.allSettled([settled, totals])
    assert.equal(isSettled.status, isAnswered.status)
    if (isSettled.status === 'rejected') await assert.rejects(settled, hasDied)
  }
  assert.equal(errors.length, 1)
  await assert.rejects(store.settle(aResult(1)), hasDied)
  await assert.rejects(store.flush(), hasDied)
  await assert.rejects(store.totals(0), hasDied)
  await store[Symbol.asyncDispose]()
})
