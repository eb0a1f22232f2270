import { setImmediate } from 'node:timers/promises'
import type { Attempt } from '../src/ledger/attempt.ts'
import type { LedgerStore } from '../src/ledger/ledger.ts'

const callers = 64

/** Opens and settles attempts for a while, as 64 callers at once do, and tells how many a second. */
export async function writeFor(store: LedgerStore, ms: number, ids: { next: number }): Promise<number> {
  const begun = performance.now()
  let rows = 0
  const caller = async (): Promise<void> => {
    while (performance.now() - begun < ms) {
      const id = ids.next++
      store.open(attempt(id))
      // The answer comes later than the row that opens it.
      await setImmediate()
      const usage = { input: id % 4000, output: id % 800 }
      await store.settle({ id, state: 'done', usage, usageSource: 'provider', nanoUsd: 0, totalMs: 500 })
      rows += 1
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return (rows * 1000) / (performance.now() - begun)
}

function attempt(id: number): Attempt {
  const pick = (count: number): number => Math.floor(Math.random() ** 2 * count)
  return {
    id,
    call: crypto.randomUUID(),
    number: 1,
    at: Date.now(),
    client: `client-${pick(10)}`,
    asked: 'auto',
    provider: 'one',
    model: `vendor/model-${pick(40)}`,
    key: `KEY_${id % 20}`,
    fingerprint: `f${id % 20}`,
    account: `account-${id % 20}`,
    lane: 'free',
    stream: true,
    chosen: 'order',
  }
}
