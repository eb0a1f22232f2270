import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ShownModel } from '../model-list.ts'
import { capabilityWords, detailsOf, digestOf, modelInfo, taggedName } from './model-facts.ts'

const shown = (id: string, rest: Partial<ShownModel> = {}): ShownModel => ({ id, provider: 'p', ...rest })

test('every name has a tag', () => {
  const table = [
    ['auto', 'auto:latest'],
    ['gemma4:31b', 'gemma4:31b'],
    ['vendor/model', 'vendor/model:latest'],
    ['vendor/model:free', 'vendor/model:free'],
  ] as const
  for (const [id, name] of table) assert.equal(taggedName(id), name)
  assert.equal(digestOf(shown('auto')), digestOf(shown('auto:latest')))
  assert.notEqual(digestOf(shown('auto')), digestOf(shown('auto:1')))
})

test('abilities are told in Ollama’s words', () => {
  const rows: readonly (readonly [Partial<ShownModel>, readonly string[]])[] = [
    [{ capabilities: [] }, ['completion']],
    [{ capabilities: ['structured-output', 'images'] }, ['completion', 'vision']],
    [{ capabilities: ['tools', 'reasoning'] }, ['completion', 'tools', 'thinking']],
    [{}, ['completion', 'tools']],
    [{ kind: 'embeddings', capabilities: ['tools'] }, ['embedding']],
  ]
  for (const [rest, words] of rows) assert.deepEqual(capabilityWords(shown('m', rest)), words)
})

test('the context stands under the architecture’s name, and is never smaller than old clients assume', () => {
  assert.deepEqual(modelInfo(shown('vendor/gemma4:31b', { contextTokens: 5 })), {
    'general.architecture': 'gemma4',
    'general.basename': 'vendor/gemma4:31b',
    'gemma4.context_length': 5,
  })
  assert.ok(Number(modelInfo(shown('vendor/'))['unknown.context_length']) > 4096)
  assert.equal(detailsOf(shown('a/b:c')).family, 'b')
})
