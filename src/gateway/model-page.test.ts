import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { RequestError } from '../errors.ts'
import { pageOf } from './model-page.ts'

const listOf = (length: number): { readonly id: string }[] =>
  Array.from({ length }, (_, index) => ({ id: `vendor/m:${index}` }))

test('paging forth, and back from the end, meets every entry once and in order', () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 70 }))
  fc.assert(
    fc.property(sizes, ([length, limit]) => {
      const all = listOf(length)
      const query = (more: Record<string, string>): URLSearchParams =>
        new URLSearchParams({ limit: String(limit), ...more })

      const forth: { readonly id: string }[] = []
      let page = pageOf(all, query({}))
      for (; page.hasMore; page = pageOf(all, query({ after_id: forth.at(-1)?.id ?? '' })))
        forth.push(...page.data)
      assert.deepEqual([...forth, ...page.data], all)

      let back = all.slice(-1)
      do {
        page = pageOf(all, query({ before_id: back[0]?.id ?? '' }))
        back = [...page.data, ...back]
      } while (page.hasMore)
      assert.deepEqual(back, all)
    }),
  )
})

test('without a limit the list is whole; a limit or an id that makes no sense is refused', () => {
  const all = listOf(3)
  assert.deepEqual(pageOf(all, new URLSearchParams()), { data: all, hasMore: false })
  for (const query of [
    'limit=0',
    'limit=-1',
    'limit=1e3',
    'limit=',
    'limit=1001',
    'after_id=x',
    'before_id=',
  ])
    assert.throws(() => pageOf(all, new URLSearchParams(query)), RequestError, query)
})
