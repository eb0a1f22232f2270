import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Json, JsonObject } from '../../chat/types.ts'
import { countTokens } from './count-tokens.ts'

const asking = (content: Json): JsonObject => ({ messages: [{ role: 'user', content }] })
const words = 'x'.repeat(4000)

test('about four characters a token, wherever the text stands', () => {
  assert.equal(countTokens(asking(words)), 1004)
  assert.equal(countTokens(asking([{ type: 'text', text: words }])), 1004)
  assert.equal(countTokens({ ...asking(''), system: words }), 1004)
  assert.equal(countTokens({ ...asking(''), system: [{ type: 'text', text: words }] }), 1004)
  const result = (content: Json): JsonObject => ({ type: 'tool_result', tool_use_id: 'a', content })
  assert.equal(countTokens(asking([result(words)])), 1004)
  assert.equal(countTokens(asking([result([{ type: 'text', text: words }])])), 1004)
  const document = { type: 'document', source: { type: 'text', data: words } }
  assert.equal(countTokens(asking([document])), 1004)
})

test('other alphabets have more tokens a character', () => {
  assert.ok(countTokens(asking('東京は今日も雨です')) > countTokens(asking('abcdefghi')))
})

test('tools and calls count with their names and arguments', () => {
  const tool = {
    name: 'weather',
    description: words,
    input_schema: { type: 'object', properties: { city: {} } },
  }
  const tools = countTokens({ ...asking(''), tools: [tool] })
  assert.ok(tools > 1010 && tools < 1050, String(tools))
  const marked = { ...tool, cache_control: { type: 'ephemeral' } }
  assert.equal(countTokens({ ...asking(''), tools: [marked] }), tools)
  const call = countTokens(asking([{ type: 'tool_use', id: 'a', name: 'weather', input: { text: words } }]))
  assert.ok(call > 1004 && call < 1020, String(call))
})

test('an image costs the same whatever its bytes, a document by its size', () => {
  const image = (data: string): number =>
    countTokens(asking([{ type: 'image', source: { type: 'base64', media_type: 'image/png', data } }]))
  assert.equal(image('A'), image('A'.repeat(1_000_000)))
  const file = (data: string): number =>
    countTokens(asking([{ type: 'document', source: { type: 'base64', data } }]))
  assert.equal(file('A'), image('A'))
  assert.ok(file('A'.repeat(1_000_000)) > 20_000)
})

test('members that are no part of the prompt do not count', () => {
  const body = JSON.parse(
    readFileSync(new URL('./fixtures/request-agent.json', import.meta.url), 'utf8'),
  ) as JsonObject
  const { context_management: _, metadata: _metadata, thinking: _thinking, ...rest } = body
  assert.equal(countTokens(body), countTokens(rest))
  const sealed = { type: 'redacted_thinking', data: words }
  assert.equal(countTokens(asking([sealed])), countTokens(asking('')))
})

test('work is bounded, however many values or levels a body has', () => {
  let deep: Json = 'x'
  for (let depth = 0; depth < 100_000; depth++)
    deep = { type: 'tool_result', tool_use_id: 'a', content: [deep] }
  assert.ok(countTokens(asking([deep])) < 10)
  let nested: Json = 'x'
  for (let depth = 0; depth < 100_000; depth++) nested = [nested]
  const call = (input: Json): JsonObject => asking([{ type: 'tool_use', id: 'a', name: 'f', input }])
  assert.ok(countTokens(call(nested)) > 10_000)
  // Counted to the end these would be millions.
  const many = Array.from({ length: 3_000_000 }, () => 1)
  for (const body of [call(many), { tools: many }, asking(many)]) assert.ok(countTokens(body) < 1_000_000)
})

test('an odd body is counted as far as it can be', () => {
  assert.equal(countTokens({}), 0)
  assert.equal(countTokens({ messages: ['x', { content: 5 }], system: 5, tools: 'x' } as JsonObject), 8)
})
