import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { bytesOf, type Door, doors, eventDoors, knock } from '../support/doors.ts'
import { nextTurn, rowsOf } from '../support/probe.ts'
import { type RawUpstream, startRawUpstream } from '../support/raw-upstream.ts'
import { openStand, type Stand } from '../support/stand.ts'
import { chatStream, messagesStream, responsesStream, type Written } from '../support/written-streams.ts'

const written: Readonly<Record<string, Written>> = {
  chat: chatStream,
  messages: messagesStream,
  responses: responsesStream,
}

async function writeIn(
  response: ServerResponse,
  bytes: Buffer,
  size: number,
  type = 'text/event-stream',
): Promise<void> {
  response.writeHead(200, { 'content-type': type })
  for (let start = 0; start < bytes.length; start += size) {
    response.write(bytes.subarray(start, start + size))
    await nextTurn()
  }
  response.end()
}

/** The path behind OpenRouter's prefix, and the request as it arrived. */
interface Arrived {
  readonly path: string
  readonly body: string
}

async function openRelay(
  stream: string,
  size = 100_000,
): Promise<{ stand: Stand; raw: RawUpstream; arrived: Arrived[] } & AsyncDisposable> {
  const arrived: Arrived[] = []
  const bytes = Buffer.from(stream)
  const raw = await startRawUpstream((response, _call, body) => {
    arrived.push({ path: response.req.url ?? '', body })
    return writeIn(response, bytes, size)
  })
  const stand = await openStand({ environment: { OPENROUTER_BASE_URL: `${raw.url}/api/v1` } })
  return {
    stand,
    raw,
    arrived,
    async [Symbol.asyncDispose]() {
      await stand[Symbol.asyncDispose]()
      await raw[Symbol.asyncDispose]()
    },
  }
}

const paidModel = 'vendor/paid'

function streamOf(door: Door): Written {
  const found = written[door.name]
  assert.ok(found)
  return found
}

for (const door of eventDoors) {
  const { head, body, end } = streamOf(door)
  const whole = head + body + end

  test(`${door.name}: what OpenRouter streams is what the client gets, byte by byte, however it is cut`, async (t) => {
    for (const size of [1, 3, 64, 1000, 100_000]) {
      await t.test(`${size} bytes a write`, async () => {
        await using relay = await openRelay(whole, size)
        const reply = await knock(relay.stand, door, {
          ...door.question('hello'),
          model: paidModel,
          stream: true,
        })
        assert.match(reply.headers.get('content-type') ?? '', /^text\/event-stream/)
        assert.equal(await bytesOf(reply), whole)
        assert.equal(reply.headers.get('x-switchyard-warnings'), null)
        const [row] = await rowsOf(relay.stand)
        assert.deepEqual(
          [row?.state, row?.usageSource, row?.usage?.output, row?.served, row?.finish],
          ['done', 'provider', 9, 'raw/model', 'stop'],
        )
      })
    }
  })

  test(`${door.name}: what follows the end mark stays away from the client`, async () => {
    for (const junk of ['data: [DONE]\n\n', 'event: data\ndata: [DONE]\n\n', ': bye\n\ndata: {"x":1}\n\n']) {
      for (const size of [1, 100_000]) {
        await using relay = await openRelay(whole + junk, size)
        const reply = await knock(relay.stand, door, {
          ...door.question('hello'),
          model: paidModel,
          stream: true,
        })
        assert.equal(await bytesOf(reply), whole, `${JSON.stringify(junk)} in pieces of ${size}`)
        assert.equal((await rowsOf(relay.stand))[0]?.state, 'done')
      }
    }
  })

  test(`${door.name}: an end mark without its blank line is no end mark yet, and the client gets one that is`, async () => {
    for (const size of [1, 100_000]) {
      await using relay = await openRelay(whole.slice(0, -1), size)
      const reply = await knock(relay.stand, door, {
        ...door.question('hello'),
        model: paidModel,
        stream: true,
      })
      const read = door.read(await bytesOf(reply))
      // Only Responses' mark holds data of the answer, so that nobody else can write it.
      const owed = door !== doors.responses
      assert.deepEqual([read.ended, read.errors.length, read.broken], [owed, owed ? 0 : 1, []])
      assert.equal((await rowsOf(relay.stand))[0]?.state, owed ? 'done' : 'truncated')
    }
  })

  test(`${door.name}: the request arrives as it was written; only what must differ does`, async () => {
    const unusual = `"x_new": [1.50, {"a":"\\u00e9"}] ,\n"temperature":0.70`
    const question = JSON.stringify(door.question('grüß dich ')).slice(1, -1)
    const text = `{ ${question},\t"model" : "${paidModel}", ${unusual}, "stream":true }`
    await using relay = await openRelay(whole)
    await (await knock(relay.stand, door, text)).text()
    const [paid] = relay.arrived
    assert.equal(paid?.path, `/api/v1${door.path.replace('/v1', '')}`)
    assert.equal(paid?.body, text, 'a call that is paid for takes no change at all')

    const freeText = text.replace(`"${paidModel}"`, '"auto"')
    await (await knock(relay.stand, door, freeText)).text()
    const free = relay.arrived[1]?.body ?? ''
    const { provider } = JSON.parse(free) as { provider: unknown }
    assert.deepEqual(provider, { max_price: { prompt: 0, completion: 0, request: 0, image: 0 } })
    assert.equal(
      free.replace(`"provider":${JSON.stringify(provider)},`, ''),
      text.replace(`"${paidModel}"`, '"openrouter/free"'),
    )

    const routed = freeText.replace('"stream":true', '"provider": {"sort" : "latency"}, "stream":true')
    await (await knock(relay.stand, door, routed)).text()
    assert.deepEqual((JSON.parse(relay.arrived[2]?.body ?? '') as { provider: unknown }).provider, {
      sort: 'latency',
      max_price: { prompt: 0, completion: 0, request: 0, image: 0 },
    })
  })
}

test('responses: a wish to have the answer stored is the one other member that is changed', async () => {
  const door = doors.responses
  const { head, body, end } = responsesStream
  await using relay = await openRelay(head + body + end)
  const question = JSON.stringify(door.question('hello')).slice(1, -1)
  for (const [sent, expected] of [
    ['true', 'false'],
    ['null', 'false'],
    ['false', 'false'],
  ] as const) {
    const text = `{${question}, "store" : ${sent}, "model":"${paidModel}", "stream":true}`
    await (await knock(relay.stand, door, text)).text()
    assert.equal(relay.arrived.at(-1)?.body, text.replace(`"store" : ${sent}`, `"store" : ${expected}`))
  }
})

const wholeAnswers: Readonly<Record<string, string>> = {
  chat: '{ "choices":[ {"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"} ],  "x_new": [1.50] }',
  messages:
    '{ "type":"message","role":"assistant", "model":"raw/model","content":[ {"type":"text","text":"hi"} ],"stop_reason":"end_turn",  "x_new": [1.50] }',
  responses:
    '{ "object":"response","status":"completed", "error":null,"output":[ {"type":"message","content":[{"type":"output_text","text":"hi"}]} ],  "x_new": [1.50] }',
}

test('an answer without streaming is relayed byte by byte at every door', async () => {
  for (const door of eventDoors) {
    await using raw = await startRawUpstream(
      (response) =>
        void response.writeHead(200, { 'content-type': 'application/json' }).end(wholeAnswers[door.name]),
    )
    await using stand = await openStand({ environment: { OPENROUTER_BASE_URL: raw.url } })
    const reply = await knock(stand, door, { ...door.question('hello'), model: 'auto' })
    assert.equal(await reply.text(), wholeAnswers[door.name])
    assert.equal((await rowsOf(stand))[0]?.finish, 'stop')
  }
})

test('what the simulator sends directly is what comes through every door, chopped and with its odd forms', async (t) => {
  const ways = [
    [doors.chat, 0, undefined],
    [doors.messages, 11, undefined],
    [doors.responses, 11, undefined],
    [doors.messages, 0, 'no-event-lines'],
    [doors.responses, 0, 'no-event-lines'],
    [doors.responses, 0, 'late-reasoning'],
    [doors.responses, 0, 'bare-completed'],
  ] as const
  for (const [door, chopBytes, kind] of ways) {
    await t.test(`${door.name}, ${kind ?? `${chopBytes} bytes a write`}`, async () => {
      const simulator = { seed: 5, chopBytes, openrouter: { accounts: [{ creditsBought: 10 }] } }
      await using direct = await openStand({ simulator })
      await using through = await openStand({ simulator })
      for (const stand of [direct, through])
        if (kind !== undefined) stand.simulator.addFault({ provider: 'openrouter', kind })
      const thinking = {
        reasoning: { effort: 'low' },
        thinking: { type: 'enabled', budget_tokens: 1024 },
      }
      const body = {
        ...door.question('repeat 40 words'),
        ...thinking,
        model: 'google/gemma-4-31b-it',
        stream: true,
      }
      const upstream = await fetch(direct.simulator.openrouterUrl + door.path.replace('/v1', ''), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${direct.simulator.keys.openrouter[0]}`,
        },
        body: JSON.stringify(body),
      })
      const reply = await knock(through, door, body)
      assert.equal(reply.status, 200)
      assert.equal(await bytesOf(reply), await bytesOf(upstream))
    })
  }
})

test('OpenRouter ends what is no chat stream with a second mark: clients of both APIs are spared it', async () => {
  for (const door of [doors.messages, doors.responses]) {
    for (const chopBytes of [0, 9]) {
      await using stand = await openStand({ simulator: { chopBytes, openrouter: { extraDone: true } } })
      const reply = await knock(stand, door, { ...door.question('hello'), model: 'auto', stream: true })
      const stream = await reply.text()
      const read = door.read(stream)
      assert.deepEqual([read.ended, read.errors, read.broken], [true, [], []], stream)
      assert.match(read.text, /You said: hello|safe/)
      assert.doesNotMatch(stream, /\[DONE\]/)
      assert.equal((await rowsOf(stand))[0]?.state, 'done')
    }
  }
})

test('negative control: the simulator does send that second mark', async () => {
  await using stand = await openStand({ simulator: { openrouter: { extraDone: true } } })
  const { simulator } = stand
  for (const door of [doors.messages, doors.responses]) {
    const reply = await fetch(simulator.openrouterUrl + door.path.replace('/v1', ''), {
      method: 'POST',
      headers: { authorization: `Bearer ${simulator.keys.openrouter[0]}` },
      body: JSON.stringify({ ...door.question('hello'), model: 'openrouter/free', stream: true }),
    })
    const stream = await reply.text()
    assert.match(stream, /\[DONE\]/)
    assert.equal(door.read(stream).broken.length, 1)
  }
})

test('ollama: both ways are relayed byte by byte as well, and the last line need not have an end', async () => {
  const door = doors.ollama
  const line = (rest: object): string =>
    `${JSON.stringify({ model: 'm', created_at: '2026-11-23T12:00:00Z', x_new: [1.5], ...rest })}\n`
  const said = { message: { role: 'assistant', content: 'naïve 😀 "error": "done":true' }, done: false }
  const last = { message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop', eval_count: 9 }
  const stream = line(said).replace('{', '{ ') + line(said) + line(last)
  const text = `{ "messages":[ {"role":"user","content":"hi"} ],\t"model" : "gpt-oss:20b", "options":{"x_new":1.50} }`
  for (const whole of [stream, stream.slice(0, -1)]) {
    for (const size of [1, 7, 100_000]) {
      let arrived = ''
      await using raw = await startRawUpstream((response, _call, body) => {
        arrived = body
        return writeIn(response, Buffer.from(whole), size, 'application/x-ndjson')
      })
      await using stand = await openStand({ environment: { OLLAMA_BASE_URL: raw.url } })
      assert.equal(await bytesOf(await knock(stand, door, text)), whole)
      assert.equal(arrived, text)
      const [row] = await rowsOf(stand)
      assert.deepEqual([row?.state, row?.usage?.output, row?.finish], ['done', 9, 'stop'])
    }
  }
})
