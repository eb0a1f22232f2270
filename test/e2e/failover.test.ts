import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScriptedFault } from '../../src/simulator/faults.ts'
import { inFlight, nextTurn, takeApart, until } from '../support/probe.ts'
import { closedPort, sse, sseHead, startRawUpstream } from '../support/raw-upstream.ts'
import { ask, openStand, type Stand } from '../support/stand.ts'

type Case = Omit<ScriptedFault, 'provider'>

// Each would reach the client of a router that hands on whatever comes.
const eitherWay: readonly Case[] = [
  { kind: 'error-5xx', status: 500 },
  { kind: 'error-5xx', status: 502 },
  { kind: 'error-5xx', status: 503 },
  { kind: 'error-in-200' },
  { kind: 'empty-answer' },
  { kind: 'html-200' },
  { kind: 'garbage-200' },
  { kind: 'truncated-json', at: 'after-comments' },
  { kind: 'cut', at: 'after-comments' },
  { kind: 'stall', at: 'after-comments' },
  { kind: 'no-headers' },
  { kind: 'reset' },
]
const streamed: readonly Case[] = [
  { kind: 'in-stream-error', at: 'after-comments' },
  { kind: 'end-without-done', at: 'after-comments' },
]
const openrouterOnly: readonly Case[] = [
  { kind: 'choice-error', at: 'after-comments' },
  { kind: 'upstream-429' },
  { kind: 'edge-block', status: 403 },
  {
    kind: 'error-in-200',
    body: '{"error":{"code":429,"message":"Rate limit exceeded: free-models-per-day"}}',
  },
]

interface Try {
  readonly provider: ScriptedFault['provider']
  readonly fault: Case
  readonly stream: boolean
}

const tries: readonly Try[] = [
  ...[...eitherWay, ...openrouterOnly].flatMap((fault): Try[] =>
    [true, false].map((stream) => ({ provider: 'openrouter', fault, stream })),
  ),
  ...streamed.map((fault): Try => ({ provider: 'openrouter', fault, stream: true })),
  { provider: 'openrouter', fault: { kind: 'error-5xx', at: 'after-comments' }, stream: true },
  { provider: 'openrouter', fault: { kind: 'rate-shared-day', at: 'after-comments' }, stream: true },
  { provider: 'openrouter', fault: { kind: 'comments-forever' }, stream: true },
]

/** Faults of one call that say nothing about the model: the provider's other key answers. */
const betweenKeys: readonly Try[] = (
  ['html-200', 'garbage-200', 'truncated-json', 'cut', 'reset', 'empty-answer'] as const
).flatMap((kind) =>
  [true, false].map((stream): Try => ({ provider: 'ollama', fault: { kind, at: 'after-comments' }, stream })),
)

async function answerOf(
  stand: Stand,
  stream: boolean,
  model: string,
): Promise<{ text: string; attempts: number; body: string }> {
  const reply = await stand.chat(ask('hello', { stream, model }))
  const body = await reply.text()
  assert.equal(reply.status, 200, body)
  const attempts = Number(reply.headers.get('x-switchyard-attempts'))
  if (!stream) {
    const { choices } = JSON.parse(body) as { choices: { message: { content: string } }[] }
    return { text: choices[0]?.message.content ?? '', attempts, body }
  }
  const read = takeApart(body)
  assert.deepEqual([read.done, read.errors, read.broken, read.finish], [true, [], [], 'stop'], body)
  return { text: read.text, attempts, body }
}

for (const [title, list, model] of [
  ['a free key fails before its first content: the next answers, unseen', tries, 'auto'],
  [
    'a paid key breaks its answer before its first content: the other answers, unseen',
    betweenKeys,
    'gpt-oss:20b',
  ],
] as const) {
  test(title, async (t) => {
    await using stand = await openStand({ routing: { firstContentMs: 500, wholeMs: 500 } })
    for (const { provider, fault, stream } of list) {
      const name = `${fault.kind}${fault.status === undefined ? '' : ` ${fault.status}`}, ${stream ? 'streamed' : 'whole'}`
      await t.test(name, async () => {
        // Whatever rested after the last case is back.
        stand.clock.advance(24 * 3_600_000)
        stand.simulator.clearFaults()
        stand.simulator.addFault({ ...fault, provider })
        const before = stand.simulator.counters()
        const { text, attempts } = await answerOf(stand, stream, model)
        assert.match(text, /You said: hello/)
        assert.equal(attempts, 2)
        const after = stand.simulator.counters()
        const calls = (counters: typeof after): number => counters.openrouter.calls + counters.ollama.calls
        assert.equal(calls(after) - calls(before), 2)
        await until(async () => (await inFlight(stand)) === 0, 'no call in flight')
      })
    }
  })
}

test('negative control: without a fault the first attempt answers', async () => {
  await using stand = await openStand()
  for (const stream of [true, false]) assert.equal((await answerOf(stand, stream, 'auto')).attempts, 1)
})

test('a provider whose port is closed is left at once, and blamed instead of its keys', async () => {
  await using stand = await openStand({
    environment: { OPENROUTER_BASE_URL: `http://127.0.0.1:${await closedPort()}/api/v1` },
  })
  assert.equal((await answerOf(stand, true, 'auto')).attempts, 2)
  const { providers } = await stand.core.status()
  const [free] = providers
  assert.equal(free?.cooldown?.kind, 'network')
  assert.ok(
    free.accounts.every(
      (account) => account.cooldowns.length === 0 && account.keys.every((key) => key.cooldown === undefined),
    ),
  )
  // While the provider rests, nobody knocks again.
  assert.equal((await answerOf(stand, true, 'auto')).attempts, 1)
})

test('an error as the very first frame, without comments before it, and an odd status fail over', async (t) => {
  const answers: Readonly<Record<string, string>> = {
    'error frame': 'data: {"error":{"message":"busy","code":503}}\n\n',
    'event: error': 'event: error\ndata: {"message":"busy","code":503}\n\n',
    'broken JSON': 'data: {"id":"x","choices":[{"del\n\ndata: [DONE]\n\n',
    'done at once': 'data: [DONE]\n\n',
    'role only': `${sse('').replace('"delta":{}', '"delta":{"role":"assistant","content":""}')}data: [DONE]\n\n`,
    nothing: '',
  }
  for (const [name, bytes] of Object.entries(answers)) {
    await t.test(name, async () => {
      await using raw = await startRawUpstream((response) => void response.writeHead(200, sseHead).end(bytes))
      await using stand = await openStand({ environment: { OPENROUTER_BASE_URL: raw.url } })
      assert.match((await answerOf(stand, true, 'auto')).text, /You said: hello/)
    })
  }
  for (const status of [204, 302, 418]) {
    await t.test(`status ${status}`, async () => {
      const elsewhere = await closedPort()
      const headers = { location: `http://127.0.0.1:${elsewhere}/` }
      await using raw = await startRawUpstream((response) => void response.writeHead(status, headers).end())
      await using stand = await openStand({ environment: { OPENROUTER_BASE_URL: raw.url } })
      assert.match((await answerOf(stand, true, 'auto')).text, /You said: hello/)
    })
  }
})

test('an endless line before the first content is cut off, and its connection closed', async () => {
  await using raw = await startRawUpstream(async (response) => {
    response.writeHead(200, sseHead).write('data: {"id":"')
    const block = 'x'.repeat(256 * 1024)
    while (!response.destroyed) {
      response.write(block)
      await nextTurn()
    }
  })
  await using stand = await openStand({ environment: { OPENROUTER_BASE_URL: raw.url } })
  assert.match((await answerOf(stand, true, 'auto')).text, /You said: hello/)
  await until(() => raw.left === raw.calls, 'every connection closed')
})
