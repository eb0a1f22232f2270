import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { ChatRequest, Json, JsonObject } from '../../chat/types.ts'
import { RequestError } from '../../errors.ts'
import { readRequest } from './request.ts'
import { untold } from './untold.ts'

const hello = { role: 'user', content: 'hi' }
const read = (more: JsonObject): ChatRequest => readRequest({ max_tokens: 5, messages: [hello], ...more })

const fixture = (name: string): JsonObject =>
  JSON.parse(readFileSync(new URL(`./fixtures/request-${name}.json`, import.meta.url), 'utf8')) as JsonObject

const refusal =
  (param: string, words: RegExp) =>
  (error: unknown): boolean =>
    error instanceof RequestError && error.param === param && words.test(error.message)

test('a request of Claude Code loses nothing that matters in another dialect', () => {
  assert.deepEqual(untold(readRequest(fixture('agent'))), ['context_management dropped'])
  assert.deepEqual(untold(readRequest(fixture('interleaved'))), [])
  assert.deepEqual(untold(readRequest(fixture('plain'))), [])
})

test('what only this service does is told once each', () => {
  assert.deepEqual(untold(readRequest(fixture('odd'))), [
    'citations dropped',
    'block of type "server_tool_use" dropped',
    'block of type "web_search_tool_result" dropped',
    'tool of type "web_search_20260318" dropped',
    'tool of type "bash_20250124" dropped',
    'input_examples of tools dropped',
    'thinking dropped',
    'mcp_servers dropped',
    'container dropped',
    'unheard_of dropped',
    'output_config.task_budget dropped',
  ])
  assert.deepEqual(
    untold(read({ tool_choice: { type: 'choice_of_2099' }, output_config: { effort: 'ultra' } })),
    ['tool_choice dropped', 'output_config.effort dropped'],
  )
})

test('content without which the question is another is refused, and named', () => {
  const tell =
    (content: Json, role = 'user') =>
    () =>
      untold(readRequest({ max_tokens: 5, messages: [hello, { role, content }] }))
  const stored = { type: 'file', file_id: 'f' }
  const at = 'messages[1].content[0]'
  assert.throws(
    tell([{ type: 'image', source: stored }]),
    refusal(at, /"image" from a source of type "file"/),
  )
  assert.throws(tell([{ type: 'document', source: { type: 'url', url: 'x' } }]), refusal(at, /"document"/))
  assert.throws(tell([{ type: 'container_upload', file_id: 'f' }]), refusal(at, /"container_upload"/))
  const inResult = [{ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'image', source: stored }] }]
  assert.throws(tell(inResult), refusal(`${at}.content[0]`, /"image"/))
  const inDocument = [
    { type: 'document', source: { type: 'content', content: [{ type: 'image', source: stored }] } },
  ]
  assert.throws(tell(inDocument), refusal(`${at}.source.content[0]`, /"image"/))
  // A summary that only the service can read stands for the conversation so far.
  assert.throws(
    tell([{ type: 'compaction', encrypted_content: 'x' }], 'assistant'),
    refusal(at, /"compaction"/),
  )
  assert.doesNotThrow(tell([{ type: 'compaction', content: 'So far: nothing.' }], 'assistant'))
  assert.throws(() => untold(read({ thread: { type: 'continue', id: 't' } })), refusal('thread', /stored/))
  const forced = {
    tools: [{ type: 'bash_20250124', name: 'bash' }],
    tool_choice: { type: 'tool', name: 'bash' },
  }
  assert.throws(() => untold(read(forced)), refusal('tool_choice', /"bash"/))
})
