import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { UsageLine, UsageReport } from '../../dashboard/src/api/types.ts'
import { fileNameOf } from '../../dashboard/src/pages/usage/file-name.ts'
import {
  addressOf,
  dayAfter,
  lastDay,
  readQuestion,
  reportPath,
  stepMs,
} from '../../dashboard/src/pages/usage/question.ts'
import { mostNames, restName, seriesOf, timesOf } from '../../dashboard/src/pages/usage/series.ts'
import { edgesOf } from '../../dashboard/src/parts/stack.ts'

const noFigures = {
  requests: 0,
  attempts: 0,
  failed: 0,
  inputTokens: 0,
  outputTokens: 0,
  freeAttempts: 0,
  freeInputTokens: 0,
  freeOutputTokens: 0,
  usd: 0,
  unpriced: 0,
  freeValueUsd: null,
}

function aReport(by: UsageReport['by'], rows: readonly UsageLine[]): UsageReport {
  const since = '2026-11-20T00:00:00.000Z'
  const until = '2026-11-23T12:00:00.001Z'
  return { since, until, by, reference: null, rows, total: noFigures }
}

const day = fc.integer({ min: 20, max: 23 }).map((number) => `2026-11-${number}T00:00:00Z`)
const figures = fc.record({ requests: fc.nat({ max: 1000 }), usd: fc.nat({ max: 1000 }) })
const lines = fc.array(
  fc
    .tuple(day, fc.string({ maxLength: 2 }), figures)
    .map(([at, model, sums]): UsageLine => ({ ...noFigures, ...sums, group: { day: at, model } })),
  { maxLength: 60 },
)

test('property: the bars of a chart add up to the rows, day by day, whatever their names', () => {
  fc.assert(
    fc.property(lines, (rows) => {
      const { times, stacks } = seriesOf(aReport(['day', 'model'], rows), 'requests', stepMs.day)
      assert.equal(times.length, 4)
      assert.ok(stacks.length <= mostNames + 1)
      for (const [index, time] of times.entries()) {
        const wanted = rows.filter(({ group }) => Date.parse(group.day ?? '') === time)
        assert.equal(
          stacks.reduce((sum, { values }) => sum + (values[index] ?? 0), 0),
          wanted.reduce((sum, { requests }) => sum + requests, 0),
        )
      }
      const top = edgesOf(stacks, times.length).at(-1) ?? []
      assert.equal(
        top.reduce((sum, value) => sum + value, 0),
        rows.reduce((sum, { requests }) => sum + requests, 0),
      )
    }),
  )
})

test('the largest names have bars of their own, the others one together', () => {
  const rows = Array.from({ length: 12 }, (_, index) => ({
    ...noFigures,
    requests: 100 - index,
    group: { day: '2026-11-21T00:00:00Z', model: `m${index}` },
  }))
  const named = (count: number): string[] =>
    seriesOf(aReport(['day', 'model'], rows.slice(0, count)), 'requests', stepMs.day).stacks.map(
      ({ name }) => name,
    )
  assert.deepEqual(named(12), ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', restName])
  // One alone is not hidden behind another word.
  assert.equal(named(9).at(-1), 'm8')
  assert.deepEqual(named(0), [])
})

test('hours have a place whether or not something was used in them: a day whole, else to the end', () => {
  const hours = (since: string, until: string): string[] =>
    timesOf({ since: `2026-11-23T${since}Z`, until: `2026-11-23T${until}Z` }, stepMs.hour).map((time) =>
      new Date(time).toISOString().slice(11, 16),
    )
  assert.deepEqual(hours('09:40:00.000', '12:00:00.001'), ['09:00', '10:00', '11:00', '12:00'])
  const today = hours('00:00:00.000', '03:30:00.000')
  assert.deepEqual([today.length, today.at(-1)], [24, '23:00'])
})

test('the name of the file says what is in it', () => {
  assert.equal(fileNameOf(aReport(['model'], [])), 'switchyard-usage-model-2026-11-20-2026-11-23.csv')
  const days = { ...aReport(['key'], []), until: '2026-11-23T00:00:00.000Z' }
  assert.equal(fileNameOf(days), 'switchyard-usage-key-2026-11-20-2026-11-22.csv')
})

test('an address is asked in the words of the command; what it does not understand is the usual', () => {
  const path = (members: Record<string, string>): string => reportPath(readQuestion(members), ['model'])
  assert.equal(path({}), 'usage/report?since=7d&by=model')
  assert.equal(
    path({ since: 'today', reference: 'a/b' }),
    'usage/report?since=today&by=model&reference=a%2Fb',
  )
  assert.equal(
    path({ since: '2026-11-01', until: '2026-12-01' }),
    'usage/report?since=2026-11-01&until=2026-12-01&by=model',
  )
  assert.deepEqual(readQuestion({ since: ' ', by: 'y', show: 'z' }), readQuestion({}))
  const asked = readQuestion({ since: '2026-11-01', until: '2026-12-01', by: 'key', show: 'tokens' })
  const address = new URL(addressOf(asked), 'http://localhost')
  assert.deepEqual(readQuestion(Object.fromEntries(address.searchParams)), asked)
  assert.deepEqual(
    [lastDay('2026-12-01'), dayAfter('2026-11-30'), lastDay('')],
    ['2026-11-30', '2026-12-01', ''],
  )
})
