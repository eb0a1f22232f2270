import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '../secret.ts'
import { Account } from './account.ts'
import { Credential } from './credential.ts'
import { knownSpent } from './known-spent.ts'

const now = Date.UTC(2026, 10, 23, 12)
const facts = { kind: 'quota', why: 'spent', at: now - 1000 }

function anAccount(max?: number): { readonly account: Account; readonly credential: Credential } {
  const credential = new Credential('one', 'key', new Secret('secret-0123456789'))
  const limit = { name: 'day', metric: 'requests', window: 'day', lane: 'free' } as const
  const account = new Account('a', [credential], [max === undefined ? limit : { ...limit, max }])
  return { account, credential }
}

test('an account that rests, or whose key or model rests, is known to be spent until the rest is over', () => {
  const { account, credential } = anAccount()
  const spent = (model: string, free: boolean, at = now): boolean =>
    knownSpent([anAccount().account, account], { credential, model, free }, at)
  assert.equal(spent('m', true), false)
  account.rests.free.set(now + 10, facts)
  assert.deepEqual([spent('m', true), spent('m', false), spent('m', true, now + 10)], [true, false, false])
  account.rests.free.release()
  credential.rest.set(now + 10, facts)
  assert.equal(spent('m', false), true)
})

test('the call itself fits its window; one more than fits is known to be spent', () => {
  const { account, credential } = anAccount(2)
  const spent = (free: boolean): boolean => knownSpent([account], { credential, model: 'm', free }, now)
  for (const counter of account.counters) counter.take(now, 2)
  assert.equal(spent(true), false)
  for (const counter of account.counters) counter.take(now, 1)
  assert.deepEqual([spent(true), spent(false)], [true, false])
})

test('a key that belongs to nobody is not blamed on anybody', () => {
  const { credential } = anAccount()
  assert.equal(knownSpent([anAccount().account], { credential, model: 'm', free: true }, now), false)
})
