import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatEvent, Usage } from '../chat/types.ts'
import { emulated } from '../dialects/dialect.ts'
import { dialectNamed } from '../dialects/index.ts'
import { isRouterError, ProviderError, QuotaExhaustedError, RouterError } from '../errors.ts'
import { type Draft, draftFromBytes } from '../relay/draft.ts'
import { createPlainReply } from '../relay/plain-reply.ts'
import type { Routed } from './dispatch.ts'
import { emulate } from './emulate.ts'

const chat = dialectNamed('openai-chat')
const ollama = dialectNamed('ollama')
const unmet = 'the answer is not in the form asked for'

function ask(strict: boolean): Draft {
  const schema = { type: 'object', required: ['a'] }
  const response_format = { type: 'json_schema', json_schema: { name: 'x', strict, schema } }
  const messages = [{ role: 'user', content: 'hi' }]
  return draftFromBytes(chat, Buffer.from(JSON.stringify({ messages, response_format })))
}

function silently(): void {}

function routed(text: string, facts: Partial<Routed> = {}): Routed {
  const events: readonly ChatEvent[] = [
    { type: 'message-start', id: '1', model: 'm' },
    { type: 'text-delta', text },
    { type: 'finish', reason: 'stop' },
    { type: 'message-end' },
  ]
  return {
    reply: createPlainReply(ollama, events, undefined),
    id: 'r',
    provider: 'p',
    model: 'm',
    keyName: 'k',
    keyMasked: '',
    attempts: 1,
    free: false,
    lost: [emulated.format],
    dialect: ollama,
    enforced: false,
    bill: { nanoUsd: 5 },
    ...facts,
  }
}

/** Gives the answers one after the other, and keeps what was asked for. */
function play(...answers: readonly (string | Error | Routed)[]): {
  readonly send: (draft: Draft) => Promise<Routed>
  readonly asked: Draft[]
} {
  const asked: Draft[] = []
  const send = async (draft: Draft): Promise<Routed> => {
    const next = answers[asked.length]
    asked.push(draft)
    assert.ok(next !== undefined, 'asked too often')
    if (next instanceof Error) throw next
    return typeof next === 'string' ? routed(next) : next
  }
  return { send, asked }
}

async function textOf({ reply }: Routed): Promise<string> {
  let text = ''
  for await (const batch of reply.events())
    for (const event of batch) if (event.type === 'text-delta') text += event.text
  return text
}

test('an answer in the form asked for goes out after one call, without its fence', async () => {
  const { send, asked } = play('```json\n{"a":1}\n```')
  const answer = await emulate(ask(true), send, silently)
  assert.deepEqual([await textOf(answer), asked.length], ['{"a":1}', 1])
})

test('who enforces the form himself is not looked at', async () => {
  const enforced = routed('no JSON', { enforced: true })
  assert.equal(await emulate(ask(true), play(enforced).send, silently), enforced)
})

test('a wrong answer is asked for once more with what is wrong, and both are paid', async () => {
  const { send, asked } = play('{"b":1}', '{"a":1}')
  const answer = await emulate(ask(false), send, silently)
  assert.deepEqual([await textOf(answer), answer.bill.nanoUsd, asked.length], ['{"a":1}', 10, 2])
  const turns = asked[1]?.request().turns.slice(-2)
  assert.deepEqual(
    turns?.map(({ role }) => role),
    ['assistant', 'user'],
  )
  assert.match(JSON.stringify(turns), /does not match/)
})

test('what both answers used is what the client is told', async () => {
  const counted = (text: string, usage: Usage): Routed => {
    const answer = routed(text, { bill: { usage, nanoUsd: 5 } })
    const events: readonly ChatEvent[] = [
      { type: 'text-delta', text },
      { type: 'usage', usage },
      { type: 'message-end' },
    ]
    return { ...answer, reply: createPlainReply(ollama, events, undefined) }
  }
  const answers = [
    counted('{"b":1}', { input: 100, output: 10, cached: 40 }),
    counted('{"a":1}', { input: 130, output: 12, reasoning: 3 }),
  ]
  const answer = await emulate(ask(false), play(...answers).send, silently)
  const both = { input: 230, output: 22, cached: 40, reasoning: 3 }
  assert.deepEqual(answer.bill.usage, both)
  for await (const batch of answer.reply.events())
    for (const event of batch) if (event.type === 'usage') assert.deepEqual(event.usage, both)
  const body = JSON.parse(answer.reply.body(chat, ask(false).answerContext(0)).toString())
  assert.equal(body.usage.total_tokens, 252)
})

test('wrong twice: the last answer with a warning, or an error where the schema is strict', async () => {
  const answer = await emulate(ask(false), play('one', 'two').send, silently)
  assert.deepEqual([await textOf(answer), answer.lost.includes(unmet)], ['two', true])
  await assert.rejects(emulate(ask(true), play('one', 'two').send, silently), ProviderError)
})

test('where nobody can be asked again the first answer, which was paid for, goes out with a warning', async () => {
  const spent = new QuotaExhaustedError('spent', [{ provider: 'p', reason: 'spent' }])
  const answer = await emulate(ask(false), play('one', spent).send, silently)
  assert.deepEqual([await textOf(answer), answer.lost.includes(unmet), answer.bill.nanoUsd], ['one', true, 5])
  await assert.rejects(emulate(ask(true), play('one', spent).send, silently), QuotaExhaustedError)
  const left = new RouterError('client_closed', 'the client left')
  await assert.rejects(
    emulate(ask(false), play('one', left).send, silently),
    (error) => isRouterError(error) && error.code === 'client_closed',
  )
})

test('a stream that has to be held whole is given up when it grows too large', async () => {
  let left = false
  async function* endless(): AsyncGenerator<readonly ChatEvent[]> {
    try {
      for (;;) yield [{ type: 'text-delta', text: 'x'.repeat(1_000_000) }]
    } finally {
      left = true
    }
  }
  const reply = { ...routed('').reply, streamed: true, events: endless }
  await assert.rejects(emulate(ask(false), play(routed('', { reply })).send, silently), /larger than/)
  assert.ok(left, 'its upstream is left')
})
