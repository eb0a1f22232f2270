import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createMovableClock, type MovableClock } from '../clock.ts'
import { ProviderError, QuotaExhaustedError, RequestError, RouterError } from '../errors.ts'
import type { Decision } from '../ledger/ledger.ts'
import type { Provider } from '../providers/provider.ts'
import { type DecisionRecord, Decisions, readDecision } from './decisions.ts'
import type { Candidate } from './plan.ts'
import type { Trail } from './trail.ts'
import type { Upstream } from './upstream.ts'

const noon = Date.UTC(2026, 10, 23, 12)
const provider = { name: 'one', title: 'One', lane: 'paid' } as Provider
const upstream = { provider } as Upstream
const candidate: Candidate = { upstream, model: 'm', others: [], free: true }
const spent = { kind: 'quota', reason: 'spent (3/3)', freeAt: noon + 1000 }

interface Setup {
  readonly clock: MovableClock
  readonly written: Decision[]
  begin(call: string, client?: string): Trail
  last(): DecisionRecord
}

function setup(): Setup {
  const clock = createMovableClock({ start: noon })
  const written: Decision[] = []
  const store = { decide: (decision: Decision) => void written.push(decision) }
  const decisions = new Decisions({ store: () => store as never, clock })
  return {
    clock,
    written,
    begin: (call, client = 'tests') => decisions.begin({ call, client, asked: 'auto' }),
    last: () => {
      const record = readDecision(written.at(-1)?.trail ?? '')
      assert.ok(record !== undefined, written.at(-1)?.trail)
      return record
    },
  }
}

test('what nothing stood before is not written down', () => {
  const { written, begin } = setup()
  const trail = begin('a')
  trail.passed(candidate, { listed: [], more: 0 })
  trail.attempts++
  trail.answered()
  assert.deepEqual([written, trail.size], [[], 0])
})

test('what stood in the way is written in order, with the first content, and again only when there is more', () => {
  const { written, begin, last } = setup()
  const trail = begin('a')
  trail.refused(candidate, { ...spent, passed: { listed: [{ account: 'first', ...spent }], more: 2 } })
  trail.skipped(upstream, 'drift', 'gone', 'it has a price now')
  trail.attempts++
  trail.fault(
    candidate,
    { account: 'second', key: 'KEY', attempt: 1 },
    {
      rule: 'r',
      kind: 'credential',
      scope: 'key',
      lane: 'all',
      message: 'wrong key',
      status: 401,
      until: Infinity,
      stated: false,
    },
  )
  trail.answered()
  trail.answered()
  assert.equal(written.length, 1)
  const named = { provider: 'one', model: 'm', lane: 'free' }
  assert.deepEqual(last(), {
    client: 'tests',
    asked: 'auto',
    end: 'answered',
    more: 2,
    steps: [
      {
        type: 'account',
        ...named,
        account: 'first',
        kind: 'quota',
        why: 'spent (3/3)',
        until: '2026-11-23T12:00:01.000Z',
      },
      { type: 'skipped', provider: 'one', model: 'gone', kind: 'drift', why: 'it has a price now' },
      {
        type: 'fault',
        ...named,
        account: 'second',
        key: 'KEY',
        attempt: 1,
        scope: 'key',
        status: 401,
        kind: 'credential',
        why: 'wrong key',
        until: 'released',
      },
    ],
  })
  trail.note({ type: 'again', why: 'not as asked' })
  trail.answered()
  assert.deepEqual([written.length, last().steps.length], [2, 4])
})

test('the same obstacle met by a second key is told once', () => {
  const { begin } = setup()
  const trail = begin('a')
  for (let key = 0; key < 2; key++) trail.refused(candidate, spent)
  assert.equal(trail.size, 1)
})

test('one refusal without a call is written a second and client, and says how many were not', () => {
  const { clock, written, begin, last } = setup()
  const refuse = (client: string): void =>
    begin('x', client).failed(
      new QuotaExhaustedError('all spent', [{ provider: 'one', reason: 'spent', freeAt: noon + 60_000 }]),
    )
  for (let call = 0; call < 1000; call++) refuse('loud')
  refuse('quiet')
  assert.equal(written.length, 2)
  assert.deepEqual(last().error, {
    code: 'quota_exhausted',
    message: 'all spent',
    until: '2026-11-23T12:01:00.000Z',
  })
  clock.advance(1000)
  refuse('quiet')
  assert.equal(last().unrecorded, undefined)
  refuse('loud')
  assert.deepEqual(last().unrecorded, { requests: 999, since: '2026-11-23T12:00:00.000Z' })
  clock.set(noon - 60_000)
  refuse('loud')
  assert.equal(written.length, 5, 'a clock that was set back silences nobody')
})

test('a failure after calls is always written; a client that left during its first call has its row', () => {
  const { written, begin } = setup()
  for (let call = 0; call < 3; call++) {
    const trail = begin('a')
    trail.attempts++
    trail.refused(candidate, spent)
    trail.failed(new ProviderError('unavailable', 'down'))
  }
  assert.equal(written.length, 3)
  const left = begin('b')
  left.attempts++
  left.failed(new RouterError('client_closed', 'left'))
  begin('c').failed(new RouterError('closed', 'the router is closed'))
  begin('d').failed(new Error('a bug'))
  assert.equal(written.length, 3)
})

test('property: a record is JSON, has 50 steps and 16 KiB at the most, and tells how many it left out', () => {
  const text = fc.string({ unit: 'binary', maxLength: 2000 })
  const words = fc.array(text, { maxLength: 90 })
  fc.assert(
    fc.property(words, text, text, (reasons, asked, message) => {
      const { written } = setup()
      const keep = { decide: (decision: Decision) => void written.push(decision) }
      const clock = createMovableClock({ start: noon })
      const trail = new Decisions({ store: () => keep as never, clock }).begin({
        call: 'a',
        client: message,
        asked,
      })
      for (const [at, reason] of reasons.entries())
        trail.refused({ ...candidate, model: `${at} ${asked}` }, { kind: 'quota', reason })
      trail.failed(new RequestError('invalid_request', message))
      const [{ trail: json } = { trail: '' }] = written
      assert.ok(Buffer.byteLength(json) <= 16_384, `${Buffer.byteLength(json)} bytes`)
      const record = readDecision(json)
      assert.ok(record !== undefined && record.steps.length <= 50)
      assert.equal(record.steps.length + (record.more ?? 0), reasons.length)
    }),
    { numRuns: 200 },
  )
})

test('text that is no record is none', () => {
  for (const text of ['', 'null', '{}', '[]', '{"steps":1}']) assert.equal(readDecision(text), undefined)
})
