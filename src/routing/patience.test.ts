import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { createMovableClock } from '../clock.ts'
import { ProviderError, QuotaExhaustedError } from '../errors.ts'
import { Patience, type PatienceOptions } from './patience.ts'

const start = Date.UTC(2026, 10, 23, 12)

function patience(): Patience {
  return new Patience({ clock: createMovableClock({ start }), random: () => 0 })
}

/** A request that may make as many calls as it likes, but makes none. */
function options(given: Partial<PatienceOptions>): PatienceOptions {
  return { maxWaitMs: 5000, waits: () => {}, calls: () => 0, mostCalls: 18, ...given }
}

const spentFor = (ms: number): QuotaExhaustedError =>
  new QuotaExhaustedError('spent', [{ provider: 'one', reason: 'spent', freeAt: start + ms }])

test('what returns within the time is waited for and tried again', async () => {
  let tries = 0
  const answer = await patience().of(options({}))(async () => {
    tries++
    if (tries < 3) throw spentFor(tries * 20)
    return 'answer'
  })
  assert.deepEqual([answer, tries], ['answer', 3])
})

test('what returns too late, at no known time, or is no spent quota, is told at once', async () => {
  const down = new ProviderError('unavailable', 'down', { availableAt: new Date(start + 1) })
  const nobodyKnows = new ProviderError('unavailable', 'nobody knows')
  for (const error of [spentFor(60_000), down, nobodyKnows, new Error('bug')]) {
    let tries = 0
    const begun = performance.now()
    const attempt = async (): Promise<never> => {
      tries++
      throw error
    }
    await assert.rejects(patience().of(options({}))(attempt), (given) => given === error)
    assert.equal(tries, 1)
    assert.ok(performance.now() - begun < 1000)
  }
})

test('without patience nothing is waited for', async () => {
  const attempt = (): Promise<never> => Promise.reject(spentFor(1))
  await assert.rejects(patience().of(options({ maxWaitMs: 0 }))(attempt), { code: 'quota_exhausted' })
})

test('a service that says "in a second" forever is asked later and later, and not often', async () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  try {
    let calls = 0
    const waited: number[] = []
    const attempt = async (): Promise<never> => {
      calls++
      throw spentFor(1000)
    }
    const patient = patience().of(
      options({
        maxWaitMs: 600_000,
        calls: () => calls,
        mostCalls: 9,
        waits: (ms) => {
          waited.push(ms)
          setImmediate(() => mock.timers.tick(ms))
        },
      }),
    )
    await assert.rejects(patient(attempt), { code: 'quota_exhausted' })
    assert.equal(calls, 9)
    assert.deepEqual(waited, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
  } finally {
    mock.timers.reset()
  }
})

test('one client leaves places to the others, who wait', async () => {
  const shared = patience()
  const leaving = new AbortController()
  const attempt = (): Promise<never> => Promise.reject(spentFor(60_000))
  const ask = (client: string | undefined): Promise<never> =>
    shared.of(options({ maxWaitMs: 120_000, client, signal: leaving.signal }))(attempt)
  const greedy = Array.from({ length: 100 }, () => ask('greedy'))
  await new Promise(setImmediate)
  await assert.rejects(ask('greedy'), { code: 'quota_exhausted' })
  const others = [ask('modest'), ask(undefined)]
  await new Promise(setImmediate)
  leaving.abort()
  for (const waiting of [...greedy, ...others]) await assert.rejects(waiting, { code: 'client_closed' })
  await assert.rejects(ask('greedy'), { code: 'client_closed' })
})

test('a client that leaves ends its wait', async () => {
  const leaving = new AbortController()
  const attempt = (): Promise<never> => Promise.reject(spentFor(60_000))
  const waiting = patience().of(options({ maxWaitMs: 120_000, signal: leaving.signal }))(attempt)
  setImmediate(() => leaving.abort())
  await assert.rejects(waiting, { code: 'client_closed' })
})
