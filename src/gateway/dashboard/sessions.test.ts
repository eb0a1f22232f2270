import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSessions } from './sessions.ts'

test('a hundred sessions are kept; the one longest unused makes room', () => {
  const sessions = createSessions(() => 1)
  const [first = '', second = '', ...rest] = Array.from({ length: 100 }, () => sessions.open())
  assert.equal(sessions.has(first), true)
  const last = sessions.open()
  assert.deepEqual(
    [first, second, rest[0] ?? '', last].map((token) => sessions.has(token)),
    [true, false, true, true],
  )
})

test('nothing but a whole token of an open session is taken', () => {
  const sessions = createSessions(() => 1)
  const token = sessions.open()
  for (const other of ['', token.slice(1), `${token} `, token.toUpperCase()])
    assert.equal(sessions.has(other), other === token, other)
  sessions.close(token)
  assert.equal(sessions.has(token), false)
})
