import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import OpenAI from 'openai'
import { clientKey, openStand, type Stand } from '../support/stand.ts'

let stand: Stand
before(async () => (stand = await openStand()))
after(() => stand[Symbol.asyncDispose]())

interface Entry {
  readonly id: string
  readonly [name: string]: unknown
}

interface List {
  readonly object: string
  readonly data: readonly Entry[]
  readonly has_more: boolean
  readonly first_id: string | null
  readonly last_id: string | null
}

const anthropic = { 'anthropic-version': '2023-06-01' }

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(stand.gateway.url + path, { headers: { authorization: `Bearer ${clientKey}`, ...headers } })

const list = async (query = '', headers: Record<string, string> = {}): Promise<List> =>
  (await (await get(`/v1/models${query}`, headers)).json()) as List

test('one list has what both families of clients read, with auto first and every name once', async () => {
  const { object, data, has_more, first_id, last_id } = await list()
  assert.deepEqual([object, has_more, first_id, last_id], ['list', false, 'auto', data.at(-1)?.id])
  assert.equal(new Set(data.map(({ id }) => id)).size, data.length)
  for (const entry of data) {
    assert.deepEqual([entry['object'], entry['type']], ['model', 'model'])
    assert.ok(Number.isInteger(entry['created']))
    assert.equal(typeof entry['owned_by'], 'string')
    assert.equal(typeof entry['display_name'], 'string')
    assert.match(String(entry['created_at']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  }
  const gemma = data.find(({ id }) => id === 'gemma4:31b')
  assert.deepEqual([gemma?.['context_length'], gemma?.['max_input_tokens']], [262_144, 262_144])
})

test('the openai client lists them and reads one by its id', async () => {
  const client = new OpenAI({ apiKey: clientKey, baseURL: `${stand.gateway.url}/v1`, maxRetries: 0 })
  const ids: string[] = []
  for await (const { id } of client.models.list()) ids.push(id)
  assert.deepEqual(
    ids,
    (await list()).data.map(({ id }) => id),
  )
  const slashed = ids.find((id) => id.includes('/') && id.includes(':'))
  assert.ok(slashed !== undefined)
  assert.equal((await client.models.retrieve(slashed)).id, slashed)
})

test('an id is found with its marks encoded or not, with the tag latest or not', async () => {
  const { data } = await list()
  for (const { id } of data.filter((each) => /[/:]/.test(each.id)).slice(0, 8)) {
    for (const path of [id, encodeURIComponent(id), id.replaceAll('/', '%2F'), id.replaceAll(':', '%3a')]) {
      const entry = (await (await get(`/v1/models/${path}`)).json()) as Entry
      assert.equal(entry.id, id, path)
    }
  }
  assert.equal(((await (await get('/v1/models/auto:latest')).json()) as Entry).id, 'auto')
  assert.equal((await get('/v1/models/auto:cheap')).status, 404)
})

test('Anthropic’s clients page through the list, forth and back', async () => {
  const all = (await list('', anthropic)).data.map(({ id }) => id)
  assert.deepEqual(
    all,
    (await list()).data.map(({ id }) => id),
    'without a limit it is whole',
  )
  const seen: string[] = []
  let page = await list('?limit=5', anthropic)
  for (;;) {
    assert.deepEqual([page.first_id, page.last_id], [page.data[0]?.id, page.data.at(-1)?.id])
    seen.push(...page.data.map(({ id }) => id))
    if (!page.has_more) break
    page = await list(`?limit=5&after_id=${encodeURIComponent(page.last_id ?? '')}`, anthropic)
  }
  assert.deepEqual(seen, all)
  const back = await list(`?limit=2&before_id=${encodeURIComponent(all[3] ?? '')}`, anthropic)
  assert.deepEqual([back.data.map(({ id }) => id), back.has_more], [all.slice(1, 3), true])
  const first = await list(`?limit=5&before_id=${encodeURIComponent(all[3] ?? '')}`, anthropic)
  assert.deepEqual([first.data.map(({ id }) => id), first.has_more], [all.slice(0, 3), false])
  // Clients of OpenAI's family do not page.
  assert.equal((await list('?limit=5')).data.length, all.length)
  for (const query of ['?limit=0', '?limit=1001', '?limit=x', '?after_id=nobody', '?before_id=nobody'])
    assert.equal((await get(`/v1/models${query}`, anthropic)).status, 400, query)
})
