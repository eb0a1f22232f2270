import assert from 'node:assert/strict'
import { until } from '../../support/probe.ts'
import { ask, noon } from '../../support/stand.ts'
import type { ClientUnderTest } from '../client-under-test.ts'
import type { Stage } from '../stage.ts'
import { type Case, echo, greeting, onStage } from './case.ts'

export const error: Case = onStage(
  "A model that nobody has: the error class of the client, with the gateway's message, whole and streamed.",
  {},
  async ({ client, session, stage, side }) => {
    const turn = { model: side === 'openrouter' ? 'nobody/has-this' : 'gpt-oss:7b', text: greeting }
    for (const asked of [() => session.streamed(turn, () => {}), () => session.whole(turn)]) {
      const told = refusalOf(client, await failureOf(asked()), 404)
      assert.ok(told.includes(turn.model), told)
    }
    assert.equal(stage.newRequests(), 2, 'it was not tried again')
  },
)

export const broken: Case = onStage(
  'A service that breaks off in mid-answer: the client reports an error, and nothing that looks complete.',
  {},
  async ({ session, stage, side, model }) => {
    stage.stand.simulator.addFault({ provider: side, kind: 'cut', afterChunks: 6 })
    let heard = ''
    await failureOf(session.streamed({ model, text: 'repeat 40 words' }, (piece) => (heard += piece)))
    assert.ok(heard.startsWith('word1 word2') && !heard.includes('word40'), heard)
    assert.equal(stage.stand.simulator.counters()[side].calls, 1, 'it was not tried again')
  },
)

export const abort: Case = onStage(
  'A client that leaves in mid-stream: the upstream call ends, and no lease is left.',
  {},
  async ({ session, stage, side, model }) => {
    const { simulator } = stage.stand
    simulator.addFault({ provider: side, kind: 'stall', afterChunks: 6 })
    const leaving = new AbortController()
    let heard = ''
    const reading = session.streamed({ model, text: 'repeat 40 words', signal: leaving.signal }, (piece) => {
      heard += piece
      if (heard.includes('word3')) leaving.abort()
    })
    // Some clients reject, others end quietly; both have left.
    await reading.then(
      (said) => assert.ok(!said.text.includes('word40')),
      () => {},
    )
    assert.ok(leaving.signal.aborted, `it ended before it was told to: ${heard}`)
    await until(() => simulator.counters()[side].aborted === 1, 'the upstream call has ended')
  },
)

/** Asks until the gateway says that nothing is left. */
async function spend({ stand, newRequests }: Stage, model: string): Promise<void> {
  const statuses: number[] = []
  while (statuses.at(-1) !== 429) {
    assert.ok(statuses.length < 5, `still answered: ${statuses.join()}`)
    statuses.push((await stand.chat(ask('hello', { model }))).status)
  }
  newRequests()
}

export const spent: Case = onStage(
  'Every account is spent for hours: the client stops with an error, no call goes upstream. The number is how often it asked.',
  {
    retries: 'own',
    simulator: {
      openrouter: { accounts: [{ perDay: 1 }] },
      ollama: { accounts: [{ plan: 'legacy_free', sessionRequests: 1 }] },
    },
  },
  async ({ client, session, stage, side, model }) => {
    const { simulator } = stage.stand
    await spend(stage, model)
    const before = simulator.counters()[side].calls
    const caught = await failureOf(session.whole({ model, text: greeting }))
    assert.match(refusalOf(client, caught, 429), /every pool for .* is spent/)
    const { calls, wasted } = simulator.counters()[side]
    assert.deepEqual([calls, wasted], [before, 0], 'no call went upstream')
    const requests = stage.newRequests()
    assert.equal(requests, client.requestsWhenSpent, `${requests} requests reached the gateway`)
    return String(requests)
  },
)

export const wait: Case = onStage(
  'Every account is back in two seconds: the client waits that long by itself and is answered.',
  {
    retries: 'own',
    simulator: { openrouter: { accounts: [{ perMinute: 1 }] }, ollama: { accounts: [{}] } },
  },
  async ({ session, stage, side, model }) => {
    const { simulator, clock } = stage.stand
    if (side === 'ollama') {
      const headers = { 'retry-after': '60' }
      const body = '{"error":"too many requests"}'
      simulator.addFault({ provider: side, kind: 'custom', status: 429, headers, body })
    }
    await spend(stage, model)
    const before = simulator.counters()[side].calls
    clock.set(noon + 58_500)
    const said = await session.whole({ model, text: greeting })
    assert.equal(said.text, echo)
    assert.equal(stage.newRequests(), 2, 'one refusal, one answer')
    assert.equal(simulator.counters()[side].calls, before + 1, 'one call went upstream')
  },
)

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (caught) {
    return caught
  }
  return assert.fail('no error was reported')
}

function refusalOf(client: ClientUnderTest, caught: unknown, status: 404 | 429): string {
  const told = client.refusal(caught, status)
  assert.ok(told !== undefined, `not the class for ${status}: ${describe(caught)}`)
  return told
}

function describe(caught: unknown): string {
  return caught instanceof Error ? `${caught.constructor.name}: ${caught.message}` : JSON.stringify(caught)
}
