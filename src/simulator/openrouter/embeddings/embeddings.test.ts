import assert from 'node:assert/strict'
import { test } from 'node:test'
import OpenAI from 'openai'
import { callOpenRouter, freeModel, get } from '../../fixtures/client.ts'
import { startSimulator, type Simulator } from '../../index.ts'
import type { Json } from '../../json.ts'

const paid = 'openai/text-embedding-3-small'

const ask = (sim: Simulator, more: Json = {}) => callOpenRouter(sim, '/embeddings', 0, more)
const vectorsOf = (json: Json): unknown[] => (json['data'] as Json[]).map(({ embedding }) => embedding)

test('the official client gets the same vectors in base64 and as numbers', async () => {
  await using sim = await startSimulator({ openrouter: { accounts: [{ balance: 1 }] } })
  const client = new OpenAI({ apiKey: sim.keys.openrouter[0]!, baseURL: sim.openrouterUrl, maxRetries: 0 })
  const asked = { model: paid, input: ['Hello there', 'zebra'] }
  const packed = await client.embeddings.create(asked)
  const plain = await client.embeddings.create({ ...asked, encoding_format: 'float' })
  assert.deepEqual(
    packed.data.map(({ embedding }) => [...embedding]),
    plain.data.map(({ embedding }) => embedding),
  )
  assert.deepEqual(
    plain.data.map(({ index, embedding }) => [index, embedding.length]),
    [
      [0, 1536],
      [1, 1536],
    ],
  )
  assert.equal(plain.usage.total_tokens, 3 + 2)
})

test('what an answer holds, and what it costs', async () => {
  await using sim = await startSimulator({ openrouter: { accounts: [{ balance: 1 }], keyStaleMs: 0 } })
  const { json, headers } = await ask(sim, { model: paid, dimensions: 4 })
  const { data, usage, ...rest } = json
  assert.deepEqual(rest, {
    id: headers.get('x-generation-id'),
    object: 'list',
    provider: 'OpenAI',
    model: 'openai/text-embedding-3-small-20260617',
  })
  const [first] = data as Json[]
  assert.deepEqual([first?.['object'], first?.['index']], ['embedding', 0])
  assert.equal((first!['embedding'] as number[]).length, 4)
  assert.deepEqual(usage, {
    prompt_tokens: 3,
    total_tokens: 3,
    cost: 3 * 0.00000002,
    is_byok: false,
    cost_details: {
      upstream_inference_cost: null,
      upstream_inference_prompt_cost: 3 * 0.00000002,
      upstream_inference_completions_cost: 0,
    },
  })
  const key = sim.keys.openrouter[0]
  const { data: known } = (await get(`${sim.openrouterUrl}/key`, key)).json as { data: Json }
  assert.equal(known['usage'], 3 * 0.00000002)
  const { data: kept } = (await get(`${sim.openrouterUrl}/generation?id=${String(json['id'])}`, key)).json
  assert.deepEqual(
    [(kept as Json)['api_type'], (kept as Json)['tokens_prompt'], (kept as Json)['total_cost']],
    ['embeddings', 3, 3 * 0.00000002],
  )
})

test('inputs of every form', async () => {
  await using sim = await startSimulator({ openrouter: { accounts: [{ perMinute: 100 }] } })
  const count = async (input: unknown): Promise<unknown> => {
    const { status, json } = await ask(sim, { input, dimensions: 2 })
    return status === 200 ? [vectorsOf(json).length, (json['usage'] as Json)['prompt_tokens']] : status
  }
  const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }
  assert.deepEqual(await count('Hello there'), [1, 3])
  assert.deepEqual(await count(['a', 'b']), [2, 2])
  assert.deepEqual(await count([1, 2, 3]), [1, 3])
  assert.deepEqual(await count([[1, 2], [3]]), [2, 3])
  assert.deepEqual(await count([{ content: [image, { type: 'text', text: 'A boat' }] }]), [1, 2])
  for (const wrong of [undefined, '', [], [''], [null], 7]) assert.equal(await count(wrong), 400)
  assert.equal((await ask(sim, { encoding_format: 'hex' })).status, 400)
  assert.equal((await ask(sim, { dimensions: 0 })).status, 400)
})

test('embedding models are listed apart, and serve nothing else', async () => {
  await using sim = await startSimulator()
  const ids = async (path: string): Promise<unknown[]> =>
    ((await get(sim.openrouterUrl + path)).json['data'] as Json[]).map(({ id }) => id)
  assert.deepEqual(await ids('/embeddings/models'), ['nvidia/llama-nemotron-embed-vl-1b-v2:free', paid])
  assert.equal((await ids('/models')).includes(paid), false)
  assert.deepEqual(await ids('/models?output_modalities=embeddings'), await ids('/embeddings/models'))
  assert.equal((await ids('/models?output_modalities=all')).length, (await ids('/models')).length + 2)
  const code = async (path: string, model: string): Promise<unknown> => {
    const { status, json } = await callOpenRouter(sim, path, 0, { model })
    return [status, ((json['error'] as Json)['availability'] as Json)['code']]
  }
  assert.deepEqual(await code('/chat/completions', paid), [400, 'wrong_endpoint'])
  assert.deepEqual(await code('/embeddings', freeModel), [400, 'wrong_endpoint'])
})

test('an answer can be empty', async () => {
  await using sim = await startSimulator()
  sim.addFault({ provider: 'openrouter', kind: 'empty-answer' })
  assert.deepEqual(vectorsOf((await ask(sim)).json), [])
  sim.addFault({ provider: 'openrouter', kind: 'empty-length' })
  assert.deepEqual(vectorsOf((await ask(sim)).json), [[]])
  const { headers, json } = await ask(sim, { stream: true })
  assert.equal(headers.get('content-type'), 'application/json', 'there are no streams')
  assert.equal(vectorsOf(json).length, 1)
})
