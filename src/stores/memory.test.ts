import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testStore } from './contract.ts'
import { anAttempt, aResult } from './contract-rows.ts'
import { openMemoryStore } from './memory.ts'

testStore('memory', false, async () => openMemoryStore())

test('memory: it forgets the oldest attempts, and a result for one of them is no error', async () => {
  await using store = openMemoryStore()
  for (let id = 1; id <= 10_001; id += 1) store.open(anAttempt(id))
  await store.settle(aResult(1))
  store.open(anAttempt(1))
  assert.equal((await store.counts(0))[0]?.count, 10_000)
  assert.deepEqual(await store.attempts({ limit: 9, call: 'call-1' }), { attempts: [] })
})
