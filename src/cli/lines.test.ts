import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { untilText } from '../routing/decision-words.ts'
import { clockTime, wrapped } from './lines.ts'

test('property: no line passes 80 columns, further ones hang, and no word is lost', () => {
  const words = fc.array(fc.stringMatching(/^[a-z0-9:/]{1,60}$/), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(words, fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }), (all, lead, hang) => {
      const lines = wrapped(' '.repeat(lead) + all.join(' '), hang).split('\n')
      for (const line of lines) assert.ok(line.length <= 80, line)
      for (const line of lines.slice(1)) assert.match(line, new RegExp(`^ {${hang}}\\S`))
      assert.deepEqual(lines.join(' ').split(/ +/).filter(Boolean), all)
    }),
  )
})

test('times are told to the second, and an end that only a hand brings as that', () => {
  assert.equal(clockTime('2026-11-23T12:00:01.500Z'), '2026-11-23 12:00:01 UTC')
  assert.equal(untilText('released', clockTime), ', until it is released by hand')
  assert.equal(untilText(undefined, clockTime), '')
})
