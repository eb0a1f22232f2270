import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { foldEvents } from '../../chat/fold.ts'
import type { ChatEvent, Json, JsonObject } from '../../chat/types.ts'
import { RequestError } from '../../errors.ts'
import { createFramer } from '../../wire/frames.ts'
import type { Dialect } from '../dialect.ts'
import { ollama } from '../ollama/index.ts'
import { openaiChat } from '../openai-chat/index.ts'
import { openaiResponses } from './index.ts'

const now = 1_790_000_000_000
const codex = JSON.parse(
  readFileSync(new URL('./fixtures/request-codex.json', import.meta.url), 'utf8'),
) as JsonObject & { readonly input: readonly JsonObject[] }

function across(from: Dialect, to: Dialect, body: JsonObject): { body: JsonObject; lost: string[] } {
  assert.equal(from.check(body), undefined)
  const request = from.readRequest(body)
  const lost = [...from.untold(request)]
  return { body: to.writeRequest(request, lost), lost }
}

/** The stream of one dialect as that of another. */
function stream(from: Dialect, to: Dialect, text: string, request: JsonObject): JsonObject[] {
  const decoder = from.decoder()
  const encoder = to.encoder({ usage: true, now, request })
  const frames = createFramer(from.framing).feed(Buffer.from(text))
  let out = ''
  for (const event of frames.flatMap((frame) => [...decoder.push(frame)]))
    out += event.type === 'message-end' ? encoder.end() : encoder.push(event)
  return createFramer(to.framing)
    .feed(Buffer.from(out))
    .filter((frame) => frame.data !== '[DONE]')
    .map((frame) => JSON.parse(frame.data) as JsonObject)
}

const outputOf = (events: readonly JsonObject[]): readonly JsonObject[] => {
  const { response } = events.at(-1) as { readonly response: { readonly output: readonly JsonObject[] } }
  return response.output
}
const chatChunk = (delta: JsonObject, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'gen-1', model: 'm', created: 5, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
const toolDelta = (index: number, id: string, name: string, args: string): JsonObject => ({
  tool_calls: [{ index, id, type: 'function', function: { name, arguments: args } }],
})

test('a Codex turn becomes Chat messages: one assistant message with all its calls, in flat names', () => {
  const { body, lost } = across(openaiResponses, openaiChat, codex)
  assert.deepEqual(lost, [
    'grammar of tool "apply_patch" asked for by instruction',
    'tool of type "web_search" dropped',
  ])
  const call = (id: string, name: string, args: string): Json => {
    return { id, type: 'function', function: { name, arguments: args } }
  }
  assert.deepEqual(body.messages, [
    { role: 'system', content: 'You write code in a made-up workspace.\nAsk before deleting files.' },
    { role: 'user', content: '<environment>made up</environment>' },
    { role: 'user', content: 'List the files, then wait for the other agent.' },
    {
      role: 'assistant',
      content: null,
      reasoning: 'Two calls.',
      reasoning_details: [{ type: 'reasoning.text', text: 'Two calls.', signature: 'c2ln', index: 0 }],
      tool_calls: [
        call('call_31', 'shell', '{"command":"ls"}'),
        call('call_32', 'multi_agent_v1__wait_agent', '{"id":"7"}'),
        call('call_33', 'apply_patch', '{"input":"*** Begin Patch\\n*** End Patch\\n"}'),
      ],
    },
    { role: 'tool', tool_call_id: 'call_31', content: 'README.md' },
    { role: 'tool', tool_call_id: 'call_32', content: 'done' },
    { role: 'tool', tool_call_id: 'call_33', content: 'nothing to do' },
  ])
  const tools = body.tools as readonly { readonly function: { readonly name: string } }[]
  assert.deepEqual(
    tools.map((tool) => tool.function.name),
    ['shell', 'apply_patch', 'multi_agent_v1__wait_agent', 'multi_agent_v1__spawn_agent'],
  )
  const { messages: _, tools: __, ...rest } = body
  assert.deepEqual(rest, {
    model: 'example-coder',
    stream: true,
    tool_choice: 'auto',
    parallel_tool_calls: true,
  })
})

test('the same turn becomes Ollama messages, arguments as objects', () => {
  const { body, lost } = across(openaiResponses, ollama, codex)
  const messages = body.messages as readonly JsonObject[]
  assert.deepEqual(messages[3], {
    role: 'assistant',
    content: '',
    thinking: 'Two calls.',
    tool_calls: [
      { id: 'call_31', function: { name: 'shell', arguments: { command: 'ls' } } },
      { id: 'call_32', function: { name: 'multi_agent_v1__wait_agent', arguments: { id: '7' } } },
      {
        id: 'call_33',
        function: { name: 'apply_patch', arguments: { input: '*** Begin Patch\n*** End Patch\n' } },
      },
    ],
  })
  assert.deepEqual(messages[5], {
    role: 'tool',
    content: 'done',
    tool_call_id: 'call_32',
    tool_name: 'multi_agent_v1__wait_agent',
  })
  assert.ok(lost.includes('tool of type "web_search" dropped'))
})

test('a tool loop over Chat: parallel calls and reasoning out, all of it back with the next turn', () => {
  const text = [
    chatChunk({ role: 'assistant', content: '', reasoning: 'Two ' }),
    chatChunk({ reasoning: 'calls.' }),
    chatChunk({ reasoning_details: [{ type: 'reasoning.text', signature: 'c2ln', index: 0 }] }),
    chatChunk({ content: 'Looking.' }),
    chatChunk(toolDelta(0, 'call_a', 'multi_agent_v1__wait_agent', '{"id"')),
    chatChunk({ tool_calls: [{ index: 0, function: { arguments: ':"7"}' } }] }),
    chatChunk(toolDelta(1, 'call_b', 'apply_patch', '{"input":"*** Begin Patch\\n*** End Patch\\n"}')),
    chatChunk({}, 'tool_calls'),
    'data: [DONE]\n\n',
  ].join('')
  const output = outputOf(stream(openaiChat, openaiResponses, text, codex))
  assert.deepEqual(
    output.map((item) => [item.type, item.name ?? null, item.namespace ?? null, item.call_id ?? null]),
    [
      ['reasoning', null, null, null],
      ['message', null, null, null],
      ['function_call', 'wait_agent', 'multi_agent_v1', 'call_a'],
      ['custom_tool_call', 'apply_patch', null, 'call_b'],
    ],
  )
  const results = [
    { type: 'function_call_output', call_id: 'call_a', output: 'done' },
    { type: 'custom_tool_call_output', call_id: 'call_b', output: 'patched' },
  ]
  const next = { ...codex, input: [...codex.input.slice(0, 3), ...output, ...results] }
  const { messages } = across(openaiResponses, openaiChat, next).body as { messages: readonly JsonObject[] }
  assert.deepEqual(messages.slice(3), [
    {
      role: 'assistant',
      content: 'Looking.',
      reasoning: 'Two calls.',
      reasoning_details: [{ type: 'reasoning.text', text: 'Two calls.', signature: 'c2ln', index: 0 }],
      tool_calls: [
        {
          id: 'call_a',
          type: 'function',
          function: { name: 'multi_agent_v1__wait_agent', arguments: '{"id":"7"}' },
        },
        {
          id: 'call_b',
          type: 'function',
          function: { name: 'apply_patch', arguments: '{"input":"*** Begin Patch\\n*** End Patch\\n"}' },
        },
      ],
    },
    { role: 'tool', tool_call_id: 'call_a', content: 'done' },
    { role: 'tool', tool_call_id: 'call_b', content: 'patched' },
  ])
})

test('a tool loop over Ollama keeps its thinking', () => {
  const lines = [
    { model: 'm', message: { role: 'assistant', content: '', thinking: 'Which city?' } },
    {
      model: 'm',
      message: {
        content: '',
        tool_calls: [{ id: 'call_a', function: { name: 'shell', arguments: { command: 'ls' } } }],
      },
    },
    {
      model: 'm',
      message: { content: '' },
      done: true,
      done_reason: 'stop',
      prompt_eval_count: 5,
      eval_count: 2,
    },
  ]
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  const output = outputOf(stream(ollama, openaiResponses, text, codex))
  const next = { ...codex, input: [...codex.input.slice(0, 3), ...output] }
  const { messages } = across(openaiResponses, ollama, next).body as { messages: readonly JsonObject[] }
  assert.deepEqual(messages[3], {
    role: 'assistant',
    content: '',
    thinking: 'Which city?',
    tool_calls: [{ id: 'call_a', function: { name: 'shell', arguments: { command: 'ls' } } }],
  })
})

test('reasoning sealed by another service is never shown to a model as words', () => {
  const sealed = { type: 'reasoning', summary: [], encrypted_content: 'gAAAAABsecret' }
  const body = { input: [{ role: 'user', content: 'hi' }, sealed, { role: 'assistant', content: 'x' }] }
  assert.ok(!JSON.stringify(across(openaiResponses, ollama, body).body).includes('secret'))
  const { messages } = across(openaiResponses, openaiChat, body).body as { messages: readonly JsonObject[] }
  assert.deepEqual(messages[1], {
    role: 'assistant',
    content: 'x',
    reasoning_details: [{ type: 'reasoning.encrypted', data: 'gAAAAABsecret', index: 0 }],
  })
})

test('images go along, in messages and in results of tools', () => {
  const image = { type: 'input_image', detail: 'auto', image_url: 'data:image/png;base64,AAAA' }
  const body = {
    input: [
      { role: 'user', content: [{ type: 'input_text', text: 'What is this?' }, image] },
      { type: 'function_call', call_id: 'a', name: 'shot', arguments: '{}' },
      { type: 'function_call_output', call_id: 'a', output: [{ type: 'input_text', text: 'taken' }, image] },
    ],
  }
  const url = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }
  const chat = across(openaiResponses, openaiChat, body).body.messages as readonly JsonObject[]
  assert.deepEqual(chat[0]?.content, [{ type: 'text', text: 'What is this?' }, url])
  assert.deepEqual(chat.slice(2), [
    { role: 'tool', tool_call_id: 'a', content: 'taken' },
    { role: 'user', content: [url] },
  ])
  const messages = across(openaiResponses, ollama, body).body.messages as readonly JsonObject[]
  assert.deepEqual([messages[0]?.images, messages[2]?.images], [['AAAA'], ['AAAA']])
  const remote = { ...image, image_url: 'https://example.com/a.png' }
  assert.throws(
    () => across(openaiResponses, ollama, { input: [{ role: 'user', content: [remote] }] }),
    RequestError,
  )
})

test('structured output is asked for in each wire’s own way', () => {
  const schema = { type: 'object', properties: { a: { type: 'number' } } }
  const format = { type: 'json_schema', name: 'answer', strict: true, schema }
  const body = { input: 'hi', model: 'm', text: { format } }
  const chat = across(openaiResponses, openaiChat, body).body
  assert.deepEqual(chat.response_format, {
    type: 'json_schema',
    json_schema: { name: 'answer', strict: true, schema },
  })
  assert.deepEqual(across(openaiResponses, ollama, body).body.format, schema)
  assert.deepEqual(across(openaiChat, openaiResponses, chat).body.text, { format })
  assert.deepEqual(
    across(openaiResponses, ollama, { ...body, text: { format: { type: 'json_object' } } }).body.format,
    'json',
  )
})

test('a Chat request becomes a Responses request that nobody stores', () => {
  const { body, lost } = across(openaiChat, openaiResponses, {
    model: 'm',
    stream: true,
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: null,
        reasoning_details: [{ type: 'reasoning.encrypted', data: 'gAAA' }],
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'w', arguments: '{"c":1}' } },
          { id: 'b', type: 'function', function: { name: 'w', arguments: '{"c":2}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: 'sun' },
      { role: 'tool', tool_call_id: 'b', content: 'rain' },
    ],
    tools: [{ type: 'function', function: { name: 'w', parameters: { type: 'object' } } }],
    tool_choice: { type: 'function', function: { name: 'w' } },
    max_tokens: 50,
    stop: ['END'],
    logit_bias: { 5: 1 },
    reasoning_effort: 'low',
    user: 'ann',
  })
  assert.deepEqual(lost.sort(), ['logit_bias dropped', 'stop dropped'])
  assert.deepEqual(body, {
    model: 'm',
    instructions: 'Be brief.',
    input: [
      { type: 'message', role: 'user', content: 'Weather?' },
      { type: 'reasoning', summary: [], encrypted_content: 'gAAA' },
      { type: 'function_call', call_id: 'a', name: 'w', arguments: '{"c":1}' },
      { type: 'function_call', call_id: 'b', name: 'w', arguments: '{"c":2}' },
      { type: 'function_call_output', call_id: 'a', output: 'sun' },
      { type: 'function_call_output', call_id: 'b', output: 'rain' },
    ],
    stream: true,
    tools: [{ type: 'function', name: 'w', parameters: { type: 'object' }, strict: false }],
    tool_choice: { type: 'function', name: 'w' },
    max_output_tokens: 50,
    reasoning: { effort: 'low' },
    safety_identifier: 'ann',
    store: false,
    include: ['reasoning.encrypted_content'],
  })
})

test('a cut answer is cut in both wires', () => {
  const read = (name: string): string => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8')
  const chat = stream(openaiResponses, openaiChat, read('incomplete.sse'), {})
  const finish = chat.flatMap((chunk) =>
    (chunk.choices as readonly JsonObject[]).map((one) => one.finish_reason),
  )
  assert.deepEqual(
    finish.filter((reason) => reason !== null),
    ['length'],
  )
  const cut = chatChunk({ content: 'Half an ans' }) + chatChunk({}, 'length') + 'data: [DONE]\n\n'
  const last = stream(openaiChat, openaiResponses, cut, codex).at(-1)
  assert.equal(last?.type, 'response.incomplete')
  const filtered = openaiResponses.readResult(JSON.parse(read('answer-incomplete.json')) as Json)
  const { choices } = openaiChat.writeResult(filtered, { usage: true, now }) as {
    choices: readonly JsonObject[]
  }
  assert.equal(choices[0]?.finish_reason, 'content_filter')
})

test('a Chat answer cut at any byte gives a whole Responses stream', () => {
  const bytes = Buffer.from(
    chatChunk({ content: 'Grüße 👋' }) +
      chatChunk(toolDelta(0, 'call_a', 'shell', '{"command":"ls"}')) +
      chatChunk({}, 'tool_calls') +
      'data: [DONE]\n\n',
  )
  for (let at = 0; at <= bytes.length; at++) {
    const framer = createFramer('sse')
    const decoder = openaiChat.decoder()
    const events: ChatEvent[] = [bytes.subarray(0, at), bytes.subarray(at)]
      .flatMap((part) => framer.feed(part))
      .flatMap((frame) => [...decoder.push(frame)])
    const encoder = openaiResponses.encoder({ usage: true, now, request: codex })
    const text = events.map((event) => encoder.push(event)).join('') + encoder.end()
    const again = openaiResponses.decoder()
    const answer = foldEvents(
      createFramer('sse')
        .feed(Buffer.from(text))
        .flatMap((frame) => [...again.push(frame)]),
    )
    assert.equal(answer.text, 'Grüße 👋')
    assert.deepEqual(answer.toolCalls, [{ id: 'call_a', name: 'shell', args: '{"command":"ls"}' }])
    assert.equal(answer.ended, true)
  }
})
