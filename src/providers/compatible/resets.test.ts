import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nextPacificMidnight, readDurationMs, readSpentReset, readWaitMs } from './resets.ts'

describe('resets', () => {
  it('reads durations as Go writes them', () => {
    const table = [
      ['1m30.5s', 90_500],
      ['12ms', 12],
      ['2m59.56s', 179_560],
      ['1h0m0s', 3_600_000],
      ['7.66s', 7660],
      ['6.780999999s', 6781],
      ['850µs', 1],
      ['0s', 0],
      ['1d2h', 93_600_000],
      ['', undefined],
      ['12', undefined],
      ['s', undefined],
      ['1m30', undefined],
      ['-5s', undefined],
      ['1s'.repeat(100), undefined],
    ] as const
    for (const [text, expected] of table) assert.equal(readDurationMs(text), expected, text)
  })

  it('reads the waits that messages ask for', () => {
    const table = [
      ['Please try again in 7.66s. Visit', 7660],
      ['Please retry in 12s', 12_000],
      ['Please retry in 45.578569677s.', 45_579],
      ['Please try again in 9m38.016s. Need', 578_016],
      ['Please try again in 644ms.', 644],
      ['try again in 20 seconds', 20_000],
      ['Please wait 1 second before retrying', 1000],
      ['Retry after 2 minutes', 120_000],
      ['please reduce your message size and try again. Visit', undefined],
      ['try again in 5something', undefined],
      ['wait for it', undefined],
    ] as const
    for (const [text, expected] of table) assert.equal(readWaitMs(text), expected, text)
  })

  it('takes the resets of spent windows only', () => {
    const now = Date.parse('2026-11-23T10:00:00Z')
    const spent = (headers: Record<string, string>) => {
      const at = readSpentReset(headers, now)
      return at === undefined ? undefined : at - now
    }
    const requests = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1m30.5s' }
    const tokens = { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '7.66s' }
    assert.equal(spent(requests), 90_500)
    assert.equal(spent(tokens), 7660)
    assert.equal(spent({ ...requests, ...tokens }), 90_500)
    assert.equal(spent({ ...requests, 'x-ratelimit-remaining-requests': '3', ...tokens }), 7660)
    assert.equal(spent({ ...requests, 'x-ratelimit-remaining-requests': '3' }), undefined)
    // Cerebras counts seconds with a fraction, others name a point in time.
    const day = {
      'x-ratelimit-remaining-requests-day': '0',
      'x-ratelimit-reset-requests-day': '33011.382867',
    }
    assert.equal(spent(day), 33_011_383)
    assert.equal(spent({ 'ratelimit-remaining': '0', 'ratelimit-reset': '30' }), 30_000)
    assert.equal(spent({ 'x-ratelimit-reset': '1795428030' }), 30_000)
    assert.equal(spent({ 'x-ratelimit-reset': '1795428030000' }), 30_000)
    assert.equal(spent({ 'x-ratelimit-remaining': '5', 'x-ratelimit-reset': '1795428030' }), undefined)
    assert.equal(spent({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': 'soon' }), undefined)
    assert.equal(spent({}), undefined)
  })

  it('knows when the day ends in California, also when the clocks change', () => {
    const table = [
      ['2026-11-23T10:00:00.123Z', '2026-11-24T08:00:00.000Z'],
      ['2026-11-23T07:59:59.999Z', '2026-11-23T08:00:00.000Z'],
      ['2026-07-01T07:00:00.000Z', '2026-07-02T07:00:00.000Z'],
      ['2026-03-08T08:30:00.000Z', '2026-03-09T07:00:00.000Z'],
      ['2026-11-01T07:30:00.000Z', '2026-11-02T08:00:00.000Z'],
    ] as const
    for (const [now, end] of table) {
      assert.equal(new Date(nextPacificMidnight(Date.parse(now))).toISOString(), end)
    }
  })
})
