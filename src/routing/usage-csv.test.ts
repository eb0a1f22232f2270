import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UsageRow } from '../ledger/ledger.ts'
import { csvOf } from './usage-csv.ts'
import { reportOf } from './usage-report.ts'

function aRow(names: readonly string[], members: Partial<UsageRow> = {}): UsageRow {
  const nothing = { failed: 0, freeAttempts: 0, freeInput: 0, freeOutput: 0, nanoUsd: 0, unpriced: 0 }
  return { names, attempts: 1, requests: 1, input: 10, output: 5, ...nothing, ...members }
}

test('names in CSV cannot break a line, and a spreadsheet takes none for a formula', () => {
  const names = ['a,b', 'say "hi"', '=1+1', '@x', 'line\nbreak', 'plain']
  const report = reportOf(
    names.map((name) => aRow([name])),
    { since: 0, until: 1 },
    ['client'],
    undefined,
  )
  const cells = csvOf(report)
    .split(/\n(?=[^"]*(?:"[^"]*"[^"]*)*$)/)
    .slice(1)
    .map((line) => line.replace(/,1,1,0,.*$/s, ''))
  assert.deepEqual(cells, ['"a,b"', '"say ""hi"""', "'=1+1", "'@x", '"line\nbreak"', 'plain'])
})
