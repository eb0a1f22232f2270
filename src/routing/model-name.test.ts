import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spellings, unalias, withoutLatest } from './model-name.ts'

test('the tag latest may stand or not; other tags may not', () => {
  const table: readonly (readonly [string, readonly string[]])[] = [
    ['llama3', ['llama3', 'llama3:latest']],
    [' llama3:latest ', ['llama3:latest', 'llama3']],
    ['vendor/model', ['vendor/model', 'vendor/model:latest']],
    ['vendor/model:free', ['vendor/model:free']],
    ['host:5000/model', ['host:5000/model', 'host:5000/model:latest']],
  ]
  for (const [name, ways] of table) assert.deepEqual(spellings(name), ways)
  assert.equal(withoutLatest('vendor/model:latest'), 'vendor/model')
  assert.equal(withoutLatest('vendor/model-latest'), 'vendor/model-latest')
})

test('an alias given as it is goes before the longest beginning that fits, and only one is taken', () => {
  const aliases = { 'claude-*': 'auto', 'claude-haiku-*': 'small', 'claude-haiku-4': 'exact', auto: 'x' }
  assert.deepEqual(
    ['claude-haiku-4', 'claude-haiku-5', 'claude-opus', 'gpt', ' claude-opus ', 'constructor'].map((name) =>
      unalias(aliases, name),
    ),
    ['exact', 'small', 'auto', 'gpt', 'auto', 'constructor'],
  )
})

test('a name of nothing but colons takes no time', () => {
  const begun = performance.now()
  const name = `${':'.repeat(200_000)}/a`
  assert.deepEqual(spellings(name), [name, `${name}:latest`])
  assert.ok(performance.now() - begun < 1000)
})
