import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import type { RouterError } from '../errors.ts'
import type { Attempt } from '../ledger/attempt.ts'
import { testStore } from './contract.ts'
import { aHold, anAttempt, aResult, openedAt } from './contract-rows.ts'
import { temporaryFolder } from './fixtures/temporary-folder.ts'
import { migrate } from './schema.ts'
import { openSqliteStore } from './sqlite.ts'
import { openLedgerFile } from './sqlite-file.ts'
import { readSqliteStore } from './sqlite-reader.ts'
import { finish, readDecision } from './sqlite-reads.ts'
import { createWriter, decideRow } from './sqlite-writes.ts'

const folders = new WeakMap<TestContext, string>()

testStore('sqlite', true, (t, now) => {
  const folder = folders.get(t) ?? temporaryFolder(t)
  folders.set(t, folder)
  return openSqliteStore({ path: join(folder, 'ledger.db'), now, onError: () => undefined })
})

test('a row that cannot be written takes no other row with it', async (t) => {
  const errors: RouterError[] = []
  const path = join(temporaryFolder(t), 'ledger.db')
  await using store = await openSqliteStore({ path, now: openedAt, onError: (error) => errors.push(error) })
  store.open(anAttempt(1))
  store.open({ ...anAttempt(2), client: undefined } as unknown as Attempt)
  store.open(anAttempt(3))
  const [one, two, three] = await Promise.allSettled([1, 2, 3].map((id) => store.settle(aResult(id))))
  assert.equal(one?.status, 'fulfilled')
  assert.equal(two?.status, 'rejected')
  assert.equal(three?.status, 'fulfilled')
  assert.match(
    errors[0]?.message ?? '',
    /2 rows of the ledger .* could not be kept: attempt 2 was never opened/,
  )
  assert.equal((await store.attempts({ limit: 9 })).attempts.length, 2)
})

test('fractions of a millisecond are rounded, not refused', async (t) => {
  await using store = await openSqliteStore({ path: join(temporaryFolder(t), 'ledger.db'), now: openedAt })
  store.open(anAttempt(1))
  await store.settle(aResult(1, { totalMs: 20.6, firstTokenMs: 3.2 }))
  const [row] = (await store.attempts({ limit: 1 })).attempts
  assert.deepEqual([row?.totalMs, row?.firstTokenMs], [21, 3])
})

test('long searches do not make rows wait, and sums of many rows are exact', async (t) => {
  await using store = await openSqliteStore({ path: join(temporaryFolder(t), 'ledger.db'), now: openedAt })
  const settled: Promise<void>[] = []
  for (let id = 1; id <= 25_000; id += 1) {
    store.open(anAttempt(id, { at: openedAt + (id % 7) }))
    settled.push(store.settle(aResult(id)))
    if (id % 2500 === 0) await store.flush()
  }
  await Promise.all(settled)
  store.open(anAttempt(25_001, { at: openedAt - 1 }))
  // In one line with twenty searches it would be answered last.
  const order: string[] = []
  const search = async (): Promise<void> => {
    const { attempts } = await store.attempts({ limit: 9, call: 'nobody' })
    order.push('searched')
    assert.deepEqual(attempts, [])
  }
  await Promise.all([
    ...Array.from({ length: 20 }, search),
    store.settle(aResult(25_001)).then(() => order.push('settled')),
  ])
  assert.equal(order.length, 21)
  assert.equal(order.at(-1), 'searched')
  assert.deepEqual(await store.totals(openedAt), [
    {
      provider: 'one',
      key: 'key-a',
      attempts: 25_000,
      failed: 0,
      input: 250_000,
      output: 75_000,
      nanoUsd: 175_000,
      unpriced: 0,
    },
  ])
  assert.equal((await store.counts(openedAt + 6))[0]?.count, 3571)
  assert.equal((await store.attempts({ limit: 1, call: 'call-2' })).attempts[0]?.id, 2)
})

test('a question whose answer would have too many rows is refused with what to ask instead', async (t) => {
  const path = join(temporaryFolder(t), 'ledger.db')
  const refused = { code: 'invalid_request', message: /more than 50,000 rows.*shorter time/ }
  const hour = 3_600_000
  const ask = { since: 0, until: openedAt + 50_002 * hour, by: ['hour'] } as const
  {
    using db = openLedgerFile(path)
    db.exec(`INSERT INTO attempts (id, call, number, at, client, asked, provider, model, key, account, lane, stream, state)
      WITH RECURSIVE ids (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM ids WHERE id <= 50000)
      SELECT id, '', 1, ${openedAt} + id * ${hour}, '', '', '', '', '', '', 'free', 0, 'done' FROM ids`)
  }
  {
    await using store = await openSqliteStore({ path, now: openedAt })
    await assert.rejects(store.usage(ask), refused)
    assert.equal((await store.usage({ ...ask, until: openedAt + 50_001 * hour })).length, 50_000)
  }
  using ledger = readSqliteStore(path)
  assert.throws(() => ledger?.usage(ask), refused)
})

test('a program that neither waits nor closes still ends, with its last row on disk', (t) => {
  const path = join(temporaryFolder(t), 'ledger.db')
  const program = `
    import { aResult, anAttempt } from ${JSON.stringify(new URL('./contract-rows.ts', import.meta.url).href)}
    import { openSqliteStore } from ${JSON.stringify(new URL('./sqlite.ts', import.meta.url).href)}
    const store = await openSqliteStore({ path: ${JSON.stringify(path)}, now: 0 })
    store.open(anAttempt(1))
    store.settle(aResult(1))`
  execFileSync(process.execPath, ['--input-type=module', '--eval', program], { timeout: 5000 })
  using ledger = readSqliteStore(path)
  assert.equal(ledger?.attempts({ limit: 1 }).attempts[0]?.state, 'done')
})

test('of decisions the newest 100,000 are kept', () => {
  using db = new DatabaseSync(':memory:')
  migrate(db)
  const write = createWriter(db)
  const rows = Array.from({ length: 102_000 }, (_, at) => decideRow({ call: `call-${at}`, at, trail: '{}' }))
  assert.deepEqual(write(rows), [])
  assert.equal(db.prepare('SELECT count(*) AS count FROM decisions').get()?.['count'], 100_000)
  const find = (call: string): unknown => finish(readDecision(db, call))
  assert.equal(find('call-1999'), undefined)
  assert.deepEqual(find('call-2000'), { call: 'call-2000', at: 2000, trail: '{}' })
})

test('the reader sees what a closed store has kept, and says when there is none', async (t) => {
  const path = join(temporaryFolder(t), 'ledger.db')
  assert.equal(readSqliteStore(path), undefined)
  const store = await openSqliteStore({ path, now: openedAt })
  store.open(anAttempt(1))
  store.hold(aHold('key-a', openedAt + 10))
  store.decide({ call: 'call-1', at: openedAt, trail: '{}' })
  await store.settle(aResult(1))
  assert.throws(() => readSqliteStore(path), {
    code: 'store_failed',
    message: /in use by another Switchyard process/,
  })
  await store[Symbol.asyncDispose]()

  using ledger = readSqliteStore(path)
  assert.deepEqual(ledger?.attempts({ limit: 9 }), { attempts: [{ ...anAttempt(1), ...aResult(1) }] })
  assert.deepEqual(ledger?.decision('call-1'), { call: 'call-1', at: openedAt, trail: '{}' })
  assert.deepEqual(ledger?.holds(openedAt), [aHold('key-a', openedAt + 10)])
  assert.deepEqual(ledger?.holds(openedAt + 10), [])
  assert.deepEqual(ledger?.counts(0), [
    {
      provider: 'one',
      key: 'key-a',
      fingerprint: 'a1',
      lane: 'free',
      client: 'tests',
      count: 1,
      tokens: 13,
      nanoUsd: 7,
      mostNanoUsd: 7,
    },
  ])
  assert.equal(ledger?.totals(0)[0]?.nanoUsd, 7)
})
