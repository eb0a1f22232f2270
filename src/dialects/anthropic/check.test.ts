import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json, JsonObject } from '../../chat/types.ts'
import { check, checkCount } from './check.ts'

const hello = { role: 'user', content: 'hi' }
const body = (more: JsonObject): JsonObject => ({ max_tokens: 5, messages: [hello], ...more })
const saying = (content: Json, role = 'user'): JsonObject => body({ messages: [{ role, content }] })

// Each row: a request, the member at fault, and (part of) what its author reads.
const refused: readonly (readonly [Json, string | undefined, string])[] = [
  [[], undefined, 'the request body must be a JSON object; got an array'],
  [{ messages: [hello] }, 'max_tokens', "'max_tokens' must be a positive number; got nothing"],
  [body({ max_tokens: 0 }), 'max_tokens', 'got 0'],
  [body({ max_tokens: '5' }), 'max_tokens', 'got "5"'],
  [{ max_tokens: 5 }, 'messages', 'an array of messages; got nothing'],
  [body({ messages: [] }), 'messages', 'at least one message'],
  [body({ messages: ['hi'] }), 'messages[0]', 'an object'],
  [
    body({ messages: [hello, { role: 'tool', content: 'x' }] }),
    'messages[1].role',
    `one of "user", "assistant", "system"; got "tool"`,
  ],
  [saying(null), 'messages[0].content', 'a string or an array of blocks; got null'],
  [saying([5]), 'messages[0].content[0]', 'an object; got 5'],
  [saying([{ text: 'x' }]), 'messages[0].content[0].type', 'a string'],
  [saying([{ type: 'text' }]), 'messages[0].content[0].text', 'a string'],
  [saying([{ type: 'image' }]), 'messages[0].content[0].source', 'an object'],
  [saying([{ type: 'document', source: 'x' }]), 'messages[0].content[0].source', 'an object'],
  [saying([{ type: 'tool_use', name: 'f' }], 'assistant'), 'messages[0].content[0].id', 'a text'],
  [saying([{ type: 'tool_use', id: 'a' }], 'assistant'), 'messages[0].content[0].name', 'a text'],
  [saying([{ type: 'tool_result' }]), 'messages[0].content[0].tool_use_id', 'a text'],
  [
    saying([{ type: 'tool_result', tool_use_id: 'a', content: 5 }]),
    'messages[0].content[0].content',
    'a string or an array of blocks',
  ],
  [
    saying([{ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text' }] }]),
    'messages[0].content[0].content[0].text',
    'a string',
  ],
  [body({ model: 5 }), 'model', "'model' must be a string; got 5"],
  [body({ system: {} }), 'system', 'a string or an array of text blocks'],
  [body({ system: [{ type: 'text' }] }), 'system[0].text', 'a string'],
  [body({ stream: 'yes' }), 'stream', 'true or false'],
  [body({ temperature: '1' }), 'temperature', 'a number'],
  [body({ stop_sequences: 'END' }), 'stop_sequences', 'an array of strings'],
  [body({ stop_sequences: [5] }), 'stop_sequences', 'an array of strings'],
  [body({ tools: {} }), 'tools', 'an array'],
  [body({ tools: [{ input_schema: {} }] }), 'tools[0].name', 'a text'],
  [body({ tools: [{ name: 'f', input_schema: 'x' }] }), 'tools[0].input_schema', 'an object'],
  [body({ tool_choice: 'auto' }), 'tool_choice', 'an object'],
  [body({ thinking: true }), 'thinking', 'an object'],
  [body({ output_config: [] }), 'output_config', 'an object'],
]

test('a problem names the member at fault and what it should be', () => {
  for (const [request, param, words] of refused) {
    const problem = check(request)
    assert.equal(problem?.param, param, JSON.stringify(request))
    assert.ok(problem?.message.includes(words), `${problem?.message} has not: ${words}`)
  }
})

test('what the upstream may know is never a problem', () => {
  const fine: readonly JsonObject[] = [
    body({ unheard_of: [1], context_management: { edits: [] }, betas: 'x', system: null, model: null }),
    body({ tools: [{ type: 'web_search_20990101' }, { type: 'custom', name: 'f' }, { name: 'g' }] }),
    body({ messages: [hello, { role: 'system', content: 'x' }, { role: 'system', output_config: {} }] }),
    saying([{ type: 'block_of_2099', x: 1 }, { type: 'thinking' }]),
    saying([{ type: 'tool_result', tool_use_id: 'a' }]),
    saying([]),
  ]
  for (const request of fine) assert.equal(check(request), undefined, JSON.stringify(request))
})

test('a request to count tokens needs no max_tokens and everything else', () => {
  assert.equal(checkCount({ messages: [hello] }), undefined)
  assert.equal(checkCount({ messages: [] })?.param, 'messages')
  assert.match(checkCount('x')?.message ?? '', /must be a JSON object/)
})

test('results nested in results without end are not followed', () => {
  let content: Json = 'x'
  for (let depth = 0; depth < 50_000; depth++) content = [{ type: 'tool_result', tool_use_id: 'a', content }]
  assert.equal(check(saying(content)), undefined)
})
