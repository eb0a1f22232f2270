import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askOllama, linesOf, post, says } from '../fixtures/client.ts'
import { startSimulator, type OllamaOptions } from '../index.ts'
import type { Json } from '../json.ts'

const local: OllamaOptions = {
  models: [
    {
      name: 'nomic-embed-text',
      capabilities: ['embedding'],
      contextLength: 2048,
      inputPrice: 0,
      cachedPrice: 0,
      outputPrice: 0,
    },
  ],
}

test('the hosted service has no embedding model', async () => {
  await using sim = await startSimulator()
  const ask = (path: string, model: string) =>
    post(sim.ollamaUrl + path, sim.keys.ollama[0], { model, input: 'x', prompt: 'x' })
  for (const path of ['/api/embed', '/api/embeddings']) {
    for (const model of ['nomic-embed-text', 'gemma4:31b']) {
      const { status, json } = await ask(path, model)
      assert.deepEqual([status, json], [404, { error: `model '${model}' not found` }])
    }
  }
  assert.equal((await post(`${sim.ollamaUrl}/api/embed`, 'nobody', {})).status, 401)
  assert.deepEqual(sim.counters().ollama.refusedBy, { 'unknown-model': 4, 'unknown-key': 1 })
})

test('a model with the ability makes vectors, and does not chat', async () => {
  await using sim = await startSimulator({ ollama: local })
  const model = 'nomic-embed-text'
  const ask = async (path: string, more: Json): Promise<Json> =>
    (await post(sim.ollamaUrl + path, sim.keys.ollama[0], { model, ...more })).json
  const two = await ask('/api/embed', { input: ['Hello there', 'zebra'] })
  assert.deepEqual(
    (two['embeddings'] as number[][]).map(({ length }) => length),
    [768, 768],
  )
  assert.deepEqual([two['model'], two['prompt_eval_count']], [model, 4])
  const one = await ask('/api/embed', { input: 'Hello there', dimensions: 8 })
  assert.equal((one['embeddings'] as number[][])[0]?.length, 8)
  const old = await ask('/api/embeddings', { prompt: 'Hello there' })
  assert.deepEqual(old, { embedding: (two['embeddings'] as number[][])[0] })
  const chat = await askOllama(sim, 0, { model })
  assert.deepEqual([chat.status, chat.json['error']], [400, `"${model}" does not support chat`])
  const shown = (await post(`${sim.ollamaUrl}/api/show`, undefined, { name: model })).json
  assert.deepEqual(shown['capabilities'], ['embedding'])
  sim.addFault({ provider: 'ollama', kind: 'overloaded', path: '/api/embed' })
  assert.match(String((await ask('/api/embed', { input: 'x' }))['error']), /^Server overloaded/)
})

test('show tells the context, by a family name that can hold a dot, and how a model thinks', async () => {
  const shown = async (model: string, showsThinking: boolean): Promise<Json> => {
    await using sim = await startSimulator({ ollama: { showsThinking } })
    return (await post(`${sim.ollamaUrl}/api/show`, undefined, { model })).json
  }
  const glm = await shown('glm-5.2', false)
  const info = glm['model_info'] as Json
  assert.equal(info['general.architecture'], 'glm5.2')
  assert.deepEqual([info['glm5.2.context_length'], info['glm5.2.embedding_length']], [1_000_000, 4096])
  assert.equal('thinking' in glm, false)
  const thinking = async (model: string): Promise<unknown> => (await shown(model, true))['thinking']
  assert.deepEqual(await thinking('glm-5.2'), { values: [false, true], default: true })
  assert.deepEqual(await thinking('gpt-oss:20b'), { values: ['low', 'medium', 'high'], default: 'medium' })
  assert.deepEqual(await thinking('mistral-large-3:675b'), { values: [false], default: false })
})

test('an answer can leave out its token counts', async () => {
  await using sim = await startSimulator()
  for (const path of ['/api/chat', '/v1/chat/completions']) {
    sim.addFault({ provider: 'ollama', kind: 'no-usage' })
    const options = { stream: true, stream_options: { include_usage: true } }
    const body = says('Hello there', { model: 'gemma4:31b', ...options })
    const { text } = await post(sim.ollamaUrl + path, sim.keys.ollama[0], body)
    assert.equal(/eval_count|usage/.test(text), false, path)
    if (path === '/api/chat') assert.equal(linesOf(text).at(-1)?.['done'], true)
  }
  assert.equal(sim.counters().ollama.answered, 2)
})
