import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { foldEvents } from '../chat/fold.ts'
import type { ChatEvent, DialectName, Json, JsonObject } from '../chat/types.ts'
import { isRouterError } from '../errors.ts'
import { createFramer } from '../wire/frames.ts'
import type { Dialect, WireError } from './dialect.ts'
import { dialectNamed, dialects } from './index.ts'

// What every dialect owes, run over its fixtures: `*.sse` and `*.ndjson` are streams, `answer-*.json` whole answers,
// `request-*.json` requests. A dialect of embeddings is never streamed: its "stream" is a whole answer in one line.

const every = Object.values(dialects)

function fixtures(dialect: Dialect, pattern: RegExp): readonly { name: string; bytes: Buffer }[] {
  const folder = new URL(`./${dialect.name}/fixtures/`, import.meta.url)
  const names = readdirSync(folder).filter((name) => pattern.test(name))
  assert.notEqual(names.length, 0, `${dialect.name} has no fixtures like ${pattern}`)
  return names.map((name) => ({ name, bytes: readFileSync(new URL(name, folder)) }))
}

const context = { usage: true, now: 1_790_000_000_000 }

const parse = (bytes: Buffer): JsonObject => JSON.parse(bytes.toString()) as JsonObject

function decode(dialect: Dialect, ...chunks: readonly Uint8Array[]): ChatEvent[] {
  const framer = createFramer(dialect.framing)
  const decoder = dialect.decoder()
  const frames = [...chunks.flatMap((chunk) => framer.feed(chunk)), ...framer.end()]
  return frames.flatMap((frame) => decoder.push(frame))
}

function encode(dialect: Dialect, events: readonly ChatEvent[]): string {
  const encoder = dialect.encoder(context)
  return events.map((event) => encoder.push(event)).join('') + encoder.end()
}

const words = fc.constantFrom(
  ...'id model choices delta message content tool_calls function index name arguments finish_reason usage prompt_tokens cost error reasoning reasoning_details done thinking eval_count role messages tools options images stop __proto__ constructor text type image_url response_format json_schema extra tool_call_id max_tokens system source data media_type input input_schema tool_use_id signature content_block stop_reason input output item delta response summary item_id call_id prompt embedding embeddings'.split(
    ' ',
  ),
)
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom<Json>(
      null,
      true,
      0,
      -1,
      1.5,
      '',
      'assistant',
      'function',
      'x',
      'data:image/png;base64,AA==',
      'message',
      'reasoning',
      'function_call',
      'response.output_item.done',
      'response.completed',
      'text',
      'image',
      'base64',
      'tool_use',
      'tool_result',
      'thinking',
      'content_block_start',
      'message_delta',
    ),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(words, tie('json'), { maxKeys: 6 }),
  ),
}))

const refusal: WireError = {
  status: 429,
  code: 'quota_exhausted',
  message: 'all upstream keys are cooling down',
  details: { retry_after: 5 },
}

for (const dialect of every) {
  const embeds = dialect.kind === 'embeddings'

  test(`${dialect.name}: a stream cut at any byte gives the same events`, () => {
    for (const { name, bytes } of fixtures(dialect, /\.(sse|ndjson)$/)) {
      const whole = comparable(decode(dialect, bytes))
      assert.notEqual(whole.length, 0)
      for (let at = 0; at <= bytes.length; at++) {
        const cut = comparable(decode(dialect, bytes.subarray(0, at), bytes.subarray(at)))
        if (!isDeepStrictEqual(cut, whole)) assert.deepEqual(cut, whole, `${name} cut at ${at}`)
      }
      assert.deepEqual(comparable(decode(dialect, ...bytewise(bytes))), whole, `${name} byte by byte`)
    }
  })

  test(`${dialect.name}: a complete stream, decoded and encoded again, says the same`, () => {
    for (const { name, bytes } of fixtures(dialect, /\.(sse|ndjson)$/)) {
      const events = decode(dialect, bytes)
      if (!events.some((event) => event.type === 'message-end')) continue
      const again = decode(dialect, Buffer.from(encode(dialect, events)))
      assert.deepEqual(told(again), told(events), name)
    }
  })

  test(`${dialect.name}: a whole answer, read and written again, says the same`, () => {
    for (const { name, bytes } of fixtures(dialect, /^answer-(text|tools|vectors)/)) {
      const events = dialect.readResult(parse(bytes))
      const again = dialect.readResult(dialect.writeResult(events, context))
      assert.deepEqual(told(again), told(events), name)
      assert.deepEqual(
        foldEvents(decode(dialect, Buffer.from(encode(dialect, events)))).text,
        foldEvents(events).text,
      )
    }
  })

  test(`${dialect.name}: a stream that failed ends in one error and no end`, () => {
    for (const { name, bytes } of fixtures(dialect, /^error.*\.(sse|ndjson)$/)) {
      const events = decode(dialect, bytes)
      assert.deepEqual(events.filter((event) => event.type === 'error').length, 1, name)
      assert.equal(events.at(-1)?.type, 'error', name)
      assert.equal(foldEvents(events).ended, false, name)
    }
  })

  test(`${dialect.name}: an error body gives one error event with its JSON`, () => {
    for (const { bytes } of fixtures(dialect, /^answer-error/)) {
      const body = parse(bytes)
      const [event, ...rest] = dialect.readResult(body)
      assert.deepEqual(rest, [])
      assert.ok(event?.type === 'error')
      assert.equal(event.raw, JSON.stringify(body))
    }
    for (const body of [null, 5, 'x', []] as const) {
      const expected = "the upstream's answer is not a JSON object"
      assert.deepEqual(dialect.readResult(body), [{ type: 'error', message: expected }])
    }
  })

  test(`${dialect.name}: the decoder never throws, whatever the frames`, () => {
    const frame = fc.record({
      data: fc.oneof(
        fc.string(),
        json.map((value) => JSON.stringify(value)),
      ),
      event: fc.constantFrom('error', 'message'),
    })
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), (frames) => {
        const decoder = dialect.decoder()
        for (const one of frames) decoder.push(one)
      }),
    )
    fc.assert(fc.property(json, (body) => void dialect.readResult(body)))
  })

  test(`${dialect.name}: JSON nested deeper than the stack is an error event`, () => {
    const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
    const call = `{"tool_calls":[{"function":{"name":"f","arguments":${deep}}}]}`
    const item = `{"type":"function_call","name":"f","arguments":${deep}}`
    const done = `"type":"response.output_item.done","item":${item},"output":[${item}]`
    const block = `{"type":"tool_use","name":"f","input":${deep}}`
    const start = `"type":"content_block_start","content_block":${block},"content":[${block}]`
    const typed = dialect.name === 'anthropic' ? start : done
    const chats = `{"response":"",${typed},${call.slice(1, -1)},"message":${call},"choices":[{"delta":${call}}]}`
    const data = embeds ? `{"error":{"message":${deep}}}` : chats
    const expected = { type: 'error', message: 'the upstream sent JSON that is nested too deep' }
    assert.deepEqual(dialect.decoder().push({ data }), [expected])
    assert.deepEqual(dialect.readResult(parse(Buffer.from(data))), [expected])
  })

  test(`${dialect.name}: broken JSON is an error event in plain words`, () => {
    const [event] = dialect.decoder().push({ data: '{"id":' })
    assert.ok(event?.type === 'error')
    assert.match(event.message, /is not a JSON object/)
  })

  test(`${dialect.name}: a request, read and written again, keeps every member`, () => {
    for (const { name, bytes } of fixtures(dialect, /^request/)) {
      const body = parse(bytes)
      assert.equal(dialect.check(body), undefined, name)
      const written = dialect.writeRequest(dialect.readRequest(body), [])
      // `stream` is always said where its absence means yes.
      const said = dialect.streamsByDefault ? { stream: true, ...body } : body
      assert.deepEqual(written, said, name)
    }
  })

  test(`${dialect.name}: what was kept gives way to what was changed since`, () => {
    for (const { bytes } of fixtures(dialect, /^request/)) {
      // Some services take no temperature beside reasoning.
      const { reasoning: _, ...request } = dialect.readRequest(parse(bytes))
      // Generate takes one question and no conversation.
      const oneQuestion = dialect.name === 'ollama-generate'
      const changed = {
        ...request,
        model: 'other',
        ...(embeds
          ? { embed: { inputs: ['something else'] } }
          : {
              turns: [...(oneQuestion ? [] : [...request.turns.slice(0, -1), reply]), hello],
              temperature: 0.75,
            }),
      }
      const again = dialect.readRequest(dialect.writeRequest(changed, []))
      assert.equal(again.model, 'other')
      if (embeds) {
        assert.deepEqual(again.embed, { inputs: ['something else'] })
        continue
      }
      assert.equal(again.temperature, 0.75)
      assert.deepEqual(again.turns.at(-1), hello)
    }
  })

  test(`${dialect.name}: check and the reader take anything without a crash`, () => {
    const members = fc.dictionary(words, json, { maxKeys: 8 })
    fc.assert(
      fc.property(fc.oneof(json, members), (body) => {
        const problem = dialect.check(body)
        if (problem !== undefined) assert.match(problem.message, /must (be|hold)/)
      }),
    )
    const message = fc.tuple(fc.constantFrom('system', 'user', 'assistant', 'tool'), members)
    const body = fc.tuple(
      members,
      fc.array(
        message.map(([role, rest]) => ({ content: 'x', ...rest, role })),
        { minLength: 1 },
      ),
    )
    fc.assert(
      fc.property(body, ([rest, messages]) => {
        const request = { max_tokens: 16, ...rest, messages, input: messages } as JsonObject
        if (dialect.check(request) !== undefined) return
        const read = dialect.readRequest(request)
        for (const other of every) {
          try {
            other.writeRequest(read, [])
          } catch (error) {
            assert.ok(isRouterError(error) && error.code === 'invalid_request', String(error))
          }
        }
      }),
    )
  })

  test(`${dialect.name}: its error frame is read as an error by its own decoder`, () => {
    const events = decode(dialect, Buffer.from(dialect.errorFrame(refusal)))
    assert.equal(events.length, 1)
    assert.ok(events[0]?.type === 'error')
    assert.equal(events[0].message, refusal.message)
  })

  test(`${dialect.name}: the end mark ends a stream`, () => {
    const text = encode(dialect, [
      embeds ? { type: 'vectors', vectors: [[0.5]] } : { type: 'text-delta', text: 'x' },
    ])
    const owed = dialect.endMark?.owed
    if (owed !== undefined) assert.ok(text.endsWith(owed))
    assert.equal(decode(dialect, Buffer.from(text)).at(-1)?.type, 'message-end')
  })
}

test('every pair of dialects carries text, reasoning, tool calls and usage across, whatever the cuts', () => {
  for (const [from, to] of pairs()) {
    for (const { name, bytes } of fixtures(from, /\.(sse|ndjson)$/)) {
      const events = decode(from, ...bytewise(bytes))
      if (!foldEvents(events).ended) continue
      const across = decode(to, ...bytewise(Buffer.from(encode(to, events))))
      assert.deepEqual(carried(across), carried(events), `${name} from ${from.name} to ${to.name}`)
    }
  }
})

test('every pair of dialects carries a whole answer across', () => {
  for (const [from, to] of pairs()) {
    for (const { name, bytes } of fixtures(from, /^answer-(text|tools)/)) {
      const events = from.readResult(parse(bytes))
      const across = to.readResult(to.writeResult(events, context))
      assert.deepEqual(carried(across), carried(events), `${name} from ${from.name} to ${to.name}`)
    }
  }
})

test('every pair of dialects for embeddings carries a vector across', () => {
  const embedding = every.filter(({ kind }) => kind === 'embeddings')
  for (const from of embedding) {
    for (const to of embedding) {
      for (const { name, bytes } of fixtures(from, /^answer-vectors\.json$/)) {
        const events = from.readResult(parse(bytes))
        const across = foldEvents(to.readResult(to.writeResult(events, context)))
        assert.deepEqual(across.vectors?.[0], foldEvents(events).vectors?.[0], `${from.name} ${name}`)
      }
    }
  }
})

test('a dialect is found by its name', () => {
  assert.equal(dialectNamed('ollama').name, 'ollama')
  assert.throws(
    () => dialectNamed('nonsense' as DialectName),
    (error) => isRouterError(error) && /nonsense/.test(error.message),
  )
})

const reply = { role: 'assistant', parts: [{ type: 'text', text: 'as you wish' }] } as const
const hello = { role: 'user', parts: [{ type: 'text', text: 'something else' }] } as const

function bytewise(bytes: Uint8Array): readonly Uint8Array[] {
  return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
}

function* pairs(): Generator<readonly [Dialect, Dialect]> {
  const chats = every.filter(({ kind }) => kind === 'chat')
  for (const from of chats) for (const to of chats) yield [from, to]
}

/** What every dialect can say of an answer. */
function carried(events: readonly ChatEvent[]): unknown {
  const { text, reasoning, toolCalls, finish, model, usage } = foldEvents(events)
  // Where arguments are an object, the spaces between them are not kept.
  const calls = toolCalls.map((call) => ({ ...call, args: JSON.parse(call.args) as Json }))
  return { text, reasoning, calls, finish, model, input: usage?.input, output: usage?.output }
}

/** Ids that a decoder made up differ from run to run. */
function comparable(events: readonly ChatEvent[]): readonly ChatEvent[] {
  return events.map((event) => (event.type === 'tool-start' ? { ...event, id: event.id.slice(0, 5) } : event))
}

/** What an answer says; details that count as zero when absent are made equal. */
function told(events: readonly ChatEvent[]): unknown {
  const { usage, id: _id, created: _created, ...rest } = foldEvents(events)
  return { ...rest, usage: { cached: 0, reasoning: 0, ...usage } }
}
