import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json, JsonObject } from '../../chat/types.ts'
import { check } from './check.ts'

const hello = { role: 'user', content: 'hi' }
const call = { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' }
const ask = (...input: readonly Json[]): JsonObject => ({ input })
const part = (...content: readonly Json[]): JsonObject => ask({ role: 'user', content })

// Each row: a request, the member at fault, and (part of) what its author reads.
const refused: readonly (readonly [Json, string | undefined, string])[] = [
  [[], undefined, 'the request body must be a JSON object; got an array'],
  [{}, 'input', "'input' must be a string or an array of items; got nothing"],
  [{ input: null }, 'input', 'got null'],
  [{ input: [] }, 'input', 'at least one item'],
  [{ messages: [hello] }, 'input', 'got nothing'],
  [ask('hi'), 'input[0]', "'input[0]' must be an object"],
  [ask(hello, {}), 'input[1].role', 'got nothing'],
  [ask({ type: 5 }), 'input[0].type', 'a string'],
  [
    ask({ role: 'tool', content: 'x' }),
    'input[0].role',
    `'input[0].role' must be one of "user", "assistant", "system", "developer"; got "tool"`,
  ],
  [ask({ type: 'message', content: 'x' }), 'input[0].role', 'got nothing'],
  [ask({ role: 'user' }), 'input[0].content', 'a string or an array of parts; got nothing'],
  [part('x'), 'input[0].content[0]', 'an object; got "x"'],
  [part({ text: 'x' }), 'input[0].content[0].type', 'a string'],
  [part({ type: 'input_text' }), 'input[0].content[0].text', 'a string'],
  [
    part({ type: 'input_image', image_url: { url: 'x' } }),
    'input[0].content[0].image_url',
    'a string; got an object',
  ],
  [ask({ ...call, call_id: 5 }), 'input[0].call_id', 'a string'],
  [ask({ type: 'function_call', call_id: 'a' }), 'input[0].name', 'a string'],
  [ask({ ...call, arguments: {} }), 'input[0].arguments', 'a string; got an object'],
  [ask({ type: 'function_call_output', call_id: 'a' }), 'input[0].output', 'a string or an array'],
  [ask({ type: 'function_call_output', output: 'x' }), 'input[0].call_id', 'a string'],
  [ask({ type: 'custom_tool_call', call_id: 'a', name: 'f' }), 'input[0].input', 'a string'],
  [ask({ type: 'reasoning', summary: 'x' }), 'input[0].summary', 'an array'],
  [ask({ type: 'reasoning', encrypted_content: {} }), 'input[0].encrypted_content', 'a string'],
  [{ input: 'hi', model: 5 }, 'model', "'model' must be a string; got 5"],
  [{ input: 'hi', instructions: ['x'] }, 'instructions', 'a string; got an array'],
  [{ input: 'hi', stream: 'yes' }, 'stream', 'true or false'],
  [{ input: 'hi', max_output_tokens: '5' }, 'max_output_tokens', 'a number'],
  [{ input: 'hi', reasoning: 'high' }, 'reasoning', 'an object'],
  [{ input: 'hi', include: 'x' }, 'include', 'an array'],
  [{ input: 'hi', tools: {} }, 'tools', 'an array'],
  [{ input: 'hi', tools: [{ name: 'f' }] }, 'tools[0].type', 'a string'],
  [{ input: 'hi', tools: [{ type: 'function', function: { name: 'f' } }] }, 'tools[0].name', 'a name'],
  [
    { input: 'hi', tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'function' }] }] },
    'tools[0].tools[0].name',
    'a name',
  ],
  [{ input: 'hi', tool_choice: 5 }, 'tool_choice', 'a string or an object'],
  [{ input: 'hi', text: { format: 'json' } }, 'text.format', 'an object'],
  [{ input: 'hi', text: { format: { type: 'json_schema' } } }, 'text.format.schema', 'an object'],
]

test('a problem names the member at fault and what it should be', () => {
  for (const [body, param, words] of refused) {
    const problem = check(body)
    assert.equal(problem?.param, param, JSON.stringify(body))
    assert.ok(problem?.message.includes(words), `${problem?.message} should say: ${words}`)
  }
})

test('what would need a memory is refused with the way to do without', () => {
  const forgotten: readonly (readonly [JsonObject, RegExp])[] = [
    [{ previous_response_id: 'resp_1' }, /keeps no responses; send the whole conversation in 'input'/],
    [{ conversation: { id: 'conv_1' } }, /keeps no responses; send the whole conversation/],
    [{ background: true }, /keeps no responses that could be fetched later/],
  ]
  for (const [members, words] of forgotten) {
    const problem = check({ input: 'hi', ...members })
    assert.equal(problem?.param, Object.keys(members)[0])
    assert.match(problem?.message ?? '', words)
  }
})

test('what clients really send passes', () => {
  const bodies: readonly Json[] = [
    { input: 'hi' },
    {
      input: '',
      model: null,
      previous_response_id: null,
      conversation: null,
      background: false,
      store: true,
    },
    { input: [hello, { type: 'item_reference', id: 'x' }, { type: 'something_new', anything: 5 }] },
    ask({ role: 'assistant', content: null }, { type: 'reasoning', summary: [], encrypted_content: null }),
    part({ type: 'input_file', file_id: 'x' }, { type: 'input_image', file_id: 'x' }, { type: 'new' }),
    { input: 'hi', tools: [{ type: 'web_search' }, { type: 'custom', name: 'c' }], tool_choice: 'required' },
    { input: 'hi', text: { format: { type: 'grammar' } }, unknown: [1], temperature: null },
  ]
  for (const body of bodies) assert.equal(check(body), undefined, JSON.stringify(body))
})
