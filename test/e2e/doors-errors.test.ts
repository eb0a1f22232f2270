import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allDoors, type Door, knock } from '../support/doors.ts'
import { refused, type Refused } from '../support/refusals.ts'
import { clientKey, noon, openStand, type Stand } from '../support/stand.ts'

const noOllama = { OLLAMA_API_KEY_1: '', OLLAMA_API_KEY_2: '' }
const oneKey = { OPENROUTER_API_KEY_2: '', OPENROUTER_API_KEY_3: '' }

function callsOf({ simulator }: Stand): number {
  const { openrouter, ollama } = simulator.counters()
  return openrouter.calls + ollama.calls
}

/** What each family of clients is told of one error; the words of OpenAI's two dialects are the same unless told apart. */
interface Told {
  readonly status: number
  readonly openai: readonly [type: string, code: string]
  readonly responses?: readonly [type: string, code: string]
  readonly responsesStatus?: number
  readonly anthropic: string
  readonly words: RegExp
}

function check(door: Door, { status, form, type, code, message }: Refused, told: Told): void {
  const isResponses = door.name === 'responses'
  assert.equal(
    status,
    isResponses ? (told.responsesStatus ?? told.status) : told.status,
    `${door.name}: ${message}`,
  )
  assert.match(message, told.words, door.name)
  switch (door.name) {
    case 'messages':
      assert.deepEqual([form, type], ['anthropic', told.anthropic])
      return
    case 'ollama':
    case 'generate':
      assert.equal(form, 'ollama')
      return
    default: {
      const [wantedType, wantedCode] = (isResponses ? told.responses : undefined) ?? told.openai
      assert.deepEqual([form, type, code], ['openai', wantedType, wantedCode], door.name)
    }
  }
}

const requests: readonly {
  readonly title: string
  readonly told: Told
  send(stand: Stand, door: Door): Promise<Response>
}[] = [
  {
    title: 'no key',
    told: {
      status: 401,
      openai: ['invalid_request_error', 'invalid_api_key'],
      anthropic: 'authentication_error',
      words: /needs its client key/,
    },
    send: (stand, door) =>
      fetch(stand.gateway.url + door.path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(door.question('hello')),
      }),
  },
  {
    title: 'a wrong key',
    told: {
      status: 401,
      openai: ['invalid_request_error', 'invalid_api_key'],
      anthropic: 'authentication_error',
      words: /not the client key/,
    },
    send: (stand, door) =>
      knock(stand, door, door.question('hello'), { headers: { authorization: 'Bearer wrong' } }),
  },
  {
    title: 'a body that is no JSON',
    told: {
      status: 400,
      openai: ['invalid_request_error', 'invalid_json'],
      anthropic: 'invalid_request_error',
      words: /not valid JSON/,
    },
    send: (stand, door) => knock(stand, door, '{"messages": [}'),
  },
  {
    title: 'no body',
    told: {
      status: 400,
      openai: ['invalid_request_error', 'invalid_json'],
      anthropic: 'invalid_request_error',
      words: /empty/,
    },
    send: (stand, door) => knock(stand, door, ''),
  },
  {
    title: 'a body that is no object',
    told: {
      status: 400,
      openai: ['invalid_request_error', 'invalid_request'],
      anthropic: 'invalid_request_error',
      words: /JSON object/,
    },
    send: (stand, door) => knock(stand, door, '[1]'),
  },
  {
    title: 'a wrong type of body',
    told: {
      status: 415,
      openai: ['invalid_request_error', 'unsupported_media_type'],
      anthropic: 'invalid_request_error',
      words: /Content-Type/,
    },
    send: (stand, door) => knock(stand, door, 'hello', { headers: { 'content-type': 'text/plain' } }),
  },
  {
    title: 'a body over the limit',
    told: {
      status: 413,
      openai: ['invalid_request_error', 'payload_too_large'],
      anthropic: 'request_too_large',
      words: /larger than/,
    },
    send: (stand, door) => knock(stand, door, door.question('x'.repeat(20_000))),
  },
  {
    title: 'a model that nobody has',
    told: {
      status: 404,
      openai: ['invalid_request_error', 'model_not_found'],
      anthropic: 'not_found_error',
      words: /nope/,
    },
    send: (stand, door) => knock(stand, door, { ...door.question('hello'), model: 'nope' }),
  },
  {
    title: 'a path below its own that does not exist',
    told: {
      status: 404,
      openai: ['invalid_request_error', 'not_found'],
      anthropic: 'not_found_error',
      words: /nothing at POST .*\/nothing/,
    },
    send: (stand, door) => knock(stand, { path: `${door.path}/nothing` }, door.question('hello')),
  },
  {
    title: 'another method',
    told: {
      status: 405,
      openai: ['invalid_request_error', 'method_not_allowed'],
      anthropic: 'invalid_request_error',
      words: /use POST/,
    },
    send: (stand, door) =>
      fetch(stand.gateway.url + door.path, {
        method: 'PUT',
        headers: { authorization: `Bearer ${clientKey}` },
        body: '{}',
      }),
  },
  {
    title: 'a wait that is no number',
    told: {
      status: 400,
      openai: ['invalid_request_error', 'invalid_request'],
      anthropic: 'invalid_request_error',
      words: /x-switchyard-max-wait takes seconds/,
    },
    send: (stand, door) =>
      knock(stand, door, door.question('hello'), { headers: { 'x-switchyard-max-wait': '1m' } }),
  },
]

test('what is wrong with a request is told at every door in its own form, and nobody is called', async (t) => {
  await using stand = await openStand({ gateway: { maxBodyBytes: 10_000 } })
  for (const { title, told, send } of requests) {
    await t.test(title, async () => {
      for (const door of allDoors) check(door, await refused(await send(stand, door)), told)
    })
  }
  assert.equal(callsOf(stand), 0)
})

test('a path that is nobody’s is told in OpenAI’s form, one below /api/ in Ollama’s', async () => {
  await using stand = await openStand()
  for (const [path, form] of [
    ['/v1/nothing', 'openai'],
    ['/nothing', 'openai'],
    ['/api/nothing', 'ollama'],
    // What OpenRouter's clients put in front belongs to what follows it.
    ['/api/v1/nothing', 'openai'],
    ['/api/v1/messages/nothing', 'anthropic'],
    ['/v1/v1/messages/nothing', 'anthropic'],
    ['/v1/messages/batches', 'anthropic'],
    ['/v1/messages?beta=true&x=/api/', 'anthropic'],
  ] as const)
    assert.equal((await refused(await knock(stand, { path }, {}))).form, form, path)
  const models = await fetch(`${stand.gateway.url}/v1/models/nope`, {
    headers: { 'x-api-key': clientKey, 'anthropic-version': '2023-06-01' },
  })
  assert.deepEqual([models.status, (await refused(models)).form], [404, 'anthropic'])
})

/** A stand whose one account has spent what it has of a minute or of the day. */
async function openSpent(second: number, spent: 'minute' | 'day'): Promise<Stand> {
  const account = spent === 'day' ? { foreignUsed: 50 } : { perMinute: 1 }
  const stand = await openStand({
    simulator: { openrouter: { accounts: [account], keyShowsFreeRequests: false } },
    environment: { ...noOllama, ...oneKey },
  })
  stand.clock.set(noon + second * 1000)
  for (let call = 0; call < 2; call++)
    await (await stand.chat({ messages: [{ role: 'user', content: 'x' }] })).text()
  return stand
}

const waits = [
  { title: '1 s', second: 59, spent: 'minute', wait: 1, patient: true },
  { title: '40 s', second: 20, spent: 'minute', wait: 40, patient: true },
  { title: '55 s', second: 5, spent: 'minute', wait: 55, patient: true },
  { title: '56 s', second: 4, spent: 'minute', wait: 56, patient: false },
  { title: '12 hours', second: 0, spent: 'day', wait: 43_200, patient: false },
] as const

for (const { title, second, spent, wait, patient } of waits) {
  test(`when quota returns in ${title}, every client is told so in its own way, without a call`, async () => {
    await using stand = await openSpent(second, spent)
    const before = callsOf(stand)
    const returnsAt = noon + (second + wait) * 1000
    const iso = new Date(returnsAt).toISOString()
    for (const door of allDoors) {
      for (const stream of [true, false]) {
        const reply = await knock(stand, door, { ...door.question('hello'), model: 'auto', stream })
        const { headers } = reply
        const told = await refused(reply)
        const type = patient ? 'rate_limit_error' : 'usage_limit_reached'
        check(door, told, {
          status: 429,
          openai: ['rate_limit_error', 'rate_limit_exceeded'],
          responses: [type, 'rate_limit_exceeded'],
          anthropic: 'rate_limit_error',
          words: new RegExp(`Try again in ${wait} s \\(${iso}\\)`),
        })
        assert.deepEqual(
          [
            'retry-after',
            'x-should-retry',
            'x-ratelimit-remaining-requests',
            'x-ratelimit-reset-requests',
          ].map((name) => headers.get(name)),
          [String(wait), patient ? null : 'false', '0', `${wait}s`],
        )
        assert.deepEqual(
          ['anthropic-ratelimit-requests-remaining', 'anthropic-ratelimit-requests-reset'].map((name) =>
            headers.get(name),
          ),
          door.name === 'messages' ? ['0', iso.replace('.000Z', 'Z')] : [null, null],
        )
        assert.equal(headers.get('request-id'), headers.get('x-request-id'))
        assert.match(headers.get('content-type') ?? '', /^application\/json/)
        if (door.framing === 'sse') {
          assert.equal(told.facts['retry_after'], wait)
          assert.equal(told.facts['resets_at'], returnsAt / 1000)
          const pools = told.facts['pools'] as { provider: string; returns_at: string | null }[]
          assert.equal(pools.find(({ provider }) => provider === 'openrouter')?.returns_at, iso)
        }
        // Codex shows this one to its user; only where it is to stop.
        if (door.name === 'responses') assert.equal(told.resetsAt, patient ? undefined : returnsAt / 1000)
      }
    }
    assert.equal(callsOf(stand), before)
  })
}

test('money that somebody must add first is told as such, without a time', async () => {
  await using stand = await openStand({
    simulator: { openrouter: { accounts: [{ creditsBought: 10, keys: [{ limitUsd: 0 }] }] } },
    environment: { ...noOllama, ...oneKey },
  })
  for (const door of allDoors) {
    const body = { ...door.question('hello'), model: 'google/gemma-4-31b-it', stream: true }
    const reply = await knock(stand, door, body)
    assert.deepEqual([reply.headers.get('retry-after'), reply.headers.get('x-should-retry')], [null, null])
    check(door, await refused(reply), {
      status: 402,
      // On 402 Codex tries five times more.
      responsesStatus: 429,
      openai: ['insufficient_quota', 'insufficient_quota'],
      anthropic: 'billing_error',
      words: /until somebody acts/,
    })
  }
  assert.equal(callsOf(stand), 0)
})

test('a service that wants money is no spent quota: nothing comes back by itself', async () => {
  await using stand = await openStand({
    simulator: { openrouter: { accounts: [{ creditsBought: 10 }] } },
    environment: { ...noOllama, ...oneKey },
  })
  stand.simulator.addFault({ provider: 'openrouter', kind: 'insufficient-credits', times: 1 })
  // The first one is refused by the service; it is asked no more before it is probed.
  for (const door of [...allDoors, ...allDoors]) {
    const body = { ...door.question('hello'), model: 'google/gemma-4-31b-it', stream: true }
    const reply = await knock(stand, door, body, { headers: { 'x-switchyard-max-wait': '600' } })
    assert.deepEqual([reply.headers.get('retry-after'), reply.headers.get('x-should-retry')], [null, null])
    const told = await refused(reply)
    check(door, told, {
      status: 402,
      responsesStatus: 429,
      openai: ['insufficient_quota', 'insufficient_quota'],
      anthropic: 'billing_error',
      words: /until somebody acts: OpenRouter: Insufficient credits[^;]*$/,
    })
  }
  assert.equal(callsOf(stand), 1)
})

test('a prompt that is too long is told in the words on which agents shorten it', async () => {
  await using stand = await openStand()
  const message =
    "This endpoint's maximum context length is 131072 tokens. However, you requested about 200000 tokens."
  for (const door of allDoors) {
    stand.simulator.addFault({
      provider: 'openrouter',
      kind: 'custom',
      status: 400,
      body: JSON.stringify({ error: { code: 400, message } }),
    })
    const before = callsOf(stand)
    const reply = await knock(stand, door, { ...door.question('hello'), model: 'auto', stream: true })
    check(door, await refused(reply), {
      status: 400,
      openai: ['invalid_request_error', 'context_length_exceeded'],
      anthropic: 'invalid_request_error',
      words: door.name === 'messages' ? /^prompt is too long: .*131072/ : /131072/,
    })
    assert.equal(callsOf(stand) - before, 1, 'another key would say the same')
  }
})

test('services in trouble are told as that, with when they may be back', async () => {
  for (const door of allDoors) {
    await using stand = await openStand()
    for (const provider of ['openrouter', 'ollama'] as const)
      stand.simulator.addFault({ provider, kind: 'error-5xx', status: 503, times: 'always' })
    const reply = await knock(stand, door, { ...door.question('hello'), model: 'auto', stream: true })
    assert.ok(Number(reply.headers.get('retry-after')) >= 1)
    check(door, await refused(reply), {
      status: 503,
      openai: ['server_error', 'unavailable'],
      anthropic: 'api_error',
      words: /Ollama Cloud: .*OpenRouter: /,
    })
  }
})
