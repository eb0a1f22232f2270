import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '../secret.ts'
import { Account } from './account.ts'
import { Credential } from './credential.ts'
import { comparisonsOf } from './comparisons.ts'

const noon = Date.UTC(2026, 10, 23, 12)
const today = Date.UTC(2026, 10, 23)
const dayMs = 86_400_000

function account(): { readonly account: Account; readonly key: Credential } {
  const key = new Credential('service', 'KEY', new Secret('secret-1'))
  const counted = new Account(
    'acme',
    [key],
    [
      { name: 'day', metric: 'requests', window: 'day', lane: 'free' },
      { name: 'usd-day', metric: 'nano-usd', window: 'day', lane: 'all' },
    ],
  )
  return { account: counted, key }
}

test('what others used shows as a difference at every reading, not only at the first', () => {
  const { account: acme, key } = account()
  const [requests] = acme.counters
  requests?.take(noon, 1)
  const read = (used: number, at: number): unknown => {
    const news = { limits: [{ limit: 'day', used }] }
    acme.hear(news.limits, at)
    return comparisonsOf('service', acme, key, news, at).map(({ service, ours }) => [service, ours])
  }
  assert.deepEqual(read(5, noon), [[5, 1]])
  requests?.take(noon, 1)
  assert.deepEqual(read(6, noon + 1000), [[6, 2]])
  assert.equal(requests?.used(noon + 1000), 6)
})

test('a day that is over is compared with what was counted of it, and only while that is known', () => {
  const { account: acme, key } = account()
  const [requests, dollars] = acme.counters
  requests?.take(noon, 3)
  dollars?.take(noon, 700)
  const pastDays = [
    { limit: 'day', day: today, used: 4 },
    { limit: 'usd-day', day: today, used: 700 },
    { limit: 'day', day: today - dayMs, used: 9 },
    { limit: 'nobody', day: today, used: 1 },
  ]
  const compared = comparisonsOf('service', acme, key, { limits: [], pastDays }, noon + dayMs)
  assert.deepEqual(
    compared.map(({ name, day, service, ours, complete }) => [name, day, service, ours, complete]),
    [
      ['free requests', today, 4, 3, true],
      ['spent', today, 700, 700, true],
    ],
  )
})

test('what one key spent is compared by itself', () => {
  const { account: acme, key } = account()
  key.budget.spend(5, noon, noon)
  key.budget.hear({ spentToday: 8 }, noon + 1)
  const [only, ...rest] = comparisonsOf(
    'service',
    acme,
    key,
    { limits: [], key: { spentToday: 8 } },
    noon + 1,
  )
  assert.deepEqual(rest, [])
  assert.deepEqual([only?.key, only?.service, only?.ours, only?.day], ['KEY', 8, 5, today])
})
