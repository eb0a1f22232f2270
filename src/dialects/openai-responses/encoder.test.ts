import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import OpenAI from 'openai'
import type { ChatEvent, Json, JsonObject } from '../../chat/types.ts'
import { createFramer } from '../../wire/frames.ts'
import { openaiResponses } from './index.ts'

const now = 1_790_000_000_000
const usage = { input: 10, output: 5, cached: 4, reasoning: 2, nanoUsd: 140_000 }
const events: readonly ChatEvent[] = [
  { type: 'message-start', id: 'gen-1', model: 'm' },
  { type: 'reasoning-delta', text: 'h' },
  { type: 'reasoning-delta', text: 'm', signature: 'c2ln' },
  { type: 'text-delta', text: 'a' },
  { type: 'text-delta', text: 'b' },
  { type: 'tool-start', index: 0, id: 'call_a', name: 'f' },
  { type: 'tool-delta', index: 0, json: '{"x"' },
  { type: 'tool-delta', index: 0, json: ':1}' },
  { type: 'finish', reason: 'tool-calls' },
  { type: 'usage', usage },
  { type: 'message-end' },
]

function encode(wanted: readonly ChatEvent[], request?: JsonObject): string {
  const encoder = openaiResponses.encoder({ usage: true, now, ...(request === undefined ? {} : { request }) })
  return wanted.map((event) => encoder.push(event)).join('') + encoder.end()
}

interface Sent extends JsonObject {
  readonly type: string
  readonly response: JsonObject
  readonly item: JsonObject
}

/** The events of a stream; made-up ids by the order in which they come. */
function sent(text: string): Sent[] {
  const ids = new Map<string, string>()
  const settled = text.replaceAll(/\b(resp|msg|rs|fc|ctc)_[0-9a-f]{32}\b/g, (id, kind: string) => {
    if (!ids.has(id)) ids.set(id, `${kind}_${ids.size}`)
    return ids.get(id) ?? id
  })
  return createFramer('sse')
    .feed(Buffer.from(settled))
    .map((frame) => {
      const event = JSON.parse(frame.data) as Sent
      assert.equal(frame.event, event.type)
      return event
    })
}

test('the whole sequence: every item from added to done, ids stable, all of it again at the end', () => {
  const stream = sent(encode(events, { include: ['reasoning.encrypted_content'] }))
  assert.deepEqual(
    stream.map((event) => event.sequence_number),
    [...stream.keys()],
  )
  const told = stream.map((event) => {
    const { sequence_number: _, response, ...rest } = event
    return response === undefined ? rest : { type: rest.type, status: response.status, id: response.id }
  })
  const blob = `switchyard.1.${Buffer.from('{"text":"hm","signature":"c2ln"}').toString('base64url')}`
  const thought = {
    id: 'rs_0',
    type: 'reasoning',
    summary: [{ type: 'summary_text', text: 'hm' }],
    encrypted_content: blob,
  }
  const part = (text: string): Json => ({ type: 'output_text', text, annotations: [], logprobs: [] })
  const message = (status: string, ...content: readonly Json[]): Json => {
    return { id: 'msg_1', type: 'message', status, role: 'assistant', content }
  }
  const call = (status: string, args: string): Json => {
    return { id: 'fc_2', type: 'function_call', status, call_id: 'call_a', name: 'f', arguments: args }
  }
  const summary = { item_id: 'rs_0', output_index: 0, summary_index: 0 }
  const content = { item_id: 'msg_1', output_index: 1, content_index: 0 }
  const args = { item_id: 'fc_2', output_index: 2 }
  assert.deepEqual(told, [
    { type: 'response.created', status: 'in_progress', id: 'resp_gen-1' },
    { type: 'response.in_progress', status: 'in_progress', id: 'resp_gen-1' },
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { id: 'rs_0', type: 'reasoning', summary: [] },
    },
    {
      type: 'response.reasoning_summary_part.added',
      ...summary,
      part: { type: 'summary_text', text: '' },
    },
    { type: 'response.reasoning_summary_text.delta', ...summary, delta: 'h' },
    { type: 'response.reasoning_summary_text.delta', ...summary, delta: 'm' },
    { type: 'response.reasoning_summary_text.done', ...summary, text: 'hm' },
    {
      type: 'response.reasoning_summary_part.done',
      ...summary,
      part: { type: 'summary_text', text: 'hm' },
    },
    { type: 'response.output_item.done', output_index: 0, item: thought },
    { type: 'response.output_item.added', output_index: 1, item: message('in_progress') },
    { type: 'response.content_part.added', ...content, part: part('') },
    { type: 'response.output_text.delta', ...content, delta: 'a', logprobs: [] },
    { type: 'response.output_text.delta', ...content, delta: 'b', logprobs: [] },
    { type: 'response.output_text.done', ...content, text: 'ab', logprobs: [] },
    { type: 'response.content_part.done', ...content, part: part('ab') },
    { type: 'response.output_item.done', output_index: 1, item: message('completed', part('ab')) },
    { type: 'response.output_item.added', output_index: 2, item: call('in_progress', '') },
    { type: 'response.function_call_arguments.delta', ...args, delta: '{"x"' },
    { type: 'response.function_call_arguments.delta', ...args, delta: ':1}' },
    { type: 'response.function_call_arguments.done', ...args, name: 'f', arguments: '{"x":1}' },
    { type: 'response.output_item.done', output_index: 2, item: call('completed', '{"x":1}') },
    { type: 'response.completed', status: 'completed', id: 'resp_gen-1' },
  ])
  const output = [thought, message('completed', part('ab')), call('completed', '{"x":1}')]
  assert.deepEqual(stream.at(-1)?.response.output, output)
})

test('a response has every member typed clients expect, and repeats what was asked', () => {
  const request = {
    instructions: 'Be brief.',
    tools: [{ type: 'function', name: 'f' }],
    tool_choice: 'required',
    temperature: 0.5,
    max_output_tokens: 9,
    text: { verbosity: 'low' },
    reasoning: { effort: 'high' },
    metadata: { a: 'b' },
    store: true,
    model: 'auto',
  }
  const { id, output, ...rest } = openaiResponses.writeResult(events, { usage: true, now, request })
  assert.equal(id, 'resp_gen-1')
  assert.equal((output as readonly JsonObject[]).length, 3)
  assert.deepEqual(rest, {
    object: 'response',
    created_at: 1_790_000_000,
    status: 'completed',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: 'Be brief.',
    max_output_tokens: 9,
    max_tool_calls: null,
    metadata: { a: 'b' },
    model: 'm',
    parallel_tool_calls: true,
    previous_response_id: null,
    prompt_cache_key: null,
    reasoning: { effort: 'high', summary: null },
    safety_identifier: null,
    service_tier: null,
    store: false,
    temperature: 0.5,
    text: { format: { type: 'text' }, verbosity: 'low' },
    tool_choice: 'required',
    tools: [{ type: 'function', name: 'f' }],
    top_logprobs: null,
    top_p: null,
    truncation: 'disabled',
    usage: {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4, cache_write_tokens: 0 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 2 },
      total_tokens: 15,
      cost: 0.00014,
    },
    user: null,
  })
})

const parts = (wanted: readonly ChatEvent[], request?: JsonObject): readonly string[] =>
  sent(encode(wanted, request)).map(({ type, output_index, delta, item, response }) => {
    const status = (item ?? response)?.status
    return [type.replace('response.', ''), output_index, delta, status]
      .filter((one) => one !== undefined)
      .join(' ')
  })
const start = (index: number): ChatEvent => ({ type: 'tool-start', index, id: `call_${index}`, name: 'f' })
const args = (index: number, json: string): ChatEvent => ({ type: 'tool-delta', index, json })

test('calls that come interleaved go out one after the other, whole', () => {
  const wanted = [start(0), args(0, '{'), start(1), args(1, '{}'), args(0, '}'), args(1, '')]
  const told = parts(wanted).slice(2)
  assert.deepEqual(told, [
    'output_item.added 0 in_progress',
    'function_call_arguments.delta 0 {',
    'function_call_arguments.delta 0 }',
    'function_call_arguments.done 0',
    'output_item.done 0 completed',
    'output_item.added 1 in_progress',
    'function_call_arguments.delta 1 {}',
    'function_call_arguments.done 1',
    'output_item.done 1 completed',
    'completed completed',
  ])
})

test('a call that is whole does not wait for the end of the answer', () => {
  const encoder = openaiResponses.encoder({ usage: true, now })
  const pushed = [start(0), args(0, '{"x":{}}'), start(1), args(1, '{"y"')].map((one) => encoder.push(one))
  assert.match(pushed[2] ?? '', /output_item\.done.*output_item\.added/s)
  assert.match(pushed[3] ?? '', /"delta":"\{\\"y\\""/)
})

test('an answer that was cut says so, at its last item and as a whole', () => {
  const cut = (reason: 'length' | 'filtered' | 'error'): ReturnType<typeof sent> =>
    sent(
      encode([
        { type: 'text-delta', text: 'x' },
        { type: 'finish', reason },
      ]),
    )
  for (const [reason, words] of [
    ['length', 'max_output_tokens'],
    ['filtered', 'content_filter'],
  ] as const) {
    const stream = cut(reason)
    assert.equal(stream.at(-2)?.item.status, 'incomplete')
    assert.equal(stream.at(-1)?.type, 'response.incomplete')
    assert.deepEqual(stream.at(-1)?.response.incomplete_details, { reason: words })
  }
  assert.equal(cut('error').at(-1)?.type, 'response.failed')
})

const codexTools = [
  { type: 'namespace', name: 'multi_agent_v1', tools: [{ type: 'function', name: 'wait_agent' }] },
  { type: 'custom', name: 'apply_patch' },
]

test('calls go back under the names and in the kinds the client gave its tools', () => {
  const wanted: readonly ChatEvent[] = [
    { type: 'tool-start', index: 0, id: 'a', name: 'multi_agent_v1__wait_agent' },
    args(0, '{"id":"7"}'),
    { type: 'tool-start', index: 1, id: 'b', name: 'apply_patch' },
    args(1, '{"input":"*** Begin'),
    args(1, ' Patch\\n"}'),
    { type: 'tool-start', index: 2, id: 'c', name: 'apply_patch' },
    args(2, 'no JSON'),
  ]
  const request = { tools: codexTools }
  const stream = sent(encode(wanted, request))
  const call = { type: 'function_call', status: 'completed', call_id: 'a', name: 'wait_agent' }
  const custom = { type: 'custom_tool_call', status: 'completed', name: 'apply_patch' }
  const output = [
    { id: 'fc_1', ...call, namespace: 'multi_agent_v1', arguments: '{"id":"7"}' },
    { id: 'ctc_2', ...custom, call_id: 'b', input: '*** Begin Patch\n' },
    { id: 'ctc_3', ...custom, call_id: 'c', input: 'no JSON' },
  ]
  assert.deepEqual(stream.at(-1)?.response.output, output)
  assert.deepEqual(
    stream.filter((event) => event.type === 'response.output_item.done').map((event) => event.item),
    output,
  )
  assert.deepEqual(
    stream
      .filter((event) => event.type.includes('custom_tool_call_input'))
      .map((event) => event.delta ?? event.input),
    ['*** Begin Patch\n', '*** Begin Patch\n', 'no JSON', 'no JSON'],
  )
})

test('sealed reasoning goes only to clients that ask for it', () => {
  const thinking: readonly ChatEvent[] = [
    { type: 'reasoning-delta', text: 'hm' },
    { type: 'reasoning-delta', text: '', sealed: 'gAAA' },
    { type: 'text-delta', text: 'x' },
    // Some services seal only when the answer has begun.
    { type: 'reasoning-delta', text: '', sealed: 'late' },
    { type: 'text-delta', text: 'y' },
  ]
  const output = (include: readonly string[]): Json | undefined =>
    sent(encode(thinking, { include })).at(-1)?.response.output
  const items = output(['reasoning.encrypted_content']) as readonly JsonObject[]
  assert.deepEqual(
    items.map((item) => [item.type, item.encrypted_content ?? null]),
    [
      ['reasoning', 'gAAA'],
      ['message', null],
      ['reasoning', 'late'],
    ],
  )
  const plain = output([]) as readonly JsonObject[]
  assert.deepEqual(
    plain.map((item) => item.type),
    ['reasoning', 'message'],
  )
  assert.ok(!JSON.stringify(plain).includes('encrypted_content'))
})

test('a signature ends a thought: what follows it is another one', () => {
  const stream = sent(
    encode([
      { type: 'reasoning-delta', text: 'a', signature: 's1' },
      { type: 'reasoning-delta', text: 'b' },
      { type: 'reasoning-delta', text: '', signature: 's2' },
    ]),
  )
  const output = stream.at(-1)?.response.output as readonly JsonObject[]
  const blobs = output.map((item) =>
    Buffer.from(String(item.encrypted_content).slice(13), 'base64url').toString(),
  )
  assert.deepEqual(blobs, ['{"text":"a","signature":"s1"}', '{"text":"b","signature":"s2"}'])
})

test('an answer without id, model or content still is one', () => {
  const [first, , last] = sent(encode([]))
  assert.match(String(first?.response.id), /^resp_0$/)
  assert.equal(first?.response.model, 'unknown')
  assert.equal(last?.type, 'response.completed')
  assert.deepEqual([last?.response.output, last?.response.usage], [[], null])
})

const errorOf = (code: string, status: number, more: JsonObject = {}): JsonObject => {
  const wire = openaiResponses.writeError({ status, code, message: 'm', ...more }) as { error: JsonObject }
  return wire.error
}

test('errors carry the words clients switch on', () => {
  const words = (code: string, status: number): Json => {
    const { type, code: word } = errorOf(code, status)
    return [type ?? null, word ?? null]
  }
  assert.deepEqual(words('invalid_api_key', 401), ['invalid_request_error', 'invalid_api_key'])
  assert.deepEqual(words('model_not_found', 404), ['invalid_request_error', 'model_not_found'])
  assert.deepEqual(words('insufficient_credits', 402), ['insufficient_quota', 'insufficient_quota'])
  assert.deepEqual(words('upstream_failed', 502), ['server_error', 'upstream_failed'])
  const long = { message: "Example: This endpoint's maximum context length is 8192 tokens" }
  assert.equal(errorOf('context_length_exceeded', 400, long).code, 'context_length_exceeded')
  assert.equal(errorOf('invalid_request', 400).code, 'invalid_request')
})

test('a short wait is in the words, a long one stops Codex and tells it until when', () => {
  const spent = (details: JsonObject): JsonObject => errorOf('quota_exhausted', 429, { details })
  assert.deepEqual(spent({ retry_after: 55 }), {
    message: 'm; try again in 55s',
    type: 'rate_limit_error',
    code: 'rate_limit_exceeded',
    param: null,
    metadata: { retry_after: 55 },
  })
  assert.deepEqual(spent({ retry_after: 56, resets_at: 1_790_000_056 }), {
    message: 'm',
    type: 'usage_limit_reached',
    code: 'rate_limit_exceeded',
    param: null,
    resets_at: 1_790_000_056,
    metadata: { retry_after: 56, resets_at: 1_790_000_056 },
  })
  const said = { message: 'spent. Try again in 5 s (soon)', details: { retry_after: 5 } }
  assert.equal(errorOf('quota_exhausted', 429, said).message, said.message)
})

test('an error frame is a transport error and a failed response', () => {
  const frame = openaiResponses.errorFrame({ status: 502, code: 'upstream_failed', message: 'cut off' })
  const [error, failed, ...rest] = sent(frame)
  assert.deepEqual(rest, [])
  assert.deepEqual(error, {
    type: 'error',
    code: 'upstream_failed',
    message: 'cut off',
    param: null,
    sequence_number: 0,
  })
  assert.equal(failed?.type, 'response.failed')
  assert.deepEqual(failed.response.error, { code: 'server_error', message: 'cut off' })
})

test('the openai client reads our stream and our whole answer, and takes our error frame for an error', async () => {
  const failing = encode(events).split('event: response.output_text.done')[0] ?? ''
  const frame = openaiResponses.errorFrame({ status: 502, code: 'upstream_failed', message: 'cut off' })
  const json = JSON.stringify(openaiResponses.writeResult(events, { usage: true, now }))
  const bodies: [string, string][] = [
    ['text/event-stream', `${openaiResponses.keepAlive}${encode(events)}`],
    ['application/json', json],
    ['text/event-stream', failing + frame],
    ['text/event-stream', failing + frame],
  ]
  const server = createServer((_, response) => {
    const [type, body] = bodies.shift() ?? ['', '']
    response.writeHead(200, { 'content-type': type }).end(body)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  try {
    const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
    const client = new OpenAI({ apiKey: 'x', baseURL, maxRetries: 0 })
    const ask = { model: 'm', input: 'hi' }
    for (const answer of [
      await client.responses.stream(ask).finalResponse(),
      await client.responses.create(ask),
    ]) {
      assert.equal(answer.output_text, 'ab')
      assert.equal(answer.usage?.total_tokens, 15)
      const call = JSON.stringify(answer.output.find((item) => item.type === 'function_call'))
      assert.match(call, /"call_id":"call_a","name":"f","arguments":"\{\\"x\\":1\}"/)
    }
    await assert.rejects(client.responses.stream(ask).finalResponse(), /cut off/)
    await assert.rejects(async () => {
      for await (const event of await client.responses.create({ ...ask, stream: true })) assert.ok(event)
    }, /cut off/)
  } finally {
    server.close()
    server.closeAllConnections()
  }
})
