import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '../../chat/types.ts'
import { check } from './check.ts'

const hello = { role: 'user', content: 'hi' }
const named = { type: 'function', function: { name: 'f' } }

// Each row: a request, the member at fault, and (part of) what its author reads.
const refused: readonly (readonly [Json, string | undefined, string])[] = [
  [[], undefined, 'the request body must be a JSON object; got an array'],
  ['hi', undefined, 'the request body must be a JSON object; got "hi"'],
  [{}, 'messages', "'messages' must be an array of messages; got nothing"],
  [{ messages: 'hi' }, 'messages', 'got "hi"'],
  [{ messages: [] }, 'messages', 'at least one message'],
  [{ messages: ['hi'] }, 'messages[0]', "'messages[0]' must be an object"],
  [{ messages: [hello, { content: 'x' }] }, 'messages[1].role', 'got nothing'],
  [
    { messages: [hello, hello, { role: 'usr', content: 'x' }] },
    'messages[2].role',
    `'messages[2].role' must be one of "system", "developer", "user", "assistant", "tool"; got "usr"`,
  ],
  [{ messages: [{ role: 'user' }] }, 'messages[0].content', 'a string or an array of parts; got nothing'],
  [{ messages: [{ role: 'user', content: null }] }, 'messages[0].content', 'got null'],
  [{ messages: [{ role: 'assistant', content: 5 }] }, 'messages[0].content', 'got 5'],
  [{ messages: [{ role: 'user', content: [{ text: 'x' }] }] }, 'messages[0].content[0].type', 'a string'],
  [{ messages: [{ role: 'user', content: ['x'] }] }, 'messages[0].content[0]', 'an object; got "x"'],
  [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content[0].text', 'a string'],
  [
    { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
    'messages[0].content[0].image_url.url',
    'a string',
  ],
  [
    { messages: [{ role: 'assistant', tool_calls: {} }] },
    'messages[0].tool_calls',
    'an array; got an object',
  ],
  [
    { messages: [{ role: 'assistant', tool_calls: [{ id: 'x', function: {} }] }] },
    'messages[0].tool_calls[0].function.name',
    'a name',
  ],
  [{ messages: [hello], model: 5 }, 'model', "'model' must be a string; got 5"],
  [{ messages: [hello], stream: 'yes' }, 'stream', `'stream' must be true or false; got "yes"`],
  [{ messages: [hello], stream_options: true }, 'stream_options', 'an object'],
  [{ messages: [hello], temperature: '0.5' }, 'temperature', `'temperature' must be a number; got "0.5"`],
  [{ messages: [hello], max_completion_tokens: {} }, 'max_completion_tokens', 'a number'],
  [{ messages: [hello], n: '2' }, 'n', 'a number'],
  [{ messages: [hello], stop: 5 }, 'stop', 'a string or an array of strings'],
  [{ messages: [hello], stop: ['a', 5] }, 'stop', 'a string or an array of strings'],
  [{ messages: [hello], tools: {} }, 'tools', 'an array'],
  [{ messages: [hello], tools: [named, { type: 'function' }] }, 'tools[1].function', 'an object'],
  [{ messages: [hello], tools: [{ function: {} }] }, 'tools[0].function.name', 'a name'],
  [{ messages: [hello], tool_choice: 5 }, 'tool_choice', 'a string or an object'],
  [{ messages: [hello], response_format: 'json' }, 'response_format', 'an object'],
  [{ messages: [hello], response_format: {} }, 'response_format.type', 'a string'],
  [
    { messages: [hello], response_format: { type: 'json_schema' } },
    'response_format.json_schema',
    'an object',
  ],
]

test('a problem names the member at fault and what it should be', () => {
  for (const [body, param, words] of refused) {
    const problem = check(body)
    assert.equal(problem?.param, param, JSON.stringify(body))
    assert.ok(problem?.message.includes(words), `${problem?.message} should say: ${words}`)
  }
})

test('what clients really send passes', () => {
  const bodies: readonly Json[] = [
    { messages: [hello] },
    { messages: [hello], model: null, stream: null, temperature: null, tools: null, stop: null },
    { messages: [hello], unknown: 1, think: true, options: {}, extra_body: { a: [] } },
    { messages: [{ role: 'assistant', content: null, tool_calls: [{ id: 'x', ...named }] }] },
    { messages: [{ role: 'assistant' }, { role: 'function', name: 'f', content: null }] },
    { messages: [{ role: 'user', content: [{ type: 'video_url', video_url: 5 }] }] },
    {
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: 'https://example.com/a.png' }] }],
    },
    {
      messages: [hello],
      tools: [named, { type: 'custom', custom: { name: 'x' } }, { type: 'openrouter:web_search' }],
    },
    { messages: [hello], response_format: { type: 'grammar', grammar: 'x' }, tool_choice: 'required' },
  ]
  for (const body of bodies) assert.equal(check(body), undefined, JSON.stringify(body))
})

test('a long wrong value is not repeated whole', () => {
  const problem = check({ messages: [hello], stream: 'x'.repeat(1000) })
  assert.ok((problem?.message.length ?? 1000) < 100)
})
