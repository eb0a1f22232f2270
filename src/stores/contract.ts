import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AttemptResult } from '../ledger/attempt.ts'
import type { Comparison } from '../ledger/ledger.ts'
import { testKeeping } from './contract-keeping.ts'
import { anAttempt, aResult, type OpenStore, openedAt } from './contract-rows.ts'
import { testSearch } from './contract-search.ts'
import { testSums } from './contract-sums.ts'

/** What every ledger store does. `keeps`: rows are still there when it is opened again. */
export function testStore(name: string, keeps: boolean, open: OpenStore): void {
  test(`${name}: an attempt is open, then has its result, with every member`, async (t) => {
    await using store = await open(t, openedAt)
    const attempt = anAttempt(1, {
      stream: true,
      lane: 'paid',
      number: 2,
      mostNanoUsd: 9_007_199_254_741,
      chosen: 'turn',
      obstacles: 3,
    })
    const result: AttemptResult = {
      id: 1,
      state: 'truncated',
      served: 'small-2',
      usage: { input: 10, output: 5, cached: 4, cacheWrite: 1, reasoning: 2, nanoUsd: 123_456_789 },
      usageSource: 'provider',
      nanoUsd: 9_007_199_254_740,
      priceSource: 'table 2026-09-15',
      finish: 'length',
      fault: 'cut',
      status: 200,
      firstTokenMs: 0,
      totalMs: 31,
    }
    assert.equal(store.opening.nextId, 1)
    store.open(attempt)
    assert.deepEqual((await store.attempts({ limit: 9 })).attempts, [{ ...attempt, state: 'open' }])
    await store.settle(result)
    assert.deepEqual(await store.attempts({ limit: 9 }), { attempts: [{ ...attempt, ...result }] })
  })

  test(`${name}: a second result and a second opening change nothing`, async (t) => {
    await using store = await open(t, openedAt)
    store.open(anAttempt(1))
    await store.settle(aResult(1))
    await store.settle(aResult(1, { state: 'failed', nanoUsd: 999 }))
    store.open(anAttempt(1, { key: 'key-b' }))
    await store.flush()
    assert.deepEqual(await store.attempts({ limit: 9 }), { attempts: [{ ...anAttempt(1), ...aResult(1) }] })
  })

  test(`${name}: a result without an opening is refused, not lost in silence`, async (t) => {
    await using store = await open(t, openedAt)
    await assert.rejects(store.settle(aResult(5)), {
      code: 'store_failed',
      message: /attempt 5 was never opened/,
    })
    store.open(anAttempt(5))
    await store.settle(aResult(5))
  })

  test(`${name}: what is unknown is left out, not 0`, async (t) => {
    await using store = await open(t, openedAt)
    store.open(anAttempt(1))
    await store.settle({ id: 1, state: 'aborted', totalMs: 5 })
    const [row] = (await store.attempts({ limit: 1 })).attempts
    assert.deepEqual(row, { ...anAttempt(1), state: 'aborted', totalMs: 5 })
    assert.equal((await store.totals(0))[0]?.unpriced, 1)
  })

  test(`${name}: of the figures of one day the last one stays, and one of a day that was over for good`, async (t) => {
    await using store = await open(t, openedAt)
    const day = Date.UTC(2026, 10, 23)
    const figure: Comparison = {
      provider: 'one',
      account: 'a',
      metric: 'requests',
      name: 'free requests',
      day,
      service: 5,
      ours: 4,
      at: openedAt,
      complete: false,
    }
    store.compare(figure)
    store.compare({ ...figure, service: 9, ours: 9, at: openedAt + 2 })
    store.compare({ ...figure, service: 1, at: openedAt + 1 })
    store.compare({ ...figure, key: 'key-a', name: 'spent', metric: 'nano-usd' })
    store.compare({ ...figure, day: day + 86_400_000 })
    assert.deepEqual(await store.comparisons(day), [
      { ...figure, day: day + 86_400_000 },
      { ...figure, service: 9, ours: 9, at: openedAt + 2 },
      { ...figure, key: 'key-a', name: 'spent', metric: 'nano-usd' },
    ])
    store.compare({ ...figure, service: 10, complete: true, at: openedAt + 3 })
    store.compare({ ...figure, service: 11, at: openedAt + 4 })
    assert.equal((await store.comparisons(day))[1]?.service, 10)
    assert.equal((await store.comparisons(day + 1)).length, 1)
  })

  test(`${name}: a request has the decision written last, and an unknown one has none`, async (t) => {
    await using store = await open(t, openedAt)
    const trail = JSON.stringify({ steps: ['{"why":"spent — ¼"}'] })
    store.decide({ call: 'one', at: openedAt, trail: '{}' })
    store.decide({ call: 'two', at: openedAt + 1, trail: '{"steps":[]}' })
    store.decide({ call: 'one', at: openedAt + 2, trail })
    assert.deepEqual(await store.decision('one'), { call: 'one', at: openedAt + 2, trail })
    assert.deepEqual(await store.decision('two'), { call: 'two', at: openedAt + 1, trail: '{"steps":[]}' })
    assert.equal(await store.decision("' OR 1=1--"), undefined)
    assert.deepEqual(await store.attempts({ limit: 9 }), { attempts: [] })
  })

  test(`${name}: attempts come newest first, as many as asked for, or those of one call`, async (t) => {
    await using store = await open(t, openedAt)
    for (const id of [1, 3, 2, 4])
      store.open(anAttempt(id, { call: id % 2 === 0 ? 'even' : 'odd', at: openedAt - id }))
    const ids = async (filter: { limit: number; call?: string }): Promise<number[]> =>
      (await store.attempts(filter)).attempts.map((row) => row.id)
    assert.deepEqual(await ids({ limit: 3 }), [4, 3, 2])
    assert.deepEqual(await ids({ limit: 9, call: 'odd' }), [3, 1])
    assert.deepEqual(await ids({ limit: 1, call: 'odd' }), [3])
    assert.deepEqual(await ids({ limit: 9, call: "' OR 1=1--" }), [])
    assert.deepEqual(await ids({ limit: 0 }), [])
    assert.deepEqual(await ids({ limit: -1 }), [])
  })

  test(`${name}: one question returns 10,000 attempts at most`, async (t) => {
    await using store = await open(t, openedAt)
    for (let id = 1; id <= 10_050; id += 1) {
      store.open(anAttempt(id))
      if (id % 2000 === 0) await store.flush()
    }
    const { attempts: rows, next } = await store.attempts({ limit: Infinity })
    assert.ok(next === undefined || next === 51, 'the rest may be forgotten')
    assert.equal(rows.length, 10_000)
    assert.equal(rows[0]?.id, 10_050)
    assert.equal(rows.at(-1)?.id, 51)
  })

  test(`${name}: once closed it refuses, and closing again is harmless`, async (t) => {
    const store = await open(t, openedAt)
    await store[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
    await assert.rejects(store.settle(aResult(1)), { code: 'closed' })
    await assert.rejects(store.flush(), { code: 'closed' })
    await assert.rejects(store.totals(0), { code: 'closed' })
    await assert.rejects(store.decision('one'), { code: 'closed' })
  })

  testSums(name, open)
  testSearch(name, open)
  if (keeps) testKeeping(name, open)
}
