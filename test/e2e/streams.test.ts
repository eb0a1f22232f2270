import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScriptedFault } from '../../src/simulator/faults.ts'
import { inFlight, nextTurn, rowsOf, takeApart, until } from '../support/probe.ts'
import { sse, sseHead, startRawUpstream } from '../support/raw-upstream.ts'
import { sendRaw } from '../support/raw-http.ts'
import { ask, clientKey, openStand, type Stand } from '../support/stand.ts'

const words = 'repeat 40 words'
const free = { stream: true, model: 'auto' }
const paid = { stream: true, model: 'gpt-oss:20b' }

function callsOf(stand: Stand): number {
  const { openrouter, ollama } = stand.simulator.counters()
  return openrouter.calls + ollama.calls
}

type Case = Omit<ScriptedFault, 'provider'>

const breaks: readonly (Case & { readonly state: 'truncated' | 'failed' })[] = [
  { kind: 'cut', afterChunks: 7, state: 'truncated' },
  { kind: 'end-without-done', afterChunks: 7, state: 'truncated' },
  { kind: 'stall', afterChunks: 7, state: 'truncated' },
  { kind: 'truncated-json', afterChunks: 7, state: 'truncated' },
  { kind: 'in-stream-error', afterChunks: 7, state: 'failed' },
  { kind: 'cut', afterChunks: 7, chopBytes: 5, state: 'truncated' },
  { kind: 'in-stream-error', afterChunks: 7, chopBytes: 5, state: 'failed' },
]
const freeBreaks = [
  ...breaks,
  { kind: 'choice-error', afterChunks: 7, state: 'failed' },
  { kind: 'error-5xx', at: 'mid-text', afterChunks: 7, state: 'failed' },
] as const satisfies readonly (Case & { readonly state: string })[]
const paidBreaks = [
  ...breaks.filter(({ kind }) => kind !== 'in-stream-error' && kind !== 'truncated-json'),
  // Half a line at the end of NDJSON is a line that cannot be read, not a silent stop.
  { kind: 'truncated-json', afterChunks: 7, state: 'failed' },
  { kind: 'error-line', afterChunks: 7, state: 'failed' },
  { kind: 'error-line', afterChunks: 7, chopBytes: 3, state: 'failed' },
] as const satisfies readonly (Case & { readonly state: string })[]

for (const [provider, cases, options] of [
  ['openrouter', freeBreaks, free],
  ['ollama', paidBreaks, paid],
] as const) {
  test(`${provider}: an answer that breaks after its first content ends in one error frame, and nothing is tried again`, async (t) => {
    for (const { state, ...fault } of cases) {
      await t.test(`${fault.kind}${'chopBytes' in fault ? ', chopped' : ''}`, async () => {
        await using stand = await openStand({ routing: { idleMs: 100 } })
        stand.simulator.addFault({ ...fault, provider })
        const reply = await stand.chat(ask(words, options))
        assert.equal(reply.status, 200)
        const body = await reply.text()
        const read = takeApart(body)
        assert.deepEqual(
          [read.errors.length, read.mixed, read.done, read.broken],
          [1, false, false, []],
          body,
        )
        // gpt-oss thinks before it speaks, so less of its text was out.
        if (provider === 'openrouter') assert.equal(read.text, 'word1 word2 word3 word4 word5 word6 word7')
        assert.equal(callsOf(stand), 1)
        assert.equal(await inFlight(stand), 0)
        const [row] = await rowsOf(stand)
        assert.deepEqual([row?.state, row?.usageSource], [state, 'estimated'])
        const output = row?.usage?.output ?? 0
        assert.ok(output >= 4 && output <= 14, `about 7 pieces went by, estimated: ${output}`)
      })
    }
  })
}

test('a stream that finished but left out its end mark gets the mark', async () => {
  for (const [provider, options] of [
    ['openrouter', free],
    ['ollama', paid],
  ] as const) {
    await using stand = await openStand()
    stand.simulator.addFault({ provider, kind: 'end-without-done-after-finish' })
    const read = takeApart(await (await stand.chat(ask(words, options))).text())
    assert.deepEqual([read.done, read.errors, read.finish], [true, [], 'stop'])
    assert.equal((await rowsOf(stand))[0]?.state, 'done')
  }
})

test('in its own dialect a stream is relayed byte by byte, however it is cut', async (t) => {
  const upstream = [
    '\ufeff: OPENROUTER PROCESSING\n\n',
    `id: 7\r\n${sse('naïve ')}`,
    sse('😀 text with data: [DONE] and "error": inside').replaceAll('\n', '\r\n'),
    'event: message\n',
    `data: {"choices":[{"index":0,\ndata: "delta":{"content":"two lines"}}]}\n\n`,
    sse('', 'stop'),
    'data: {"id":"gen-1","choices":[],"error":null,"usage":{"prompt_tokens":3,"completion_tokens":9}}\n\n',
    'data: [DONE]\n\n',
  ].join('')
  const bytes = Buffer.from(upstream)
  for (const size of [1, 2, 3, 7, 64, 1000, 100_000]) {
    await t.test(`${size} bytes a write`, async () => {
      await using raw = await startRawUpstream(async (response) => {
        response.writeHead(200, sseHead)
        for (let start = 0; start < bytes.length; start += size) {
          response.write(bytes.subarray(start, start + size))
          await nextTurn()
        }
        response.end()
      })
      await using stand = await openStand({ environment: { OPENROUTER_BASE_URL: raw.url } })
      const reply = await stand.chat(ask('hello', free))
      assert.equal(Buffer.from(await reply.arrayBuffer()).toString(), upstream)
      const [row] = await rowsOf(stand)
      assert.deepEqual([row?.state, row?.usageSource, row?.usage?.output], ['done', 'provider', 9])
    })
  }
})

test('what the simulator sends directly is what comes through the gateway, also chopped', async () => {
  for (const chopBytes of [0, 11]) {
    await using direct = await openStand({ simulator: { seed: 5, chopBytes } })
    await using through = await openStand({ simulator: { seed: 5, chopBytes } })
    const body = { ...ask(words), model: 'openrouter/free', stream: true }
    const upstream = await fetch(`${direct.simulator.openrouterUrl}/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${direct.simulator.keys.openrouter[0]}`,
      },
      body: JSON.stringify(body),
    })
    assert.equal(await (await through.chat(body)).text(), await upstream.text())
  }
})

test('an answer without streaming is relayed byte by byte as well', async () => {
  const bytes =
    '{ "choices":[ {"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"} ],  "x_new": [1.50] }'
  await using raw = await startRawUpstream(
    (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(bytes),
  )
  await using stand = await openStand({ environment: { OPENROUTER_BASE_URL: raw.url } })
  assert.equal(await (await stand.chat(ask('hello'))).text(), bytes)
})

test('an upstream that goes on after its end mark holds up nobody', async () => {
  await using raw = await startRawUpstream((response) => {
    response.writeHead(200, sseHead).write(`${sse('hi')}${sse('', 'stop')}data: [DONE]\n\n`)
  })
  await using stand = await openStand({ environment: { OPENROUTER_BASE_URL: raw.url } })
  const startedAt = performance.now()
  const read = takeApart(await (await stand.chat(ask('hello', free))).text())
  assert.deepEqual([read.text, read.done], ['hi', true])
  assert.ok(performance.now() - startedAt < 2_000)
  await until(() => raw.left === 1, 'the connection behind the end mark is closed')
})

test('a line without an end in mid-stream is cut off with an error', async () => {
  let written = 0
  await using raw = await startRawUpstream(async (response) => {
    response.writeHead(200, sseHead).write(`${sse('hi')}data: {"id":"`)
    const block = 'x'.repeat(256 * 1024)
    while (!response.destroyed && written < 64 * 1024 * 1024) {
      if (!response.writableNeedDrain) {
        response.write(block)
        written += block.length
      }
      await nextTurn()
    }
  })
  await using stand = await openStand({ environment: { OPENROUTER_BASE_URL: raw.url } })
  const read = takeApart(await (await stand.chat(ask('hello', free))).text())
  assert.deepEqual([read.text, read.errors.length, read.done, read.broken], ['hi', 1, false, []])
  assert.ok(written < 16 * 1024 * 1024, `${written} bytes were taken`)
  await until(() => raw.left === 1, 'the connection is closed')
})

test('a stream that never ends is ended by the total limit, a dripping answer too', async () => {
  await using raw = await startRawUpstream(async (response) => {
    response.writeHead(200, sseHead)
    while (!response.destroyed) {
      response.write(sse('more '))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })
  await using stand = await openStand({
    environment: { OPENROUTER_BASE_URL: raw.url },
    routing: { totalMs: 200 },
  })
  const read = takeApart(await (await stand.chat(ask('hello', free))).text())
  assert.deepEqual([read.errors, read.done], [['the answer took longer than 0.2 s'], false])
  await until(() => raw.left === 1, 'the connection is closed')
})

test('an HTTP/1.0 client gets its paid stream, without a trailer, and the lease comes back', async () => {
  await using stand = await openStand()
  const body = JSON.stringify(ask('hello', { model: 'gpt-oss:20b', stream: true }))
  const head = ['POST /v1/chat/completions HTTP/1.0', 'Host: 127.0.0.1', `Authorization: Bearer ${clientKey}`]
  const kind = ['Content-Type: application/json', `Content-Length: ${body.length}`]
  const answer = await sendRaw(stand.gateway.url, [...head, ...kind, '', body].join('\r\n'))
  assert.equal(answer.status, 200)
  assert.match(answer.body, /data: \[DONE\]/)
  assert.equal(answer.headers['trailer'], undefined)
  assert.equal(await inFlight(stand), 0)
})

test('a whole answer may take longer than a stream’s first content', async () => {
  await using stand = await openStand({
    simulator: { firstTokenDelayMs: 300 },
    routing: { firstContentMs: 100, wholeMs: 10_000 },
  })
  const reply = await stand.chat(ask('hello', { model: 'gpt-oss:20b' }))
  assert.equal(reply.status, 200, await reply.clone().text())
})

test('a stream that its reader leaves is booked by what went by, not by how it was cut into reads', async () => {
  await using stand = await openStand({ simulator: { chunkDelayMs: 5 } })
  const leaving = new AbortController()
  const reply = await stand.chat(
    ask('repeat 400 words', { model: 'google/gemma-4-31b-it:free', stream: true }),
    {
      signal: leaving.signal,
    },
  )
  let frames = 0
  await assert.rejects(async () => {
    for await (const chunk of reply.body ?? []) {
      frames += Buffer.from(chunk).toString().split('data: ').length - 1
      if (frames > 40) leaving.abort()
    }
  })
  const [row] = await rowsOf(stand)
  assert.equal(row?.state, 'aborted')
  assert.ok((row?.usage?.output ?? 0) >= 30, `${row?.usage?.output} of ${frames}`)
})
