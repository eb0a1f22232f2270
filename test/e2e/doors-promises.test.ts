import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Door, doors, eventDoors, type Heard, hear, knock } from '../support/doors.ts'
import { eventsOf } from '../support/event-stream.ts'
import { openPlayedOllama, type PlayedOllama, type Said } from '../support/played-ollama.ts'
import { rowsOf } from '../support/probe.ts'
import { openStand } from '../support/stand.ts'
import { refused } from '../support/refusals.ts'

let played: PlayedOllama
before(async () => (played = await openPlayedOllama()))
after(() => played[Symbol.asyncDispose]())

const model = 'gpt-oss:20b'
const schema = {
  type: 'object',
  properties: { answer: { type: 'number' } },
  required: ['answer'],
  additionalProperties: false,
}

type Members = Readonly<Record<string, unknown>>

/** A wish for JSON of this schema, as each dialect says it. Anthropic's has no `strict`. */
function inSchema(door: Door, strict: boolean): Members {
  switch (door.name) {
    case 'responses':
      return { text: { format: { type: 'json_schema', name: 'answer', schema, strict } } }
    case 'messages':
      return { output_config: { format: { type: 'json_schema', schema } } }
    default:
      return { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict } } }
  }
}

function anyJson(door: Door): Members {
  const format = { type: 'json_object' }
  return door === doors.responses ? { text: { format } } : { response_format: format }
}

/** Two tools, and which of them must be called. */
function withTools(
  door: Door,
  choice: 'required' | 'auto' | { readonly name: string },
  parallel = true,
): Members {
  const parameters = { type: 'object', properties: { city: { type: 'string' } } }
  const names = ['get_weather', 'get_time']
  const named = typeof choice === 'object'
  switch (door.name) {
    case 'responses':
      return {
        tools: names.map((name) => ({ type: 'function', name, parameters })),
        tool_choice: named ? { type: 'function', ...choice } : choice,
        parallel_tool_calls: parallel,
      }
    case 'messages':
      return {
        tools: names.map((name) => ({ name, input_schema: parameters })),
        tool_choice: {
          ...(named ? { type: 'tool', ...choice } : { type: choice === 'required' ? 'any' : 'auto' }),
          ...(parallel ? {} : { disable_parallel_tool_use: true }),
        },
      }
    default:
      return {
        tools: names.map((name) => ({ type: 'function', function: { name, parameters } })),
        tool_choice: named ? { type: 'function', function: choice } : choice,
        parallel_tool_calls: parallel,
      }
  }
}

/** Names of the tools that an answer calls, whole or streamed. */
function callsIn(door: Door, { body, headers }: Heard): readonly string[] {
  const streamed = String(headers['content-type']).startsWith('text/event-stream')
  const parts: readonly Members[] = streamed
    ? eventsOf(body).flatMap(({ data }) => (data === '[DONE]' ? [] : [JSON.parse(data) as Members]))
    : [JSON.parse(body) as Members]
  switch (door.name) {
    case 'responses':
      return parts.flatMap(({ type, item, output = type === 'response.output_item.added' ? [item] : [] }) =>
        namesOf(output, ({ type: kind }) => kind === 'function_call'),
      )
    case 'messages':
      return parts.flatMap(({ content_block: block, content = [block] }) =>
        namesOf(content, ({ type }) => type === 'tool_use'),
      )
    default:
      return parts
        .flatMap(({ choices }) => choices as readonly { delta?: Called; message?: Called }[])
        .flatMap(({ delta, message }) => (delta ?? message)?.tool_calls ?? [])
        .flatMap((call) => namesOf([call.function], () => true))
  }
}

interface Called {
  readonly tool_calls?: readonly { readonly function: Members }[]
}

function namesOf(list: unknown, isCall: (each: Members) => boolean): readonly string[] {
  return (list as readonly (Members | undefined)[]).flatMap((each) =>
    each !== undefined && isCall(each) && typeof each['name'] === 'string' ? [each['name']] : [],
  )
}

function ask(door: Door, rest: Members, stream: boolean): Members {
  return { ...door.question('how many?'), model, stream, ...rest }
}

function textIn(door: Door, heard: Heard, stream: boolean): string {
  assert.equal(heard.status, 200, heard.body)
  if (!stream) return door.textOf(JSON.parse(heard.body))
  const read = door.read(heard.body)
  assert.deepEqual([read.ended, read.errors, read.broken], [true, [], []], heard.body)
  return read.text
}

const right: Said = { content: '{"answer": 7}' }
const wrong: Said = { content: '{"answer": "seven"}' }

for (const door of eventDoors) {
  for (const stream of [true, false]) {
    const how = `${door.name}, ${stream ? 'streamed' : 'whole'}`

    test(`${how}: JSON in a code fence reaches the client without it`, async () => {
      for (const content of ['```json\n{"answer": 7}\n```', ' ```\n{"answer": 7}```\n', ' {"answer": 7}\n']) {
        played.says({ content })
        const heard = await hear(played.stand, door, ask(door, inSchema(door, true), stream))
        assert.equal(textIn(door, heard, stream), '{"answer": 7}')
        assert.equal(played.asked.length, 1)
      }
    })

    test(`${how}: an answer that does not fit is asked for again with what is wrong`, async () => {
      for (const [first, problem] of [
        [wrong, /does not match: #\/answer .*number/],
        [{ content: 'Seven, I think.' }, /not JSON/],
        [{ content: '{"answer": 7, "more": 1}' }, /does not match: .*more/],
        [{ content: '{"other": 7}' }, /does not match: .*answer/],
      ] as const) {
        played.says(first, right)
        const heard = await hear(played.stand, door, ask(door, inSchema(door, true), stream))
        assert.equal(textIn(door, heard, stream), right.content)
        const [one, two] = played.asked
        assert.equal(played.asked.length, 2)
        assert.deepEqual(two?.messages.slice(0, one?.messages.length), one?.messages)
        const [said, correction] = two?.messages.slice(-2) ?? []
        assert.deepEqual([said?.role, said?.content, correction?.role], ['assistant', first.content, 'user'])
        assert.match(correction?.content ?? '', problem)
        assert.equal(heard.headers['x-switchyard-attempts'], '2')
        assert.doesNotMatch(String(heard.headers['x-switchyard-warnings']), /not in the form/)
      }
    })

    test(`${how}: an answer that was asked for twice costs what both cost, in the ledger and for the client`, async () => {
      await using own = await openPlayedOllama()
      own.says(wrong, right)
      const heard = await hear(own.stand, door, ask(door, inSchema(door, true), stream))
      const rows = await rowsOf(own.stand)
      assert.deepEqual(
        rows.map(({ number, state, usage }) => [number, state, usage?.input, usage?.output]),
        [1, 2].map((number) => [number, 'done', 100, 10]),
      )
      assert.equal(new Set(rows.map(({ call }) => call)).size, 1)
      // The price table's row of the model: 70 nano-dollars a token in, 300 out.
      const nanoUsd = 2 * (100 * 70 + 10 * 300)
      assert.equal(
        rows.reduce((sum, row) => sum + (row.nanoUsd ?? 0), 0),
        nanoUsd,
      )
      const cost = (stream ? heard.trailers : heard.headers)['x-switchyard-cost']
      assert.equal(Math.round(Number(cost) * 1e9), nanoUsd)
    })

    test(`${how}: an answer that never fits is an error where the form was strict, else a warning`, async () => {
      for (const strict of [true, false]) {
        played.says(wrong)
        const body = ask(door, inSchema(door, strict), stream)
        const reply = await knock(played.stand, door, body)
        assert.equal(played.asked.length, 2, 'twice, and no more')
        if (strict && door !== doors.messages) {
          assert.equal(reply.status, 502)
          assert.match(
            (await refused(reply)).message,
            /did not answer in the form asked for, twice: .*#\/answer/,
          )
        } else {
          assert.equal(reply.status, 200)
          assert.match(
            reply.headers.get('x-switchyard-warnings') ?? '',
            /structured output asked for by instruction; the answer is not in the form asked for/,
          )
          const text = await reply.text()
          assert.equal(stream ? door.read(text).text : door.textOf(JSON.parse(text)), wrong.content)
        }
      }
    })

    test(`${how}: a tool that must be called is called`, async () => {
      const call: Said = { calls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }] }
      const other: Said = { calls: [{ name: 'get_time', arguments: {} }] }
      for (const [choice, first, problem] of [
        ['required', { content: 'It is warm.' }, /Call at least one of the given tools/],
        [{ name: 'get_weather' }, { content: 'It is warm.' }, /Call the tool "get_weather"/],
        [{ name: 'get_weather' }, other, /Call the tool "get_weather"/],
      ] as const) {
        played.says(first, call)
        const heard = await hear(played.stand, door, ask(door, withTools(door, choice), stream))
        assert.equal(textIn(door, heard, stream), '')
        assert.deepEqual(callsIn(door, heard), ['get_weather'])
        assert.equal(played.asked.length, 2)
        assert.match(played.asked[1]?.messages.at(-1)?.content ?? '', problem)
      }
      played.says(call)
      const heard = await hear(played.stand, door, ask(door, withTools(door, 'required'), stream))
      assert.deepEqual([callsIn(door, heard), played.asked.length], [['get_weather'], 1])
      played.says({ content: 'It is warm.' })
      const warned = await hear(played.stand, door, ask(door, withTools(door, 'required'), stream))
      assert.equal(textIn(door, warned, stream), 'It is warm.')
      assert.match(String(warned.headers['x-switchyard-warnings']), /not in the form asked for/)
    })

    test(`${how}: who takes one call at a time gets one`, async () => {
      const both: Said = { calls: ['get_weather', 'get_time'].map((name) => ({ name, arguments: {} })) }
      played.says(both)
      const one = await hear(played.stand, door, ask(door, withTools(door, 'auto', false), stream))
      assert.deepEqual(callsIn(door, one), ['get_weather'])
      assert.equal(played.asked.length, 1, 'nothing is asked again for that')
      // Negative control.
      const two = await hear(played.stand, door, ask(door, withTools(door, 'auto'), stream))
      assert.deepEqual(callsIn(door, two), ['get_weather', 'get_time'])
    })
  }
}

test('any JSON object will do where no schema is given, and nothing else', async () => {
  for (const door of [doors.chat, doors.responses]) {
    for (const stream of [true, false]) {
      for (const content of ['[1]', '7', 'null', 'text']) {
        played.says({ content }, right)
        const heard = await hear(played.stand, door, ask(door, anyJson(door), stream))
        assert.equal(textIn(door, heard, stream), right.content)
        assert.equal(played.asked.length, 2, content)
      }
      played.says({ content: '```json\n{"x": [1]}\n```' })
      const heard = await hear(played.stand, door, ask(door, anyJson(door), stream))
      assert.deepEqual([textIn(door, heard, stream), played.asked.length], ['{"x": [1]}', 1])
    }
  }
})

test('a call of a tool is an answer too: its client asked for words in JSON, if there are words', async () => {
  for (const door of eventDoors) {
    played.says({ calls: [{ name: 'get_weather', arguments: {} }] })
    const rest = { ...withTools(door, 'auto'), ...inSchema(door, true) }
    const heard = await hear(played.stand, door, ask(door, rest, true))
    assert.deepEqual([callsIn(door, heard), played.asked.length], [['get_weather'], 1])
    // The field would keep the model from calling them.
    assert.equal(played.asked[0]?.format, undefined)
  }
})

/** A model of a server of one's own, which keeps to a format that it is given. */
const local = {
  name: model,
  model,
  details: { format: 'gguf', family: 'gptoss' },
  capabilities: ['completion', 'tools'],
}

test('a server that enforces formats promises nothing else: its calls of tools are looked at', async () => {
  await using own = await openPlayedOllama({ listed: [local] })
  const call: Said = { calls: [{ name: 'get_weather', arguments: {} }] }
  for (const door of eventDoors) {
    for (const stream of [true, false]) {
      own.says({ content: 'It is warm.' }, call)
      const forced = await hear(own.stand, door, ask(door, withTools(door, 'required'), stream))
      assert.deepEqual([callsIn(door, forced), own.asked.length], [['get_weather'], 2])

      own.says({ calls: ['get_weather', 'get_time'].map((name) => ({ name, arguments: {} })) })
      const one = await hear(own.stand, door, ask(door, withTools(door, 'auto', false), stream))
      assert.deepEqual(callsIn(door, one), ['get_weather'])

      // Beside tools it is not given the format, which would keep the model from calling them.
      own.says(wrong, right)
      const rest = { ...withTools(door, 'auto'), ...inSchema(door, true) }
      const shaped = await hear(own.stand, door, ask(door, rest, stream))
      assert.equal(own.asked[0]?.format, undefined)
      assert.deepEqual([textIn(door, shaped, stream), own.asked.length], [right.content, 2])
    }
  }
})

/** Reads a stream until its first words have come. */
async function firstWords(door: Door, reply: Response): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of reply.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true })
    if (door.read(text).text !== '') return text
  }
  return text
}

test('an answer is held only where it has to be looked at', async () => {
  for (const door of eventDoors) {
    for (const [title, rest, listed] of [
      ['no promise was made', {}, undefined],
      ['a local server enforces the format itself', inSchema(door, true), [local]],
      ['calls beyond the first can be left out as they come', withTools(door, 'auto', false), undefined],
    ] as const) {
      await using held = await openPlayedOllama({
        holds: true,
        ...(listed === undefined ? {} : { listed }),
      })
      held.says(wrong)
      // The upstream's stream does not end before the words have been read here.
      const reply = await knock(held.stand, door, ask(door, rest, true))
      assert.ok((await firstWords(door, reply)).length > 0, title)
      held.release()
      assert.equal(held.asked.length, 1, title)
      if (listed !== undefined) assert.deepEqual(held.asked[0]?.format, schema)
    }
    // Negative control: here it is held, so that nothing has come when the client loses patience.
    await using held = await openPlayedOllama({ holds: true })
    held.says(right)
    const reply = knock(held.stand, door, ask(door, inSchema(door, true), true))
    let settled = false
    void reply.finally(() => (settled = true))
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.equal(settled, false)
    held.release()
    assert.equal(door.read(await (await reply).text()).text, right.content)
  }
})

test('who waits for an answer that is looked at is kept waiting, and told of a failure in the stream', async () => {
  for (const door of [doors.chat, doors.responses]) {
    await using held = await openPlayedOllama({ holds: true, gateway: { keepAliveMs: 20 } })
    held.says(wrong)
    const reply = await knock(held.stand, door, ask(door, inSchema(door, true), true))
    assert.equal(reply.status, 200)
    held.release()
    const text = await reply.text()
    assert.match(text, /^: keep-alive/)
    const read = door.read(text)
    assert.deepEqual([read.ended, read.errors.length, read.broken], [false, 1, []])
    assert.match(read.errors[0] ?? '', /did not answer in the form asked for, twice/)
  }
})

test('OpenRouter is asked by its own member, and its answer is not looked at', async () => {
  for (const door of eventDoors) {
    await using stand = await openStand()
    const body = { ...ask(door, inSchema(door, true), true), model: 'google/gemma-4-31b-it:free' }
    const heard = await hear(stand, door, body)
    assert.deepEqual(Object.keys(JSON.parse(textIn(door, heard, true)) as object), ['answer'])
    assert.equal(heard.headers['x-switchyard-warnings'], undefined)
    assert.equal(stand.simulator.counters().openrouter.calls, 1)
  }
})
