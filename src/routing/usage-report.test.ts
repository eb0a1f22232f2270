import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { UsageRow } from '../ledger/ledger.ts'
import { readUsageQuestion } from './usage-question.ts'
import { readRange } from './usage-range.ts'
import { reportOf } from './usage-report.ts'

const noon = Date.UTC(2026, 10, 23, 12)
const hour = 3_600_000

function aRow(names: readonly string[], members: Partial<UsageRow> = {}): UsageRow {
  const nothing = { failed: 0, freeAttempts: 0, freeInput: 0, freeOutput: 0, nanoUsd: 0, unpriced: 0 }
  return { names, attempts: 1, requests: 1, input: 10, output: 5, ...nothing, ...members }
}

test('ranges are read as people write them; days are whole UTC days', () => {
  const table: readonly (readonly [string, string | undefined, string, string])[] = [
    ['today', undefined, '2026-11-23T00:00:00.000Z', '2026-11-23T12:00:00.001Z'],
    ['month', undefined, '2026-11-01T00:00:00.000Z', '2026-11-23T12:00:00.001Z'],
    ['1d', undefined, '2026-11-23T00:00:00.000Z', '2026-11-23T12:00:00.001Z'],
    ['7d', 'today', '2026-11-17T00:00:00.000Z', '2026-11-23T00:00:00.000Z'],
    ['12h', undefined, '2026-11-23T00:00:00.000Z', '2026-11-23T12:00:00.001Z'],
    ['2026-11-01', '2026-11-02T06:00:00Z', '2026-11-01T00:00:00.000Z', '2026-11-02T06:00:00.000Z'],
  ]
  for (const [since, until, from, to] of table) {
    const range = readRange({ since, ...(until === undefined ? {} : { until }) }, noon)
    assert.deepEqual(
      [range.since, range.until].map((at) => new Date(at).toISOString()),
      [from, to],
      since,
    )
  }
  const wrong = [
    '',
    '7',
    'd',
    '-1d',
    '2026-99-99',
    '2026-02-30',
    '2026-11-01 (UTC)',
    '2026-11-01T25:00',
    'now',
  ]
  for (const since of [...wrong, '2027-01-01'])
    assert.throws(() => readRange({ since }, noon), { code: 'invalid_request' }, since)
})

test('a time without a zone is of UTC, as every other is, wherever the machine stands', () => {
  const zone = process.env['TZ']
  try {
    process.env['TZ'] = 'America/New_York'
    for (const since of ['2026-11-23T10:00', '2026-11-23 10:00', '2026-11-23T05:00:00-05:00'])
      assert.equal(readRange({ since }, noon).since, noon - 2 * hour, since)
  } finally {
    if (zone === undefined) delete process.env['TZ']
    else process.env['TZ'] = zone
  }
})

test('free tokens are worth what they would have cost at the reference price; without one nobody says', () => {
  const rows = [aRow(['a'], { freeInput: 1_000_000, freeOutput: 500_000 }), aRow(['b'], { nanoUsd: 7e8 })]
  const range = { since: noon - hour, until: noon }
  const price = { input: 150, output: 600 }
  const reference = { id: 'm', free: false, provider: 'one', lane: 'paid', price } as const
  const report = reportOf(rows, range, ['key'], reference)
  assert.deepEqual(report.reference, { model: 'm', inputUsdPerMillion: 0.15, outputUsdPerMillion: 0.6 })
  assert.deepEqual(
    report.rows.map(({ group, freeValueUsd }) => [group, freeValueUsd]),
    [
      [{ key: 'a' }, 0.45],
      [{ key: 'b' }, 0],
    ],
  )
  assert.deepEqual([report.total.usd, report.total.freeValueUsd, report.total.requests], [0.7, 0.45, 2])
  assert.equal(reportOf(rows, range, ['key'], undefined).total.freeValueUsd, null)
})

test('property: the total is the sum of the rows', () => {
  const count = fc.integer({ min: 0, max: 1e9 })
  const row = fc.record({ attempts: count, input: count, freeOutput: count, nanoUsd: count })
  fc.assert(
    fc.property(fc.array(row), (given) => {
      const rows = given.map((members, index) => aRow([String(index)], members))
      const { total } = reportOf(rows, { since: 0, until: 1 }, ['key'], undefined)
      const sum = (name: 'attempts' | 'input' | 'freeOutput' | 'nanoUsd'): number =>
        rows.reduce((before, each) => before + each[name], 0)
      assert.deepEqual(
        [total.attempts, total.inputTokens, total.freeOutputTokens, total.usd],
        [sum('attempts'), sum('input'), sum('freeOutput'), sum('nanoUsd') / 1e9],
      )
    }),
  )
})

test('a question in words has the defaults of a person, and names what it does not understand', () => {
  const ranged = (words: object): string[] => {
    const { since, until } = readUsageQuestion(words, noon)
    return [since, until].map((at) => new Date(at).toISOString())
  }
  assert.deepEqual(readUsageQuestion({}, noon).by, ['day'])
  assert.deepEqual(ranged({}), ['2026-11-17T00:00:00.000Z', '2026-11-23T12:00:00.001Z'])
  assert.deepEqual(ranged({ by: 'hour' }), ['2026-11-23T00:00:00.000Z', '2026-11-23T12:00:00.001Z'])
  assert.deepEqual(readUsageQuestion({ by: 'model, key,model' }, noon).by, ['model', 'key'])
  const flag = (param: string): string => `--${param}`
  assert.throws(() => readUsageQuestion({ by: 'week' }, noon, flag), { param: 'by', message: /^--by takes / })
  assert.throws(() => readUsageQuestion({ since: 'x' }, noon), { param: 'since', message: /^since takes / })
})
