import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { RequestError } from '../../errors.ts'
import { readName, writeId, writeName } from './names.ts'

test('names that the wire takes stay as they are', () => {
  for (const name of ['get_weather', 'mcp__files__read-2', 'x'.repeat(128), 'esc_ape'])
    assert.deepEqual([writeName(name), readName(name)], [name, name])
})

test('names of other services stay readable, and come back as the client wrote them', () => {
  assert.equal(writeName('files.read-all'), 'esc_files-2eread-2dall')
  assert.equal(readName('esc_files-2eread-2dall'), 'files.read-all')
  assert.equal(readName(writeName('天气 now')), '天气 now')
  assert.throws(
    () => writeName('x'.repeat(129)),
    (error) => error instanceof RequestError && error.param === 'tools' && /at most 128/.test(error.message),
  )
})

test('any name comes back, also one that looks like ours', () => {
  const name = fc.array(fc.constantFrom('esc_', 'a', '-2e', '-', '.', '/', 'é', '%', '-zz'), { maxLength: 9 })
  fc.assert(
    fc.property(name, (parts) => {
      const written = writeName(parts.join(''))
      assert.match(written, /^[A-Za-z0-9_-]{1,128}$/)
      assert.equal(readName(written), parts.join(''))
    }),
  )
})

test('ids that the wire takes stay as they are, others become a hash of themselves', () => {
  for (const id of ['toolu_01AbC', 'call_1-x', 'a'.repeat(64)]) assert.equal(writeId(id), id)
  for (const id of ['', 'call:1', 'a'.repeat(65), 'ü']) {
    assert.match(writeId(id), /^call_[0-9a-f]{24}$/)
    assert.equal(writeId(id), writeId(id))
  }
  assert.notEqual(writeId('call:1'), writeId('call:2'))
})
