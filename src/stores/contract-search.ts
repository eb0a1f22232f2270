import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AttemptFilter } from '../ledger/search.ts'
import { anAttempt, aResult, openedAt, type OpenStore } from './contract-rows.ts'

/** How a store is searched for attempts. */
export function testSearch(name: string, open: OpenStore): void {
  test(`${name}: attempts are found by any of their members, and all that is asked for must hold`, async (t) => {
    await using store = await open(t, openedAt)
    store.open(anAttempt(1, { client: 'bot', asked: 'claude-x', model: 'small' }))
    store.open(anAttempt(2, { provider: 'two', key: 'key_b', lane: 'paid', model: 'large' }))
    store.open(anAttempt(3, { number: 2, call: 'call-2' }))
    store.open(anAttempt(4, { client: 'Büro 50%' }))
    await store.settle(aResult(1, { served: 'Small-2026' }))
    await store.settle({ id: 2, state: 'failed', fault: 'quota', totalMs: 1 })
    await store.settle(aResult(3, { state: 'aborted' }))
    const table: readonly (readonly [Omit<AttemptFilter, 'limit'>, readonly number[]])[] = [
      [{}, [4, 3, 2, 1]],
      [{ before: 3 }, [2, 1]],
      [{ since: openedAt + 2, until: openedAt + 4 }, [3, 2]],
      [{ client: 'bot' }, [1]],
      [{ provider: 'two' }, [2]],
      [{ key: 'key_b' }, [2]],
      [{ lane: 'paid' }, [2]],
      [{ fault: 'quota' }, [2]],
      [{ call: 'call-2' }, [3, 2]],
      [{ states: ['failed', 'open'] }, [4, 2]],
      [{ states: [] }, []],
      [{ model: 'claude-x' }, [1]],
      [{ model: 'small' }, [4, 3, 1]],
      [{ model: 'Small-2026' }, [1]],
      [{ text: 'SMALL-2' }, [1]],
      [{ text: 'CALL-2' }, [3, 2]],
      [{ text: 'y_B' }, [2]],
      [{ text: '50%' }, [4]],
      // Neither is a pattern.
      [{ text: '%' }, [4]],
      [{ text: '_' }, [2]],
      [{ text: '\\' }, []],
      [{ text: 'quot' }, [2]],
      [{ client: 'tests', states: ['aborted'] }, [3]],
      [{ client: 'bot', states: ['aborted'] }, []],
      [{ client: "' OR 1=1--" }, []],
    ]
    for (const [filter, ids] of table) {
      const { attempts, next } = await store.attempts({ limit: 9, ...filter })
      assert.deepEqual([attempts.map(({ id }) => id), next], [ids, undefined], JSON.stringify(filter))
    }
  })

  test(`${name}: page after page has every attempt once, however clocks ran`, async (t) => {
    await using store = await open(t, openedAt)
    for (let id = 1; id <= 500; id += 1)
      store.open(anAttempt(id, { at: openedAt + ((id * 7919) % 500), key: `key-${id % 3}` }))
    const found: number[] = []
    let before: number | undefined
    do {
      const page = await store.attempts({
        limit: 20,
        key: 'key-1',
        since: openedAt + 100,
        until: openedAt + 400,
        ...(before === undefined ? {} : { before }),
      })
      assert.ok(page.attempts.length > 0 || page.next === undefined)
      found.push(...page.attempts.map(({ id }) => id))
      before = page.next
    } while (before !== undefined)
    const all = Array.from({ length: 500 }, (_, index) => 500 - index)
    const isIn = (id: number): boolean => (id * 7919) % 500 >= 100 && (id * 7919) % 500 < 400
    assert.deepEqual(
      found,
      all.filter((id) => id % 3 === 1 && isIn(id)),
    )
  })
}
