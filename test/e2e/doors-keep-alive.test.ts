import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allDoors, bytesOf, type Door, doors, eventDoors, type Heard, hear, knock } from '../support/doors.ts'
import { commentsOf, eventsOf } from '../support/event-stream.ts'
import { inFlight, rowsOf, until } from '../support/probe.ts'
import { rawRequest, sendRaw } from '../support/raw-http.ts'
import { sseHead, startRawUpstream } from '../support/raw-upstream.ts'
import { clientKey, openStand } from '../support/stand.ts'
import { chatStream, messagesStream, responsesStream } from '../support/written-streams.ts'

const keepAliveMs = 20
const gateway = { keepAliveMs }
const upstreams = [
  ['openrouter', 'auto'],
  ['ollama', 'gpt-oss:20b'],
] as const

/** What a waiting client is sent, by the form of its stream. */
function beginsAlive(door: Door, body: string): boolean {
  const sign = door === doors.messages ? 'event: ping\ndata: {"type":"ping"}\n\n' : ': keep-alive\n\n'
  return body.startsWith(sign + sign)
}

function checkRead(door: Door, { body }: Pick<Heard, 'body'>, text: RegExp): void {
  const read = door.read(body)
  assert.deepEqual([read.ended, read.errors, read.broken], [true, [], []], body)
  assert.match(read.text, text)
}

for (const door of eventDoors) {
  for (const [provider, model] of upstreams) {
    test(`${door.name}: a client that waits for ${provider} is kept waiting, and told at the end who answered`, async () => {
      await using stand = await openStand({ gateway, simulator: { firstTokenDelayMs: 150 } })
      const heard = await hear(stand, door, { ...door.question('hello'), model, stream: true })
      assert.equal(heard.status, 200)
      assert.ok(beginsAlive(door, heard.body), heard.body)
      checkRead(door, heard, /You said: hello|safe/)
      assert.match(String(heard.headers['x-request-id']), /^[0-9a-f-]{36}$/)
      assert.match(String(heard.headers['content-type']), /^text\/event-stream/)
      assert.equal(heard.headers['x-switchyard-provider'], undefined, 'nobody was chosen by then')
      const announced = String(heard.headers['trailer']).split(', ')
      assert.ok(Object.keys(heard.trailers).includes('x-switchyard-cost'))
      for (const name of ['provider', 'model', 'key', 'attempts', 'cost']) {
        assert.ok(announced.includes(`x-switchyard-${name}`), name)
        assert.notEqual(heard.trailers[`x-switchyard-${name}`], undefined, name)
      }
      const [row] = await rowsOf(stand)
      assert.deepEqual(
        ['provider', 'key', 'attempts'].map((name) => heard.trailers[`x-switchyard-${name}`]),
        [provider, row?.key, '1'],
      )
      assert.equal(Number(heard.trailers['x-switchyard-cost']) * 1e9, row?.nanoUsd)
      assert.equal((row?.nanoUsd ?? 0) > 0, provider === 'ollama')
    })
  }

  test(`${door.name}: behind a keep-alive calls fail over unseen; what was lost is told at the end`, async () => {
    await using stand = await openStand({ gateway, routing: { firstContentMs: 400 } })
    stand.simulator.addFault({ provider: 'openrouter', kind: 'comments-forever' })
    stand.simulator.addFault({ provider: 'openrouter', kind: 'error-5xx', at: 'after-comments' })
    const lossy = door === doors.chat ? {} : { tools: [{ type: 'web_search', name: 'web_search' }] }
    const model = 'auto'
    const heard = await hear(stand, door, { ...door.question('hello'), ...lossy, model, stream: true })
    assert.ok(beginsAlive(door, heard.body), heard.body)
    checkRead(door, heard, /You said: hello/)
    assert.equal(heard.trailers['x-switchyard-attempts'], '3')
    if (door === doors.responses)
      assert.match(heard.trailers['x-switchyard-warnings'] ?? '', /tool of type "web_search" dropped/)
  })

  test(`${door.name}: when all have failed behind a keep-alive, the dialect's own error ends the stream`, async () => {
    await using stand = await openStand({ gateway })
    for (const provider of ['openrouter', 'ollama'] as const)
      stand.simulator.addFault({ provider, kind: 'error-5xx', status: 503, times: 'always', delayMs: 80 })
    const heard = await hear(stand, door, { ...door.question('hello'), model: 'auto', stream: true })
    assert.equal(heard.status, 200)
    assert.ok(beginsAlive(door, heard.body), heard.body)
    const read = door.read(heard.body)
    assert.deepEqual([read.ended, read.errors.length, read.broken, read.text], [false, 1, [], ''], heard.body)
    assert.match(read.errors[0] ?? '', /Ollama Cloud: .*OpenRouter: /)
    assert.equal(await inFlight(stand), 0)
  })
}

test('a client of NDJSON is sent nothing while it waits, and nothing in a silence: blank lines break it', async () => {
  for (const door of [doors.ollama, doors.generate]) {
    for (const [provider, model] of upstreams) {
      await using stand = await openStand({
        gateway,
        simulator: { firstTokenDelayMs: 100, chunkDelayMs: 50 },
      })
      const heard = await hear(stand, door, { ...door.question('hello'), model, stream: true })
      checkRead(door, heard, /You said: hello|safe/)
      assert.doesNotMatch(heard.body, /keep-alive|^\n|\n\n/)
      assert.equal(heard.headers['x-switchyard-provider'], provider)
    }
    await using stand = await openStand({ gateway })
    for (const provider of ['openrouter', 'ollama'] as const)
      stand.simulator.addFault({ provider, kind: 'error-5xx', status: 503, times: 'always', delayMs: 80 })
    const failed = await knock(stand, door, { ...door.question('hello'), model: 'auto', stream: true })
    assert.equal(failed.status, 503)
  }
})

test('negative control: who is answered in time sees no keep-alive, and gets the real status of a failure', async () => {
  for (const door of eventDoors) {
    await using stand = await openStand()
    const heard = await hear(stand, door, { ...door.question('hello'), model: 'auto', stream: true })
    assert.doesNotMatch(heard.body, /keep-alive/)
    assert.ok(!beginsAlive(door, heard.body))
    assert.deepEqual(
      [heard.headers['x-switchyard-provider'], heard.headers['x-switchyard-cost'], heard.trailers],
      ['openrouter', '0', {}],
    )
    const refused = await knock(stand, door, { ...door.question('hello'), model: 'nope', stream: true })
    assert.equal(refused.status, 404)
  }
})

test('a whole answer is waited for in silence: its status is told when it is known', async () => {
  for (const door of allDoors) {
    await using stand = await openStand({ gateway, simulator: { firstTokenDelayMs: 100 } })
    const reply = await knock(stand, door, { ...door.question('hello'), model: 'auto', stream: false })
    assert.equal(reply.headers.get('x-switchyard-provider'), 'openrouter')
    assert.match(door.textOf(await reply.json()), /You said: hello|safe/)
  }
})

test('a silence inside an answer is filled with comments; without them it is what it was', async () => {
  // Silences so long that what a busy machine does before an answer begins is none; so all wait together.
  const openrouter = { accounts: [{ creditsBought: 10 }] }
  const simulator = { chunkDelayMs: 320, openrouter }
  const silent = async (door: Door, model: string): Promise<void> => {
    await using slow = await openStand({ gateway: { keepAliveMs: 150 }, simulator })
    const body = { ...door.question('hello'), model, stream: true }
    const heard = await hear(slow, door, body)
    checkRead(door, heard, /^You said: hello$/)
    const comments = commentsOf(heard.body).filter((comment) => comment === 'keep-alive')
    assert.ok(comments.length >= 2, heard.body)
    assert.equal(heard.headers['x-switchyard-attempts'], '1', 'the head had gone out with the answer')
    // A translated answer has ids of its own.
    if (model === 'gpt-oss:20b') return
    await using fast = await openStand({ simulator: { openrouter } })
    const { body: undisturbed } = await hear(fast, door, body)
    assert.equal(heard.body.replaceAll(': keep-alive\n', ''), undisturbed)
  }
  const models = ['google/gemma-4-31b-it', 'gpt-oss:20b']
  await Promise.all(eventDoors.flatMap((door) => models.map((model) => silent(door, model))))
})

// A stream with a silence at each place where something could come apart.
const awkward: readonly (readonly [Door, string])[] = [
  [doors.chat, chatStream.body + chatStream.end],
  [doors.messages, messagesStream.body + messagesStream.end],
  [doors.responses, responsesStream.body + responsesStream.end],
]

/** Cut behind every line end, behind every CR, and in the middle of every long line. */
function pieces(stream: string): readonly string[] {
  return stream.split(/(?<=[\r\n])/).flatMap((piece) => {
    const middle = piece.length >> 1
    return piece.length > 40 ? [piece.slice(0, middle), piece.slice(middle)] : [piece]
  })
}

test('a comment never comes between the parts of one event, wherever the silence is', async (t) => {
  for (const [door, stream] of awkward) {
    await t.test(door.name, async () => {
      await using raw = await startRawUpstream(async (response) => {
        response.writeHead(200, sseHead)
        for (const piece of pieces(stream)) {
          response.write(piece)
          await new Promise((resolve) => setTimeout(resolve, 25))
        }
        response.end()
      })
      await using stand = await openStand({
        gateway: { keepAliveMs: 5 },
        environment: { OPENROUTER_BASE_URL: raw.url },
      })
      const body = await bytesOf(
        await knock(stand, door, { ...door.question('hello'), model: 'vendor/paid', stream: true }),
      )
      const comments = commentsOf(body).filter((comment) => comment === 'keep-alive')
      assert.ok(comments.length > pieces(stream).length / 2, `${comments.length} comments`)
      assert.deepEqual(
        eventsOf(body).filter(({ name }) => name !== 'ping'),
        eventsOf(stream).filter(({ name }) => name !== 'ping'),
      )
      const read = door.read(body)
      assert.deepEqual([read.ended, read.errors, read.broken], [true, [], []])
    })
  }
})

test('a client of HTTP/1.0, which has no trailers, is kept waiting all the same', async () => {
  await using stand = await openStand({ gateway, simulator: { firstTokenDelayMs: 100 } })
  for (const door of eventDoors) {
    const body = JSON.stringify({ ...door.question('hello'), model: 'gpt-oss:20b', stream: true })
    const headers = [
      `Host: 127.0.0.1`,
      `Authorization: Bearer ${clientKey}`,
      'Content-Type: application/json',
    ]
    const request = rawRequest(`POST ${door.path}`, [...headers, `Content-Length: ${body.length}`], body)
    const answer = await sendRaw(stand.gateway.url, request.replace('HTTP/1.1', 'HTTP/1.0'))
    assert.equal(answer.status, 200)
    assert.ok(beginsAlive(door, answer.body), answer.body)
    assert.equal(answer.headers['trailer'], undefined)
    assert.equal(door.read(answer.body).text, 'You said: hello')
  }
})

test('a gateway that stops tells those whom it kept waiting that it stops', async () => {
  for (const door of eventDoors) {
    await using stand = await openStand({ gateway })
    stand.simulator.addFault({ provider: 'openrouter', kind: 'comments-forever' })
    const reply = await knock(stand, door, { ...door.question('hello'), model: 'auto', stream: true })
    assert.equal(reply.status, 200)
    const body = bytesOf(reply)
    await stand.gateway.close({ drainMs: 0 })
    const read = door.read(await body)
    assert.deepEqual([read.ended, read.errors.length, read.broken], [false, 1, []])
    assert.match(read.errors[0] ?? '', /shutting down|stopping/)
    await until(async () => (await inFlight(stand)) === 0, 'no lease is held')
  }
})
