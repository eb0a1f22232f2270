import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { ChatRequest, Json, JsonObject, Turn } from '../../chat/types.ts'
import { isRouterError, RequestError } from '../../errors.ts'
import { outline, readRequest, writeRequest } from './request.ts'
import { untold } from './untold.ts'

const fixture = (name: string): JsonObject =>
  JSON.parse(readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8')) as JsonObject
const turnsOf = (...input: readonly Json[]): readonly Turn[] => readRequest({ input }).turns
const user = (text: string): Turn => ({ role: 'user', parts: [{ type: 'text', text }] })

test('a text is a question, and a request that names no model asks for auto', () => {
  const request = readRequest({ input: 'hi', model: '' })
  assert.deepEqual(request.turns, [user('hi')])
  assert.equal(request.model, 'auto')
  assert.deepEqual(outline({ input: 'hi', model: ' ', max_output_tokens: 7, stream: true }), {
    model: 'auto',
    stream: true,
    wantsUsage: true,
    maxTokens: 7,
  })
})

test('instructions come first, system and developer items at the head follow, later ones stay in place', () => {
  const { system, turns } = readRequest({
    instructions: 'a',
    input: [
      { role: 'developer', content: 'b' },
      { type: 'message', role: 'system', content: [{ type: 'input_text', text: 'c' }] },
      { role: 'user', content: 'hi' },
      { role: 'developer', content: 'd' },
    ],
  })
  assert.deepEqual(
    system.map((part) => part.text),
    ['a', 'b', 'c'],
  )
  assert.deepEqual(turns, [user('hi'), { role: 'system', parts: [{ type: 'text', text: 'd' }] }])
  assert.deepEqual(writeRequest({ model: 'm', stream: false, system, turns, tools: [] }, []), {
    model: 'm',
    instructions: 'a',
    input: [
      { type: 'message', role: 'developer', content: 'b' },
      { type: 'message', role: 'developer', content: 'c' },
      { type: 'message', role: 'user', content: 'hi' },
      { type: 'message', role: 'developer', content: 'd' },
    ],
    store: false,
  })
})

test('what the assistant thought, said and called in a row is one turn', () => {
  const [, assistant, ...results] = turnsOf(
    { role: 'user', content: 'hi' },
    { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'hm' }] },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Wait.' }] },
    { type: 'function_call', call_id: 'a', name: 'f', arguments: '{"x":1}' },
    { type: 'function_call', call_id: 'b', name: 'g', arguments: '' },
    { type: 'function_call_output', call_id: 'b', output: '2' },
    {
      type: 'function_call_output',
      call_id: 'a',
      output: [
        { type: 'input_text', text: '1' },
        { type: 'input_image', image_url: 'data:image/png;base64,AAAA' },
      ],
    },
  )
  assert.deepEqual(assistant, {
    role: 'assistant',
    parts: [
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'Wait.' },
      { type: 'tool-call', id: 'a', name: 'f', args: '{"x":1}' },
      { type: 'tool-call', id: 'b', name: 'g', args: '' },
    ],
  })
  assert.deepEqual(results, [
    { role: 'user', parts: [{ type: 'tool-result', id: 'b', text: '2' }] },
    {
      role: 'user',
      parts: [
        { type: 'tool-result', id: 'a', text: '1' },
        { type: 'image', mediaType: 'image/png', data: 'AAAA' },
      ],
    },
  ])
})

test('a neutral conversation, written and read again, is the same', () => {
  const request: ChatRequest = {
    model: 'm',
    stream: true,
    system: [{ type: 'text', text: 'Be brief.' }],
    turns: [
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'What is this?' },
          { type: 'image', mediaType: 'image/png', data: 'AAAA' },
          { type: 'image-url', url: 'https://example.com/a.png' },
          { type: 'file', mediaType: 'application/pdf', data: 'JVBE', name: 'a.pdf' },
        ],
      },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'hm', signature: 'c2ln', sealed: 'gAAA' },
          { type: 'text', text: 'Wait.' },
          { type: 'tool-call', id: 'a', name: 'f', args: '{}' },
        ],
      },
      {
        role: 'user',
        parts: [
          { type: 'tool-result', id: 'a', text: '' },
          { type: 'image', mediaType: 'image/png', data: 'AAAA' },
        ],
      },
    ],
    tools: [{ name: 'f', parameters: { type: 'object' }, strict: false }],
    toolChoice: { name: 'f' },
    parallelTools: false,
    maxTokens: 5,
    temperature: 0.5,
    topP: 0.9,
    reasoning: { effort: 'high' },
    format: { schema: { type: 'object' }, name: 'x', strict: true },
    logprobs: 0,
    user: 'ann',
  }
  const written = writeRequest(request, [])
  const { extra: _, ...again } = readRequest(written)
  assert.deepEqual(again, request)
  assert.deepEqual(written.include, ['message.output_text.logprobs', 'reasoning.encrypted_content'])
})

test('what this wire has no name for is reported', () => {
  const lost: string[] = []
  const base: ChatRequest = { model: 'm', stream: false, system: [], turns: [user('hi')], tools: [] }
  const numbers = { topK: 1, minP: 0, frequencyPenalty: 1, presencePenalty: 1, repeatPenalty: 1, seed: 1 }
  const written = writeRequest({ ...base, ...numbers, stop: ['END'], reasoning: { maxTokens: 9000 } }, lost)
  assert.deepEqual(written.reasoning, { effort: 'medium' })
  assert.deepEqual(lost, [
    'top_k dropped',
    'min_p dropped',
    'frequency_penalty dropped',
    'presence_penalty dropped',
    'repetition_penalty dropped',
    'seed dropped',
    'stop dropped',
  ])
  // Negative control.
  lost.length = 0
  writeRequest({ ...base, stop: [], temperature: 1 }, lost)
  assert.deepEqual(lost, [])
})

test('tools of namespaces get flat names that others accept, whatever they are called', () => {
  const f = { type: 'function', name: 'f' }
  const request = readRequest({
    input: [
      { role: 'user', content: 'hi' },
      { type: 'function_call', call_id: '1', name: 'f', namespace: 'a.b', arguments: '{}' },
      { type: 'function_call', call_id: '2', name: 'f', namespace: 'n', arguments: '{}' },
      { type: 'function_call', call_id: '3', name: 'gone', namespace: 'n', arguments: '{}' },
    ],
    tools: [
      { type: 'function', name: 'n__f' },
      { type: 'namespace', name: 'n', tools: [f, { type: 'custom', name: 'c' }] },
      { type: 'namespace', name: 'a.b', tools: [f] },
      { type: 'namespace', name: 'x'.repeat(80), tools: [f] },
    ],
    tool_choice: { type: 'function', name: 'f', namespace: 'n' },
  })
  const names = request.tools.map((tool) => tool.name)
  assert.equal(new Set(names).size, 5)
  for (const name of names) assert.match(name, /^[\w-]{1,64}$/)
  assert.deepEqual([names[0], names[2]], ['n__f', 'n__c'])
  const called = request.turns[1]?.parts.map((part) => part.type === 'tool-call' && part.name)
  assert.deepEqual(called, [names[3], names[1], 'n__gone'])
  assert.deepEqual(request.toolChoice, { name: names[1] })
})

test('a custom tool is a function with one text, its grammar told in words', () => {
  const { tools, turns } = readRequest({
    input: [
      { type: 'custom_tool_call', call_id: 'a', name: 'patch', input: '*** "x"\n' },
      { type: 'custom_tool_call_output', call_id: 'a', output: 'ok' },
    ],
    tools: [
      {
        type: 'custom',
        name: 'patch',
        description: 'Patches.',
        format: { type: 'grammar', definition: 'start: X' },
      },
    ],
  })
  assert.equal(tools[0]?.description, 'Patches.')
  const parameters = tools[0]?.parameters as { readonly properties: { readonly input: JsonObject } }
  assert.equal(parameters.properties.input.type, 'string')
  assert.match(String(parameters.properties.input.description), /start: X/)
  assert.deepEqual(turns, [
    {
      role: 'assistant',
      parts: [{ type: 'tool-call', id: 'a', name: 'patch', args: '{"input":"*** \\"x\\"\\n"}' }],
    },
    { role: 'user', parts: [{ type: 'tool-result', id: 'a', text: 'ok' }] },
  ])
})

test('changed in part, a request keeps the calls of its kinds of tools', () => {
  const request = readRequest(fixture('request-codex.json'))
  const { input } = writeRequest({ ...request, turns: [...request.turns, user('And now?')] }, []) as {
    readonly input: readonly JsonObject[]
  }
  const kinds = input.map((item) => [item.type, item.namespace ?? null])
  assert.deepEqual(kinds.slice(-8), [
    ['reasoning', null],
    ['function_call', null],
    ['function_call', 'multi_agent_v1'],
    ['custom_tool_call', null],
    ['function_call_output', null],
    ['function_call_output', null],
    ['custom_tool_call_output', null],
    ['message', null],
  ])
})

const reasoning = (item: JsonObject): Json | undefined =>
  turnsOf({ type: 'reasoning', summary: [{ type: 'summary_text', text: 'short' }], ...item })[0]
    ?.parts[0] as unknown as JsonObject

test('reasoning of ours is opened, of others stays sealed, broken is only its summary', () => {
  const blob = `switchyard.1.${Buffer.from('{"text":"long","signature":"s","sealed":"x"}').toString('base64url')}`
  assert.deepEqual(reasoning({ encrypted_content: blob }), {
    type: 'reasoning',
    text: 'long',
    signature: 's',
    sealed: 'x',
  })
  assert.deepEqual(reasoning({ encrypted_content: 'gAAAAA' }), {
    type: 'reasoning',
    text: 'short',
    sealed: 'gAAAAA',
  })
  for (const content of ['switchyard.1.', 'switchyard.1.@@', 'switchyard.1.bnVsbA', null]) {
    assert.deepEqual(reasoning({ encrypted_content: content }), { type: 'reasoning', text: 'short' })
  }
  assert.deepEqual(reasoning({ content: [{ type: 'reasoning_text', text: 'all of it' }], signature: 's' }), {
    type: 'reasoning',
    text: 'all of it',
    signature: 's',
  })
  assert.deepEqual(turnsOf({ type: 'reasoning', id: 'rs_1', summary: [] }), [])
})

test('a Codex request loses its web search and a grammar elsewhere, and nothing that changes no answer', () => {
  assert.deepEqual(untold(readRequest(fixture('request-codex.json'))), [
    'grammar of tool "apply_patch" asked for by instruction',
    'tool of type "web_search" dropped',
  ])
  assert.deepEqual(untold(readRequest(fixture('request-plain.json'))), [])
})

const lostOf = (more: JsonObject): readonly string[] => untold(readRequest({ input: 'hi', ...more }))

test('losses name the member', () => {
  const rows: readonly (readonly [JsonObject, readonly string[]])[] = [
    [{ truncation: 'auto' }, ['truncation dropped']],
    [{ truncation: 'disabled', max_tool_calls: null, background: false, store: true }, []],
    [{ max_tool_calls: 2, moderation: {} }, ['max_tool_calls dropped', 'moderation dropped']],
    [{ reasoning: { effort: 'low', summary: 'auto' } }, []],
    [{ reasoning: { effort: 'ultra', mode: 'pro' } }, ['reasoning.effort dropped', 'reasoning.mode dropped']],
    [{ text: { format: { type: 'text' }, verbosity: 'medium' } }, []],
    [{ text: { format: { type: 'json_object' }, verbosity: 'low' } }, ['text.verbosity dropped']],
    [{ text: { format: { type: 'grammar' } } }, ['text.format dropped']],
    [{ tool_choice: 'sometimes' }, ['tool_choice dropped']],
    [{ tool_choice: { type: 'allowed_tools', mode: 'required' } }, ['tool_choice.tools dropped']],
    [
      { input: [{ role: 'user', content: 'x' }, { type: 'web_search_call' }] },
      ['input of type "web_search_call" dropped'],
    ],
    [
      { metadata: { a: 1 }, client_metadata: {}, service_tier: 'flex', prompt_cache_key: 'x', include: [] },
      [],
    ],
  ]
  for (const [more, expected] of rows) assert.deepEqual(lostOf(more), expected, JSON.stringify(more))
})

test('content that cannot come along is refused with its place', () => {
  const content = (part: JsonObject): JsonObject => ({ input: [{ role: 'user', content: [part] }] })
  const rows: readonly (readonly [JsonObject, string, RegExp])[] = [
    [content({ type: 'input_file', file_id: 'f' }), 'input[0].content[0]', /file_data/],
    [content({ type: 'input_file', file_url: 'https://example.com' }), 'input[0].content[0]', /file_data/],
    [content({ type: 'input_image', file_id: 'f' }), 'input[0].content[0]', /input_image/],
    [content({ type: 'input_audio' }), 'input[0].content[0]', /input_audio/],
    [
      { input: [{ type: 'function_call_output', call_id: 'a', output: [{ type: 'input_video' }] }] },
      'input[0].output[0]',
      /input_video/,
    ],
    [{ input: [{ type: 'item_reference', id: 'x' }] }, 'input[0]', /store: false/],
    [{ input: [{ type: 'local_shell_call_output', id: 'x' }] }, 'input[0]', /local_shell_call_output/],
    [{ input: [{ type: 'compaction', encrypted_content: 'x' }] }, 'input[0]', /compaction/],
    [{ prompt: { id: 'pmpt_1' } }, 'prompt', /send its text/],
    [{ tool_choice: { type: 'web_search' } }, 'tool_choice', /web_search/],
  ]
  for (const [more, param, words] of rows) {
    assert.throws(
      () => lostOf(more),
      (error) =>
        isRouterError(error) &&
        error instanceof RequestError &&
        error.code === 'invalid_request' &&
        error.param === param &&
        words.test(error.message),
      JSON.stringify(more),
    )
  }
  assert.deepEqual(lostOf(content({ type: 'input_file', file_data: 'data:text/plain;base64,AA==' })), [])
})
