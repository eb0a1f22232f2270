import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMovableClock } from '../clock.ts'
import { dialectNamed } from '../dialects/index.ts'
import type { Actual, Lease } from '../limits/pool.ts'
import { providers } from '../providers/index.ts'
import type { Fault, FaultKind } from '../providers/provider.ts'
import { draftFromBytes } from '../relay/draft.ts'
import { Secret } from '../secret.ts'
import { openMemoryStore } from '../stores/memory.ts'
import type { AttemptSeen } from './observer.ts'
import { silentLog } from './settings.ts'
import { type AttemptCall, Settlement } from './settlement.ts'
import { Trail } from './trail.ts'
import { createUpstream, voiceFor } from './upstream.ts'

const now = Date.UTC(2026, 10, 23, 12)

const clock = createMovableClock({ start: now })

/** A call that has its lease, of a model that no catalogue lists. */
function leasedCall(free: boolean): AttemptCall {
  const ports = { clock, random: () => 0, holds: { hold: () => {}, release: () => {} } }
  const [provider] = providers
  assert.ok(provider)
  const keys = [{ name: 'KEY', secret: new Secret('secret-0123456789') }]
  const upstream = createUpstream({ provider, baseUrl: provider.baseUrl, keys }, ports)
  const draft = draftFromBytes(
    dialectNamed('openai-chat'),
    Buffer.from('{"model":"a/b:free","messages":[{"role":"user","content":"hi"}]}'),
  )
  const voice = voiceFor(upstream, draft)
  const lease = upstream.pool.lease({
    model: 'a/b:free',
    free,
    tokens: 1,
    nanoUsd: 0,
    avoid: new Set(),
    keptShare: 0,
  })
  assert.ok(voice !== undefined && !('exhausted' in lease))
  return {
    id: 1,
    call: 'one',
    number: 1,
    client: 'default',
    asked: 'a/b:free',
    candidate: { upstream, model: 'a/b:free', free, others: [] },
    voice,
    lease,
    draft,
    trail: new Trail(
      { call: 'one', client: 'default', asked: 'a/b:free' },
      { answered: () => {}, failed: () => {} },
    ),
  }
}

/** One call that is refused; `before` runs between its lease and its leaving, where nothing may happen. */
function refusedCall(kind: FaultKind, before: (rest: () => void) => void): AttemptSeen {
  const call = leasedCall(true)
  before(() =>
    call.candidate.upstream.pool.accounts[0]?.rests.free.set(now + 1000, {
      kind: 'quota',
      why: 'spent',
      at: now - 1,
    }),
  )
  const seen: AttemptSeen[] = []
  const settlement = new Settlement(call, {
    ledger: openMemoryStore(),
    clock,
    log: silentLog,
    observe: { attempt: (each) => void seen.push(each), request: () => {} },
  })
  const fault: Fault = {
    kind,
    scope: 'account',
    lane: 'free',
    message: 'spent',
    status: 429,
    stated: false,
    rule: 'test',
  }
  settlement.failed(fault)
  const [only] = seen
  assert.equal(seen.length, 1)
  assert.ok(only)
  return only
}

test('a refusal for quota is a wasted call only if the account rested when the call left', () => {
  assert.equal(refusedCall('quota', () => {}).wasted, false, 'the refusal itself brings the news')
  assert.equal(refusedCall('quota', (rest) => rest()).wasted, true)
  assert.equal(refusedCall('rate', (rest) => rest()).wasted, true)
  assert.equal(refusedCall('network', (rest) => rest()).wasted, false, 'nobody counted it')
})

test('the observer is told what the books say, and that the model is in no catalogue', () => {
  const { state, fault, lane, listed, nanoUsd, call } = refusedCall('quota', () => {})
  assert.deepEqual([state, fault, lane, listed, nanoUsd, call], ['failed', 'quota', 'free', false, 0, 'one'])
})

test('a cost is certain only if a price is still known when the answer ends', async () => {
  const call = leasedCall(false)
  const spent: (Actual | undefined)[] = []
  const lease: Lease = { ...call.lease, settle: (_, actual) => void spent.push(actual) }
  const settlement = new Settlement({ ...call, lease }, { ledger: openMemoryStore(), clock, log: silentLog })
  await settlement.finished({ end: 'complete', pieces: 1, usage: { input: 9, output: 1 } })
  assert.deepEqual(spent, [{ tokens: 10, nanoUsd: 0, certain: false }])
})

test('what a call cost that was cut off nobody knows, but of a free one', async () => {
  for (const free of [true, false]) {
    const ledger = openMemoryStore()
    new Settlement(leasedCall(free), { ledger, clock, log: silentLog }).failed({
      kind: 'network',
      scope: 'provider',
      lane: 'all',
      message: 'reset',
      stated: false,
      rule: 'test',
    })
    const [total] = await ledger.totals(0)
    assert.deepEqual([total?.failed, total?.unpriced], [1, free ? 0 : 1])
  }
})

test('of a name that a service answers with no more is kept than a name can be', async () => {
  const ledger = openMemoryStore()
  const settlement = new Settlement(leasedCall(true), { ledger, clock, log: silentLog })
  await settlement.finished({ end: 'complete', pieces: 1, served: 'm'.repeat(1_000_000) })
  const [row] = (await ledger.attempts({ limit: 1 })).attempts
  assert.equal(row?.served, 'm'.repeat(256))
})
