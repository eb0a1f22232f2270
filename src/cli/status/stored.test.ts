import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { anAttempt, aResult, openedAt } from '../../stores/contract-rows.ts'
import { temporaryFolder } from '../../stores/fixtures/temporary-folder.ts'
import { openSqliteStore } from '../../stores/sqlite.ts'
import { readStored } from './stored.ts'

test('today is this UTC day, without what a clock dated into a later one', async (t) => {
  const path = join(temporaryFolder(t), 'ledger.db')
  const store = await openSqliteStore({ path, now: openedAt })
  const times = [Date.UTC(2026, 10, 22, 23, 59), openedAt, Date.UTC(2026, 10, 24), Date.UTC(2076, 0, 1)]
  for (const [index, at] of times.entries()) {
    store.open(anAttempt(index + 1, { at }))
    await store.settle(aResult(index + 1, { nanoUsd: 1e9 }))
  }
  await store[Symbol.asyncDispose]()
  const { today } = readStored(path, openedAt)
  assert.deepEqual(
    today.map(({ attempts, usd }) => [attempts, usd]),
    [[1, 1]],
  )
})
