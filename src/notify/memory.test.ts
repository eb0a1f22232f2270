import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Told } from './changes.ts'
import { fileMemory, type Remembered } from './memory.ts'
import type { Notice } from './notice.ts'

const told: readonly Told[] = [
  {
    subject: 'pool/x',
    level: 1,
    since: 5,
    over: { kind: 'pool-back', words: { title: 'back', lines: ['a'] } },
  },
  { subject: 'budget/y', level: 2, since: 6, keepUntil: 7 },
]

const spent: Notice = {
  kind: 'pool-spent',
  subject: 'pool/x',
  urgent: false,
  at: 5,
  title: 'spent',
  lines: ['b'],
}
const remembered: Remembered = {
  told,
  unsent: { slack: { waiting: [spent], held: [{ ...spent, kind: 'digest', until: 9 }] } },
}
const nothing: Remembered = { told: [], unsent: {} }

test('what was told and what still waits is found again, for its owner only, and a damaged file is none', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-told-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'notified.json')
  const logged: string[] = []
  const log = { info: () => {}, warn: (message: string) => void logged.push(message) }
  assert.deepEqual(fileMemory(path, log).read(), nothing)
  fileMemory(path, log).write(remembered)
  assert.deepEqual(fileMemory(path, log).read(), remembered)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.deepEqual(readdirSync(folder), ['notified.json'])
  for (const damaged of [
    '',
    '{',
    '{}',
    '[1,null,{"subject":1}]',
    '{"told":[1,null,{"subject":"a","level":1,"since":1,"over":{}}],"unsent":3}',
    'null',
  ]) {
    writeFileSync(path, damaged)
    assert.deepEqual(fileMemory(path, log).read(), nothing, damaged)
  }
  writeFileSync(path, '{"unsent":{"a":null,"b":{"waiting":[1,{"kind":"no-such"}],"held":{}}}}')
  const none = { waiting: [], held: [] }
  assert.deepEqual(fileMemory(path, log).read().unsent, { a: none, b: none })
  assert.deepEqual(logged, [])
  fileMemory(join(folder, 'missing', 'x.json'), log).write(remembered)
  assert.equal(logged.length, 1)
})

test('what could not be written is written as soon as it can be, and told of once', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-told-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'later', 'notified.json')
  const logged: string[] = []
  const memory = fileMemory(path, { info: () => {}, warn: (message) => void logged.push(message) })
  memory.write(remembered)
  memory.write(remembered)
  mkdirSync(join(folder, 'later'))
  memory.write(remembered)
  assert.deepEqual(memory.read(), remembered)
  assert.equal(logged.length, 1)
})
