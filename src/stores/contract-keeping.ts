import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aHold, anAttempt, aResult, openedAt, type OpenStore } from './contract-rows.ts'

/** What a store that keeps things finds when it is opened again. */
export function testKeeping(name: string, open: OpenStore): void {
  test(`${name}: opened again, it has every row, and what was open is interrupted`, async (t) => {
    const before = await open(t, openedAt)
    for (const id of [1, 2, 7]) before.open(anAttempt(id))
    before.decide({ call: 'call-2', at: openedAt, trail: '{"end":"answered"}' })
    await before.settle(aResult(2))
    // Not awaited: closing writes what is on its way.
    const settled = before.settle(aResult(7))
    await before[Symbol.asyncDispose]()
    await settled

    await using store = await open(t, openedAt + 1000)
    assert.equal(store.opening.nextId, 8)
    assert.equal(store.opening.reconciled, 1)
    assert.deepEqual(
      (await store.attempts({ limit: 9 })).attempts.map(({ id, state }) => [id, state]),
      [
        [7, 'done'],
        [2, 'done'],
        [1, 'interrupted'],
      ],
    )
    assert.equal((await store.decision('call-2'))?.trail, '{"end":"answered"}')
    await store.settle(aResult(1))
    assert.equal((await store.attempts({ limit: 1, call: 'call-1' })).attempts[0]?.state, 'interrupted')
    assert.equal((await store.counts(0))[0]?.count, 3)
    assert.equal((await store.totals(0))[0]?.unpriced, 1)
  })

  test(`${name}: whose key a secret is was written once and is known from then on`, async (t) => {
    const before = await open(t, openedAt)
    assert.deepEqual(before.opening.owners, [])
    before.identify({ provider: 'one', fingerprint: 'a1', account: 'somebody' })
    before.identify({ provider: 'two', fingerprint: 'a1', account: 'other' })
    before.identify({ provider: 'one', fingerprint: 'a1', account: 'renamed' })
    await before[Symbol.asyncDispose]()
    await using store = await open(t, openedAt)
    assert.deepEqual(store.opening.owners, [
      { provider: 'one', fingerprint: 'a1', account: 'renamed' },
      { provider: 'two', fingerprint: 'a1', account: 'other' },
    ])
  })

  test(`${name}: of two holds the later end wins; a released one is gone; an ended one is forgotten`, async (t) => {
    const before = await open(t, openedAt)
    assert.deepEqual(before.opening.holds, [])
    const later = openedAt + 60_000
    before.hold(aHold('a', later, 'long'))
    before.hold(aHold('a', later - 1, 'short'))
    before.hold(aHold('b', openedAt + 10, 'short'))
    before.hold(aHold('b', later, 'long'))
    before.hold(aHold('c', Infinity, 'by hand'))
    before.hold(aHold('c', later, 'short'))
    before.hold(aHold('d', later))
    before.release('d')
    before.hold(aHold('e', later))
    before.hold(aHold('e', Infinity, 'for good'))
    before.hold(aHold('f', openedAt + 10))
    before.hold(aHold('g', later, 'first'))
    before.hold(aHold('g', later, 'second'))
    before.release('nobody')
    await before[Symbol.asyncDispose]()

    const expected = [
      aHold('a', later, 'long'),
      aHold('b', later, 'long'),
      aHold('c', Infinity, 'by hand'),
      aHold('e', Infinity, 'for good'),
      aHold('g', later, 'second'),
    ]
    const after = await open(t, openedAt + 10)
    assert.deepEqual(after.opening.holds, expected)
    await after[Symbol.asyncDispose]()
    await using last = await open(t, later)
    assert.deepEqual(
      last.opening.holds.map((hold) => hold.name),
      ['c', 'e'],
    )
  })
}
