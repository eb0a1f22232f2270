import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProviderError, QuotaExhaustedError, type RouterError } from '../errors.ts'
import type { Exhausted } from '../limits/pool.ts'
import type { Fault, FaultKind } from '../providers/provider.ts'
import { failure, type Obstacle } from './failure.ts'
import type { Candidate } from './plan.ts'

const now = Date.UTC(2026, 10, 23, 12)
const later = now + 3_600_000

/** Only what an error tells of a candidate. */
function candidate(title: string): Candidate {
  return { upstream: { provider: { name: title.toLowerCase(), title } }, model: 'm' } as Candidate
}

const [one, other] = [candidate('One'), candidate('Other')]

function fault(kind: FaultKind, message: string, until?: number): Fault {
  const facts = { rule: 'r', kind, scope: 'account', lane: 'all', message, stated: false } as const
  return until === undefined ? facts : { ...facts, until }
}

function rests(kind: string, reason: string, freeAt?: number): Exhausted {
  return { exhausted: true, kind, reason, ...(freeAt === undefined ? {} : { freeAt }) }
}

function of(...obstacles: readonly Obstacle[]): RouterError {
  return failure('m', obstacles, now)
}

test('a first refusal is told once, with the end of the rest it brought', () => {
  const words = 'the day is spent'
  const spent = of(
    { candidate: one, fault: fault('quota', words, later), key: 'A' },
    { candidate: one, exhausted: rests('quota', words, later) },
  )
  assert.match(
    spent.message,
    /is spent: One: the day is spent, back 2026-11-23T13:00:00\.000Z\. Try again in 3600 s/,
  )
  const keys = of(
    { candidate: one, fault: fault('quota', words), key: 'A' },
    { candidate: one, fault: fault('quota', words), key: 'B' },
    { candidate: one, exhausted: rests('quota', `${words}; 2 accounts in all`, later) },
  )
  assert.match(keys.message, /is spent: One: the day is spent; 2 accounts in all, back [^;]*$/)
  // Negative control: other words, and another service's, are all told.
  const all = of(
    { candidate: one, fault: fault('quota', 'the minute is spent'), key: 'A' },
    { candidate: one, exhausted: rests('quota', words, later) },
    { candidate: other, exhausted: rests('quota', words, later) },
  )
  assert.equal(all.message.match(/spent, back/g)?.length, 2)
  assert.match(all.message, /the minute is spent/)
})

test('missing money has no time at which it is back', () => {
  const money = of(
    { candidate: one, fault: fault('credits', 'no credit', later), key: 'A' },
    { candidate: one, exhausted: rests('credits', 'no credit', later) },
  )
  assert.ok(money instanceof ProviderError)
  assert.deepEqual([money.code, money.availableAt], ['insufficient_credits', undefined])
  assert.match(money.message, /until somebody acts: One: no credit$/)
})

test('beside missing money it is the other service that returns', () => {
  const noMoney = { candidate: one, exhausted: rests('credits', 'no credit', now + 1000) }
  const quota = of(noMoney, { candidate: other, exhausted: rests('quota', 'spent', later) })
  assert.ok(quota instanceof QuotaExhaustedError)
  assert.equal(quota.availableAt?.getTime(), later)
  const down = of(noMoney, { candidate: other, exhausted: rests('network', 'connection refused', later) })
  assert.ok(down instanceof ProviderError)
  assert.deepEqual([down.code, down.availableAt?.getTime()], ['unavailable', later])
})
