import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Door, doors, eventDoors, knock, pathsOf } from '../support/doors.ts'
import { eventsOf } from '../support/event-stream.ts'
import { startRawUpstream, sse, sseHead } from '../support/raw-upstream.ts'
import { openStand } from '../support/stand.ts'

const weather = {
  type: 'function',
  name: 'get_weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}
const namespace = { type: 'namespace', name: 'multi_agent_v1', description: 'Agents', tools: [weather] }
const sealed = `switchyard.1.${Buffer.from('{"text":"I thought of it"}').toString('base64url')}`
const thought = (content: string): object => ({
  type: 'reasoning',
  id: 'rs_1',
  summary: [],
  encrypted_content: content,
})

interface Road {
  readonly door: Door
  readonly title: string
  readonly rest: Readonly<Record<string, unknown>>
  /** Where OpenRouter is asked. */
  readonly path: string
  /** What the client is warned of. */
  readonly lost?: RegExp
}

const roads: readonly Road[] = [
  { door: doors.chat, title: 'a plain request', rest: {}, path: '/chat/completions' },
  { door: doors.responses, title: 'a plain request', rest: {}, path: '/responses' },
  { door: doors.responses, title: 'a function', rest: { tools: [weather] }, path: '/responses' },
  { door: doors.responses, title: 'a namespace', rest: { tools: [namespace] }, path: '/chat/completions' },
  {
    door: doors.responses,
    title: 'a custom tool with a grammar',
    rest: {
      tools: [
        {
          type: 'custom',
          name: 'patch',
          format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
        },
      ],
    },
    path: '/chat/completions',
    lost: /^grammar of tool "patch" asked for by instruction$/,
  },
  {
    door: doors.responses,
    title: 'a hosted tool beside a function',
    rest: { tools: [weather, { type: 'web_search', external_web_access: false }], store: false },
    path: '/chat/completions',
    lost: /^tool of type "web_search" dropped$/,
  },
  {
    door: doors.responses,
    title: 'reasoning that this gateway sealed',
    rest: { input: [{ role: 'user', content: 'hi' }, thought(sealed), { role: 'user', content: 'hello' }] },
    path: '/chat/completions',
  },
  {
    door: doors.responses,
    title: 'reasoning that somebody else sealed',
    rest: { input: [{ role: 'user', content: 'hi' }, thought('gAAAA'), { role: 'user', content: 'hello' }] },
    path: '/responses',
  },
  { door: doors.messages, title: 'a plain request', rest: {}, path: '/messages' },
  {
    door: doors.messages,
    title: 'members that only Anthropic knows',
    rest: { context_management: { edits: [] }, thinking: { type: 'adaptive', display: 'omitted' } },
    path: '/messages',
  },
  {
    door: doors.messages,
    title: 'fallbacks of its own, which could cost money',
    rest: { fallbacks: [{ model: 'anthropic/claude-haiku-4.5' }] },
    path: '/chat/completions',
    lost: /^fallbacks dropped$/,
  },
  {
    door: doors.messages,
    title: 'fallbacks and a member that is lost with them',
    rest: { fallbacks: [{ model: 'anthropic/claude-haiku-4.5' }], context_management: { edits: [] } },
    path: '/chat/completions',
    lost: /^(?=.*fallbacks dropped)(?=.*context_management dropped)/,
  },
  { door: doors.ollama, title: 'a plain request', rest: {}, path: '/chat/completions' },
  { door: doors.generate, title: 'a plain request', rest: {}, path: '/chat/completions' },
  {
    door: doors.ollama,
    title: 'an option that only a local runner knows',
    rest: { options: { mirostat: 2 } },
    path: '/chat/completions',
    lost: /mirostat dropped/,
  },
]

for (const { door, title, rest, path, lost } of roads) {
  test(`${door.name}: OpenRouter is asked at ${path} with ${title}`, async () => {
    for (const stream of [true, false]) {
      await using stand = await openStand()
      const body = { ...door.question('hello'), model: 'auto', stream, ...rest }
      const reply = await knock(stand, door, body)
      const text = await reply.text()
      assert.equal(reply.status, 200, text)
      assert.deepEqual(await pathsOf(stand), [path])
      const said = stream ? door.read(text) : undefined
      if (said !== undefined) assert.deepEqual([said.ended, said.errors, said.broken], [true, [], []], text)
      assert.match(said?.text ?? door.textOf(JSON.parse(text)), /^(?:The tool answered|You said|safe)/)
      const warnings = reply.headers.get('x-switchyard-warnings')
      if (lost === undefined) assert.equal(warnings, null)
      else assert.match(warnings ?? '', lost)
    }
  })
}

test('Ollama is asked in its own words at every door, and only losses that matter are told', async () => {
  for (const door of [...eventDoors, doors.ollama, doors.generate]) {
    for (const stream of [true, false]) {
      await using stand = await openStand()
      const body = { ...door.question('hello'), model: 'gpt-oss:20b', stream }
      const reply = await knock(stand, door, body)
      const text = await reply.text()
      assert.equal(reply.status, 200, text)
      assert.deepEqual(await pathsOf(stand), ['/api/chat'])
      assert.equal(reply.headers.get('x-switchyard-warnings'), null)
      assert.equal(stream ? door.read(text).text : door.textOf(JSON.parse(text)), 'You said: hello')
    }
  }
})

interface Item {
  readonly type: string
  readonly name?: string
  readonly namespace?: string
}

test('a call of a namespaced tool comes back under both its names, as Codex wants it', async () => {
  for (const stream of [true, false]) {
    await using stand = await openStand()
    // The model knows the tool by one flat name.
    const body = {
      ...doors.responses.question('please call multi_agent_v1__get_weather'),
      model: 'google/gemma-4-31b-it:free',
      stream,
      tools: [namespace],
    }
    const text = await (await knock(stand, doors.responses, body)).text()
    const calls = (
      stream
        ? eventsOf(text)
            .map(({ data }) => JSON.parse(data) as { type: string; item?: Item })
            .flatMap(({ type, item }) => (type === 'response.output_item.done' && item ? [item] : []))
        : (JSON.parse(text) as { output: Item[] }).output
    ).filter(({ type }) => type === 'function_call')
    assert.deepEqual(
      calls.map(({ name, namespace: group }) => [name, group]),
      [['get_weather', 'multi_agent_v1']],
    )
  }
})

test('reasoning sealed here is opened for the model, and none of the seal goes out', async () => {
  let arrived = ''
  await using raw = await startRawUpstream((response, _call, body) => {
    arrived = body
    response.writeHead(200, sseHead).end(`${sse('ok')}${sse('', 'stop')}data: [DONE]\n\n`)
  })
  await using stand = await openStand({ environment: { OPENROUTER_BASE_URL: raw.url } })
  const input = [{ role: 'user', content: 'hi' }, thought(sealed), { role: 'user', content: 'hello' }]
  await (await knock(stand, doors.responses, { model: 'auto', stream: true, input })).text()
  assert.match(arrived, /I thought of it/)
  assert.doesNotMatch(arrived, /switchyard\.1/)
})

test('a wish that no road can carry is refused at the door, and nobody is called', async () => {
  for (const [door, rest, words] of [
    [doors.responses, { previous_response_id: 'resp_1' }, /previous_response_id/],
    [doors.responses, { conversation: 'conv_1' }, /conversation/],
    [doors.responses, { background: true }, /background/],
  ] as const) {
    await using stand = await openStand()
    const reply = await knock(stand, door, { ...door.question('hello'), model: 'auto', ...rest })
    assert.equal(reply.status, 400)
    assert.match(await reply.text(), words)
    assert.deepEqual(await pathsOf(stand), [])
  }
})
