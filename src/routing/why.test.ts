import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attempt, AttemptResult, AttemptState } from '../ledger/attempt.ts'
import { whyOf } from './why.ts'

type Row = Attempt & { readonly state: AttemptState } & Partial<Omit<AttemptResult, 'state'>>

const at = Date.UTC(2026, 10, 23, 12)
const row: Row = {
  id: 1,
  call: 'a',
  number: 1,
  at,
  client: 'tests',
  asked: 'auto',
  provider: 'one',
  model: 'small',
  key: 'KEY',
  fingerprint: 'f',
  account: 'account',
  lane: 'paid',
  stream: false,
  chosen: 'order',
  state: 'done',
}
const trail = '{"client":"tests","asked":"auto","end":"answered","steps":[]}'

test('how a request ended is told by its last attempt, or by what the client was told', () => {
  const ends = (['done', 'truncated', 'aborted', 'interrupted', 'open', 'failed'] as const).map(
    (state) => whyOf('a', [{ ...row, state }], undefined)?.end,
  )
  assert.deepEqual(ends, ['answered', 'cut', 'left', 'interrupted', 'open', 'failed'])
  const failed = trail.replace('answered', 'failed')
  assert.equal(whyOf('a', [row], { call: 'a', at, trail: failed })?.end, 'failed')
})

test('that nothing stood in the way is said only where that is known', () => {
  const records = (rows: readonly Row[]) => whyOf('a', rows, undefined)?.record
  const { chosen: _, ...older } = row
  assert.equal(records([row]), 'none')
  assert.equal(records([{ ...row, state: 'failed', firstTokenMs: 3 }]), 'none')
  assert.equal(records([older]), 'gone')
  assert.equal(records([{ ...row, obstacles: 2 }]), 'gone')
  assert.equal(records([{ ...row, state: 'failed' }]), 'gone')
  assert.equal(records([row, { ...row, id: 0 }]), 'gone')
  assert.equal(whyOf('a', [row], { call: 'a', at, trail })?.record, 'kept')
})

test('attempts stand in the order in which they were made, with their cost in dollars', () => {
  const second = { ...row, id: 2, number: 2, nanoUsd: 1_500_000, usage: { input: 1, output: 2, nanoUsd: 3 } }
  const why = whyOf('a', [second, { ...row, at: at - 5 }], undefined)
  assert.deepEqual(
    why?.attempts.map(({ number, usd, tokens }) => [number, usd, tokens]),
    [
      [1, undefined, undefined],
      [2, 0.0015, { input: 1, output: 2 }],
    ],
  )
  assert.equal(why?.at, '2026-11-23T11:59:59.995Z')
})

test('nothing is made up of an id that nobody knows', () => {
  assert.equal(whyOf('a', [], undefined), undefined)
  assert.equal(whyOf('a', [], { call: 'a', at, trail: 'no record' }), undefined)
})
