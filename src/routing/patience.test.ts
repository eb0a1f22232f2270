import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMovableClock } from '../clock.ts'
import { ProviderError, QuotaExhaustedError } from '../errors.ts'
import { Patience } from './patience.ts'

const start = Date.UTC(2026, 10, 23, 12)

function patience(): Patience {
  return new Patience({ clock: createMovableClock({ start, running: true }), random: () => 0 })
}

const spentFor = (ms: number): QuotaExhaustedError =>
  new QuotaExhaustedError('spent', [{ provider: 'one', reason: 'spent', freeAt: start + ms }])

test('what returns within the time is waited for and tried again', async () => {
  let tries = 0
  const answer = await patience().through(
    async () => {
      tries++
      if (tries < 3) throw spentFor(tries * 20)
      return 'answer'
    },
    { maxWaitMs: 5000 },
  )
  assert.deepEqual([answer, tries], ['answer', 3])
})

test('what returns too late, or at no known time, is told at once', async () => {
  for (const error of [spentFor(60_000), new ProviderError('unavailable', 'down'), new Error('bug')]) {
    let tries = 0
    const begun = performance.now()
    const attempt = async (): Promise<never> => {
      tries++
      throw error
    }
    await assert.rejects(patience().through(attempt, { maxWaitMs: 5000 }), (given) => given === error)
    assert.equal(tries, 1)
    assert.ok(performance.now() - begun < 1000)
  }
})

test('without patience nothing is waited for', async () => {
  const attempt = (): Promise<never> => Promise.reject(spentFor(1))
  await assert.rejects(patience().through(attempt, { maxWaitMs: 0 }), { code: 'quota_exhausted' })
})

test('a client that leaves ends its wait', async () => {
  const leaving = new AbortController()
  const attempt = (): Promise<never> => Promise.reject(spentFor(60_000))
  const waiting = patience().through(attempt, { maxWaitMs: 120_000, signal: leaving.signal })
  setImmediate(() => leaving.abort())
  await assert.rejects(waiting, { code: 'client_closed' })
})
