import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStand } from '../support/stand.ts'

interface Page {
  readonly attempts: readonly { readonly id: number; readonly call: string; readonly state: string }[]
  readonly next?: number
}

test('attempts are searched page by page; what is not understood is refused by name', async () => {
  await using stand = await openStand()
  const ask = (query: string): Promise<Response> =>
    fetch(`${stand.gateway.url}/admin/attempts?${query}`, {
      headers: { authorization: `Bearer ${stand.adminKey}` },
    })
  const find = async (query: string): Promise<Page> => (await (await ask(query)).json()) as Page
  for (const content of ['one', 'two', 'three']) {
    const reply = await stand.chat({ messages: [{ role: 'user', content }] })
    assert.equal(reply.status, 200)
    await reply.text()
  }

  const all = await find('')
  assert.equal(all.attempts.length, 3)
  assert.equal(all.next, undefined)
  const first = await find('limit=2&state=done,failed&client=default')
  assert.deepEqual(first.attempts, all.attempts.slice(0, 2))
  assert.equal(first.next, first.attempts[1]?.id)
  const second = await find(`limit=2&before=${first.next}`)
  assert.deepEqual(second, { attempts: all.attempts.slice(2) })
  const call = all.attempts[1]?.call ?? ''
  assert.deepEqual((await find(`text=${call.toUpperCase()}`)).attempts, all.attempts.slice(1, 2))
  assert.deepEqual(await find('fault=quota'), { attempts: [] })
  const now = new Date(stand.clock.now() + 1).toISOString()
  assert.equal((await find(`until=${now}`)).attempts.length, 3)
  assert.equal((await find(`since=${now}`)).attempts.length, 0)

  for (const [query, name] of [
    ['limit=0', 'limit'],
    ['before=x', 'before'],
    ['since=yesterday', 'since'],
    ['lane=cheap', 'lane'],
    ['state=done,gone', 'state'],
    ['text=', 'text'],
    ['colour=red', 'colour'],
  ] as const) {
    const reply = await ask(query)
    assert.equal(reply.status, 400, query)
    const { error } = (await reply.json()) as { error: { message: string } }
    assert.match(error.message, new RegExp(`the query is not understood: .*${name}`), query)
  }
})
