import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountStatus, ProviderStatus, Status } from '../routing/status.ts'
import { createMetrics } from './metrics.ts'

const now = '2026-11-23T12:00:00.000Z'
const later = (seconds: number): string => new Date(Date.parse(now) + seconds * 1000).toISOString()
const rest = (kind: string, seconds: number) => ({ kind, why: 'a test', until: later(seconds) })

const account: AccountStatus = {
  id: 'a',
  inFlight: 2,
  windows: [],
  cooldowns: [],
  restingModels: [],
  keys: [],
}
const provider: ProviderStatus = {
  name: 'one',
  title: 'One',
  endpoint: 'https://one.example',
  lane: 'free',
  health: 'ok',
  drift: [],
  restingModels: [],
  forecast: [],
  accounts: [account],
}

/** The samples of one series as of a status. */
async function samples(name: string, members: Partial<Status>): Promise<readonly string[]> {
  const metrics = await createMetrics()
  const spend = { todayUsd: 0, monthUsd: 0, unpriced: 0 }
  const status: Status = { now, providers: [], spending: [], spend, ledger: { unwritten: 0 }, ...members }
  const core = {
    status: async (options: { readonly totals?: boolean } = {}) => {
      assert.equal(options.totals, false, 'the ledger is not asked')
      return status
    },
    models: async () => [{ provider: 'one', id: 'listed', free: true }],
    healthy: () => true,
  }
  const { text } = await metrics.exposition(core, '')
  return text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
}

test('models outside the catalogue are one, whose longest rest is shown', async () => {
  const restingModels = [
    { model: 'listed', ...rest('no-model', 10) },
    { model: 'made-up', ...rest('no-model', 20) },
    { model: 'made-up-too', ...rest('no-model', 30) },
    { model: 'made-up-again', ...rest('no-model', 5) },
    { model: 'busy', kind: 'busy', why: 'a test', until: 'released' },
  ]
  const shown = await samples('switchyard_cooldown_remaining_seconds', {
    providers: [{ ...provider, restingModels }],
  })
  assert.deepEqual(
    shown.map((line) => /model="([^"]*)".*kind="([^"]*)"\} (.*)/.exec(line)?.slice(1)),
    [
      ['listed', 'no-model', '10'],
      ['other', 'no-model', '30'],
      ['other', 'busy', '+Inf'],
    ],
  )
})

test('an account is spent by a full day or the word of the service, not by a full minute or a full house', async () => {
  const window = {
    metric: 'requests',
    lane: 'free',
    used: 5,
    usedFrom: { source: 'own-count', confidence: 'medium' },
  } as const
  const full = { ...window, max: 5, remaining: 0 }
  const state = async (members: Partial<AccountStatus>): Promise<string | undefined> => {
    const shown = await samples('switchyard_accounts', {
      providers: [{ ...provider, accounts: [{ ...account, ...members }] }],
    })
    return shown.flatMap((line) => /state="(\w+)"\} 1/.exec(line)?.[1] ?? []).join()
  }
  const key = { name: 'K', masked: '', inFlight: 0, disabled: false, today: {} as never }
  assert.equal(await state({ keys: [key] }), 'usable')
  assert.equal(
    await state({ keys: [key], windows: [{ ...full, name: 'day', resetsAt: later(3600) }] }),
    'spent',
  )
  assert.equal(
    await state({ keys: [key], windows: [{ ...full, name: 'minute', resetsAt: later(60) }] }),
    'usable',
  )
  assert.equal(
    await state({ keys: [key], windows: [{ ...full, name: 'in-flight', metric: 'in-flight' }] }),
    'usable',
  )
  assert.equal(await state({ keys: [key], cooldowns: [rest('quota', 60)] }), 'spent')
  assert.equal(await state({ keys: [key], cooldowns: [rest('network', 60)] }), 'resting')
  assert.equal(await state({ keys: [{ ...key, cooldown: rest('credential', 60) }] }), 'resting')
})

test('dollars are dollars, and what nobody knows is not there', async () => {
  const usedFrom = { source: 'own-count', confidence: 'medium' } as const
  const windows = [
    {
      name: 'usd-day',
      metric: 'nano-usd',
      lane: 'all',
      used: 1.5e9,
      max: 2e9,
      remaining: 0.5e9,
      usedFrom,
      resetsAt: later(60),
    },
    { name: 'in-flight', metric: 'in-flight', lane: 'all', used: 2, usedFrom },
  ] as const
  const providers = [{ ...provider, accounts: [{ ...account, windows }] }]
  const of = 'provider="one",account="a"'
  assert.deepEqual(await samples('switchyard_quota_used', { providers }), [
    `switchyard_quota_used{${of},window="usd-day",unit="dollars"} 1.5`,
    `switchyard_quota_used{${of},window="in-flight",unit="calls"} 2`,
  ])
  assert.deepEqual(await samples('switchyard_quota_limit', { providers }), [
    `switchyard_quota_limit{${of},window="usd-day",unit="dollars"} 2`,
  ])
  assert.equal((await samples('switchyard_quota_reset_timestamp_seconds', { providers })).length, 1)
})

test('a ledger that fails is told of', async () => {
  const failing = { ledger: { unwritten: 12, problem: 'the disk is full' } }
  assert.deepEqual(await samples('switchyard_store_healthy', failing), ['switchyard_store_healthy 0'])
  assert.deepEqual(await samples('switchyard_ledger_queue_rows', failing), [
    'switchyard_ledger_queue_rows 12',
  ])
  assert.deepEqual(await samples('switchyard_store_healthy', {}), ['switchyard_store_healthy 1'])
})
