import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attempt, AttemptResult } from '../ledger/attempt.ts'
import type { UsageGroup } from '../ledger/ledger.ts'
import { anAttempt, aResult, openedAt, type OpenStore } from './contract-rows.ts'

/** What a store adds up. */
export function testSums(name: string, open: OpenStore): void {
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

  test(`${name}: sums that nobody can pay, of a price in the wrong unit, are told all the same`, async (t) => {
    await using store = await open(t, openedAt)
    const nanoUsd = Number.MAX_SAFE_INTEGER
    for (const id of [1, 2]) {
      store.open(anAttempt(id))
      await store.settle(aResult(id, { nanoUsd }))
    }
    assert.equal((await store.totals(0))[0]?.nanoUsd, 2 * nanoUsd)
    assert.equal((await store.counts(0))[0]?.nanoUsd, 2 * nanoUsd)
    assert.equal((await store.usage({ since: 0, until: openedAt * 2, by: [] }))[0]?.nanoUsd, 2 * nanoUsd)
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
}
