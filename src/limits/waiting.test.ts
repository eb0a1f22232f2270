import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstCalled, WaitingLine } from './waiting.ts'

const longMs = 60_000

test('whoever waits longest is called first, one at a time', async () => {
  const line = new WaitingLine()
  const called: string[] = []
  const first = firstCalled([line.place()], longMs, undefined).then(() => called.push('first'))
  const second = firstCalled([line.place()], longMs, undefined).then(() => called.push('second'))
  line.next()
  await first
  assert.deepEqual(called, ['first'])
  line.next()
  await second
  assert.deepEqual(called, ['first', 'second'])
  line.next()
})

test('who passes a call on keeps its place', async () => {
  const line = new WaitingLine()
  const [front, back] = [line.place(), line.place()]
  const second = firstCalled([back], longMs, undefined)
  const first = firstCalled([front], longMs, undefined)
  line.next()
  assert.equal(await first, front)
  const again = firstCalled([front], longMs, undefined)
  line.next(front)
  assert.equal(await second, back)
  // Nobody is behind the last one.
  line.next(back)
  line.next()
  assert.equal(await again, front)
})

test('who is called in one line has left the others', async () => {
  const [one, other] = [new WaitingLine(), new WaitingLine()]
  const places = [one.place(), other.place()]
  const waiting = firstCalled(places, longMs, undefined)
  const behind = firstCalled([one.place()], longMs, undefined)
  other.next()
  one.next()
  assert.equal(await waiting, places[1])
  assert.equal((await behind)?.line, one)
})

test('a client that leaves gives its place up, and time runs out', async () => {
  const line = new WaitingLine()
  const leaving = new AbortController()
  const left = firstCalled([line.place()], longMs, leaving.signal)
  const late = firstCalled([line.place()], 1, undefined)
  leaving.abort()
  assert.equal(await left, undefined)
  assert.equal(await late, undefined)
  assert.equal(await firstCalled([line.place()], longMs, leaving.signal), undefined)
})

test('a full line refuses at once', async () => {
  const line = new WaitingLine()
  const leaving = new AbortController()
  const all = Array.from({ length: 1000 }, () => firstCalled([line.place()], longMs, leaving.signal))
  assert.equal(await firstCalled([line.place()], longMs, undefined), undefined)
  leaving.abort()
  assert.deepEqual(new Set(await Promise.all(all)), new Set([undefined]))
})
