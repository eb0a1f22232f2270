import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WaitingLine } from './waiting.ts'

test('whoever waits longest is called first, one at a time', async () => {
  const line = new WaitingLine()
  const called: string[] = []
  const first = line.wait(60_000, undefined).then(() => called.push('first'))
  const second = line.wait(60_000, undefined).then(() => called.push('second'))
  line.next()
  await first
  assert.deepEqual(called, ['first'])
  line.next()
  await second
  assert.deepEqual(called, ['first', 'second'])
  line.next()
})

test('a client that leaves gives its place up, and time runs out', async () => {
  const line = new WaitingLine()
  const leaving = new AbortController()
  const left = line.wait(60_000, leaving.signal)
  const late = line.wait(1, undefined)
  leaving.abort()
  assert.equal(await left, false)
  assert.equal(await late, false)
  assert.equal(await line.wait(60_000, leaving.signal), false)
})

test('a full line refuses at once', async () => {
  const line = new WaitingLine()
  const leaving = new AbortController()
  const all = Array.from({ length: 1000 }, () => line.wait(60_000, leaving.signal))
  assert.equal(await line.wait(60_000, undefined), false)
  leaving.abort()
  assert.deepEqual(new Set(await Promise.all(all)), new Set([false]))
})
