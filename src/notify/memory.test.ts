import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Told } from './changes.ts'
import { fileMemory } from './memory.ts'

const told: readonly Told[] = [
  {
    subject: 'pool/x',
    level: 1,
    since: 5,
    over: { kind: 'pool-back', words: { title: 'back', lines: ['a'] } },
  },
  { subject: 'budget/y', level: 2, since: 6, keepUntil: 7 },
]

test('what was told is found again, for its owner only, and a damaged file is none', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-told-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'notified.json')
  const logged: string[] = []
  const log = { info: () => {}, warn: (message: string) => void logged.push(message) }
  assert.deepEqual(fileMemory(path, log).read(), [])
  fileMemory(path, log).write(told)
  assert.deepEqual(fileMemory(path, log).read(), told)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.deepEqual(readdirSync(folder), ['notified.json'])
  for (const damaged of [
    '',
    '{',
    '{}',
    '[1,null,{"subject":1}]',
    '[{"subject":"a","level":1,"since":1,"over":{}}]',
  ]) {
    writeFileSync(path, damaged)
    assert.deepEqual(fileMemory(path, log).read(), [], damaged)
  }
  assert.deepEqual(logged, [])
  fileMemory(join(folder, 'missing', 'x.json'), log).write(told)
  assert.equal(logged.length, 1)
})
