import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Settings } from '../../dashboard/src/api/settings.ts'
import { findingsOf } from '../../dashboard/src/pages/health/findings.ts'
import { sumText, verdictText } from '../../dashboard/src/pages/health/reconcile-words.ts'
import { restingOf } from '../../dashboard/src/pages/health/resting.ts'
import { checkStatus } from '../../src/cli/doctor/services.ts'
import type { Comparison } from '../../src/ledger/ledger.ts'
import type { KeyStatus, ProviderStatus, Status } from '../../src/routing/status.ts'

const today = { requests: 0, failed: 0, inputTokens: 0, outputTokens: 0, usd: 0, unpriced: 0 }
const rest = { kind: 'quota', why: 'spent', until: '2026-11-24T00:00:00.000Z' }
const byHand = { kind: 'auth', why: 'unauthorized', until: 'released' }

function key(name: string, more: Partial<KeyStatus> = {}): KeyStatus {
  return { name, masked: 'sk-…', inFlight: 0, disabled: false, today, ...more }
}

function provider(keys: readonly KeyStatus[], more: Partial<ProviderStatus> = {}): ProviderStatus {
  const account = { id: 'acme', inFlight: 0, windows: [], cooldowns: [], restingModels: [], keys }
  return {
    name: 'one',
    title: 'One',
    endpoint: 'https://one.example',
    lane: 'free',
    health: 'ok',
    models: 3,
    drift: [],
    restingModels: [],
    accounts: keys.length === 0 ? [] : [account],
    forecast: [],
    ...more,
  }
}

function statusOf(providers: readonly ProviderStatus[], ledger: Status['ledger'] = { unwritten: 0 }): Status {
  const spend = { todayUsd: 0, monthUsd: 0, unpriced: 0 }
  return { now: '2026-11-23T12:00:00.000Z', providers, spending: [], ledger, spend }
}

const settings: Settings = {
  startedAt: '2026-11-23T11:00:00.000Z',
  uptimeSeconds: 3600,
  address: 'http://127.0.0.1:4141',
  clients: [],
}

test('nothing is found where all is well', () => {
  assert.deepEqual(findingsOf(statusOf([provider([key('A')])]), settings), [])
})

test('what the doctor finds in a status the page finds in the same words', () => {
  const drift = [
    { model: 'm:free', change: 'priced', since: '2026-11-23T11:00:00.000Z' },
    { model: 'n:free', change: 'gone', since: '2026-11-23T11:00:00.000Z' },
  ] as const
  for (const keys of [
    [key('A', { cooldown: byHand }), key('B', { disabled: true }), key('C', { cooldown: rest })],
    [key('A', { disabled: true }), key('B', { disabled: true })],
  ]) {
    const status = statusOf([provider(keys, { drift })])
    const found = findingsOf(status, settings)
    for (const finding of checkStatus(status))
      assert.ok(
        found.some(({ what, fix }) => what === finding.what && fix === finding.fix),
        finding.what,
      )
  }
})

test('errors come first: a stuck ledger, no keys, then what only warns', () => {
  const status = statusOf(
    [provider([key('A', { disabled: true })], { cooldown: rest, models: undefined } as object)],
    { unwritten: 7, problem: 'database or disk is full' },
  )
  const found = findingsOf(status, { ...settings, address: 'http://0.0.0.0:4141' })
  assert.deepEqual(
    found.map(({ check, level }) => [check, level]),
    [
      ['ledger', 'error'],
      ['keys', 'warning'],
      ['reach', 'warning'],
      ['models', 'warning'],
      ['exposure', 'warning'],
    ],
  )
  assert.match(found[0]?.what ?? '', /7 wait\): database or disk is full/)
  assert.deepEqual(
    findingsOf(statusOf([provider([])]), settings).map(({ what }) => what),
    ['there are none'],
  )
})

test('ten thousand disabled keys make one finding of readable length', () => {
  const keys = Array.from({ length: 10_000 }, (_, index) => key(`KEY_${index}`, { disabled: true }))
  const [found, ...more] = findingsOf(statusOf([provider(keys)]), settings)
  assert.deepEqual(more, [])
  assert.match(found?.what ?? '', /^10000 keys disabled by hand: KEY_0, .*KEY_19 and 9980 more$/)
})

test('who rests is told from the widest to the narrowest', () => {
  const status = statusOf([
    provider([key('A', { cooldown: byHand })], {
      cooldown: rest,
      restingModels: [{ model: 'm', ...rest }],
    }),
  ])
  assert.deepEqual(
    restingOf(status).map(({ who, until }) => [who, until]),
    [
      ['the whole service', rest.until],
      ['model m', rest.until],
      ['key A', 'released'],
    ],
  )
})

test('a difference is told with its sign and in its unit', () => {
  const facts = { provider: 'one', account: 'acme', name: 'spent', day: 0, at: 0, complete: true }
  const money = (service: number, ours: number): Comparison => ({
    ...facts,
    metric: 'nano-usd',
    service,
    ours,
  })
  const calls = (service: number, ours: number): Comparison => ({
    ...facts,
    metric: 'requests',
    service,
    ours,
  })
  assert.deepEqual([calls(3, 3), calls(5, 3), calls(1, 3), money(2_500_000, 0)].map(verdictText), [
    'agrees',
    'differs by +2',
    'differs by -2',
    'differs by +$0.0025',
  ])
  assert.equal(sumText([calls(1, 1)]), 'Every figure agrees.')
  assert.match(sumText([calls(1, 1), calls(2, 1)]), /^1 of 2 figures differ\. More at the service: /)
})
