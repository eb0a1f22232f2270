import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attempt, AttemptResult } from '../ledger/attempt.ts'
import type { Comparison, UsageGroup } from '../ledger/ledger.ts'
import { testKeeping } from './contract-keeping.ts'
import { testSearch } from './contract-search.ts'
import { anAttempt, aResult, type OpenStore, openedAt } from './contract-rows.ts'

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

  test(`${name}: totals and counts are exact and begin at the moment asked for`, async (t) => {
    await using store = await open(t, openedAt)
    const keys = ['key-b', 'key-a', 'key-c']
    for (let id = 1; id <= 300; id += 1) {
      const key = keys[id % 3] ?? ''
      store.open(
        anAttempt(id, { key, account: `of-${key}`, lane: id % 2 === 0 ? 'free' : 'paid', at: openedAt + id }),
      )
      if (id <= 290) {
        const isFailed = id % 10 === 0
        void store.settle(
          isFailed
            ? { id, state: 'failed', totalMs: 1 }
            : aResult(id, { nanoUsd: 100_000_001, usage: { input: id, output: 2 } }),
        )
      }
    }
    await store.flush()
    const since = openedAt + 31
    const ids = Array.from({ length: 270 }, (_, index) => index + 31)
    const expected = [...keys].sort().map((key) => {
      const own = ids.filter((id) => keys[id % 3] === key)
      const done = own.filter((id) => id <= 290 && id % 10 !== 0)
      const failed = own.filter((id) => id <= 290 && id % 10 === 0).length
      const input = done.reduce((sum, id) => sum + id, 0)
      const output = done.length * 2
      const nanoUsd = done.length * 100_000_001
      return { provider: 'one', key, attempts: own.length, failed, input, output, nanoUsd, unpriced: failed }
    })
    assert.deepEqual(await store.totals(since), expected)
    const counts = await store.counts(since)
    assert.equal(counts.length, 6)
    assert.equal(
      counts.reduce((sum, { count }) => sum + count, 0),
      270,
    )
    const first = ids.filter((id) => keys[id % 3] === 'key-a' && id % 2 === 0)
    const counted = first.filter((id) => id <= 290 && id % 10 !== 0)
    assert.deepEqual(counts[0], {
      provider: 'one',
      key: 'key-a',
      fingerprint: 'a1',
      lane: 'free',
      client: 'tests',
      count: first.length,
      tokens: counted.reduce((sum, id) => sum + id + 2, 0),
      nanoUsd: counted.length * 100_000_001,
      mostNanoUsd: counted.length * 100_000_001,
    })
    assert.deepEqual(await store.totals(openedAt + 5000), [])
    assert.deepEqual(await store.counts(openedAt + 5000), [])
  })

  test(`${name}: usage is added up by any groups, of the range asked for, its end excluded`, async (t) => {
    await using store = await open(t, openedAt)
    const hour = 3_600_000
    const attempts: readonly Partial<Attempt>[] = [
      { at: openedAt - hour },
      { at: openedAt, number: 2, lane: 'paid' },
      { at: openedAt, client: 'bot', model: 'large' },
      { at: openedAt + 2 * hour, key: 'key-b', provider: 'two' },
      { at: openedAt + 13 * hour },
    ]
    for (const [index, members] of attempts.entries()) store.open(anAttempt(index + 1, members))
    await store.settle(aResult(1))
    await store.settle(aResult(2, { nanoUsd: 100 }))
    await store.settle(aResult(3, { served: 'larger' }))
    await store.settle({ id: 4, state: 'failed', totalMs: 1 })
    const range = { since: openedAt - hour, until: openedAt + 13 * hour }
    const sum = {
      attempts: 4,
      requests: 3,
      failed: 1,
      input: 30,
      output: 9,
      freeAttempts: 3,
      freeInput: 20,
      freeOutput: 6,
      nanoUsd: 114,
      unpriced: 1,
    }
    assert.deepEqual(await store.usage({ ...range, by: [] }), [{ names: [], ...sum }])
    const by = async (...groups: UsageGroup[]): Promise<unknown> =>
      (await store.usage({ ...range, by: groups })).map((row) => [...row.names, row.attempts])
    assert.deepEqual(await by('day'), [['2026-11-23T00:00:00Z', 4]])
    assert.deepEqual(await by('hour'), [
      ['2026-11-23T11:00:00Z', 1],
      ['2026-11-23T12:00:00Z', 2],
      ['2026-11-23T14:00:00Z', 1],
    ])
    assert.deepEqual(await by('model', 'client'), [
      ['larger', 'bot', 1],
      ['small', 'tests', 3],
    ])
    assert.deepEqual(await by('provider', 'key'), [
      ['one', 'key-a', 3],
      ['two', 'key-b', 1],
    ])
    assert.deepEqual(await store.usage({ since: 0, until: openedAt - hour, by: [] }), [])
  })

  test(`${name}: usage of many rows is exact`, async (t) => {
    await using store = await open(t, openedAt)
    // More than one slice of the reader, many at one moment, and the end in the middle of them.
    for (let id = 1; id <= 10_000; id += 1) {
      store.open(anAttempt(id, { at: openedAt + Math.floor(id / 500) }))
      if (id % 2000 === 0) await store.flush()
    }
    const counted = async (until: number): Promise<number | undefined> =>
      (await store.usage({ since: openedAt, until, by: [] }))[0]?.attempts
    assert.equal(await counted(openedAt + 10), 4999)
    assert.equal(await counted(openedAt + 100), 10_000)
  })

  test(`${name}: calls of another secret under the same name are counted apart`, async (t) => {
    await using store = await open(t, openedAt)
    for (const id of [1, 2, 3]) store.open(anAttempt(id, { fingerprint: id === 3 ? 'b2' : 'a1' }))
    const counts = (await store.counts(0)).map(({ key, fingerprint, count }) => [key, fingerprint, count])
    assert.deepEqual(counts, [
      ['key-a', 'a1', 2],
      ['key-a', 'b2', 1],
    ])
  })

  test(`${name}: of a call whose cost is not certain all that was held counts as spent`, async (t) => {
    await using store = await open(t, openedAt)
    const ends: readonly Partial<AttemptResult>[] = [
      { state: 'done', usageSource: 'provider', nanoUsd: 7 },
      { state: 'failed', status: 429, nanoUsd: 0 },
      { state: 'failed', fault: 'network' },
      { state: 'aborted', usageSource: 'estimated', nanoUsd: 7 },
      // Its tokens are known, its price is not any more.
      { state: 'done', usageSource: 'provider' },
    ]
    const most: number[] = []
    for (const [index, end] of ends.entries()) {
      const id = index + 1
      store.open(anAttempt(id, { key: `key-${id}`, mostNanoUsd: 100 }))
      await store.settle({ id, state: 'done', totalMs: 1, ...end })
    }
    for (const { mostNanoUsd } of await store.counts(0)) most.push(mostNanoUsd)
    assert.deepEqual(most, [7, 0, 100, 100, 100])
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

  testSearch(name, open)
  if (keeps) testKeeping(name, open)
}
