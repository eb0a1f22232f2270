import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Sticky } from './sticky.ts'

test('a conversation is remembered for ten minutes after its last turn', () => {
  const sticky = new Sticky<string>()
  sticky.remember('a', 'one', 0)
  assert.equal(sticky.owner('a', 599_999), 'one')
  sticky.remember('a', 'two', 599_999)
  assert.equal(sticky.owner('a', 1_199_998), 'two')
  assert.equal(sticky.owner('a', 1_199_999), undefined)
  assert.equal(sticky.owner('b', 0), undefined)
})

test('the ones that were silent longest are forgotten first', () => {
  const sticky = new Sticky<number>()
  for (let count = 0; count < 10_000; count++) sticky.remember(`${count}`, count, 0)
  sticky.remember('0', 0, 0)
  sticky.remember('new', 1, 0)
  assert.deepEqual([sticky.owner('0', 0), sticky.owner('1', 0), sticky.owner('new', 0)], [0, undefined, 1])
})
