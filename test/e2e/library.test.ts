import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  type ChatEvent,
  createMovableClock,
  createRouter,
  isRouterError,
  type ProviderError,
  RequestError,
} from '../../src/index.ts'
import { startSimulator } from '../../src/simulator/index.ts'
import { type LibraryStand, noHome, openLibrary } from '../support/library-stand.ts'
import { noon } from '../support/stand.ts'

let stand: LibraryStand
before(async () => (stand = await openLibrary()))
after(() => stand[Symbol.asyncDispose]())

test('one line asks, and the answer has the same shape whoever gave it', async () => {
  for (const [model, provider, free] of [
    ['auto', 'openrouter', true],
    ['gpt-oss:120b', 'ollama', false],
  ] as const) {
    const answer = await stand.router.chat('Hello', { model })
    assert.deepEqual(Object.keys(answer), [
      'content',
      'reasoning',
      'toolCalls',
      'model',
      'provider',
      'keyId',
      'keyName',
      'tokensUsed',
      'tokens',
      'cost',
      'latencyMs',
      'attempts',
      'finishReason',
      'requestId',
    ])
    assert.ok(answer.content.length > 0)
    assert.equal(answer.provider, provider)
    assert.equal(answer.keyName, `${provider}-1`)
    assert.ok(answer.keyId.replace('…', '').length <= 8, answer.keyId)
    assert.equal(answer.tokensUsed, answer.tokens.input + answer.tokens.output)
    assert.ok(answer.tokens.input > 0 && answer.tokens.output > 0)
    if (free) assert.equal(answer.cost, 0)
    else assert.ok(answer.cost !== null && answer.cost > 0 && answer.cost < 0.01)
    assert.ok(Number.isInteger(answer.latencyMs))
    assert.equal(answer.attempts, 1)
    assert.equal(answer.finishReason, 'stop')
  }
})

test('who would get a request is told before, and what became of one after, refused ones too', async () => {
  const planned = await stand.router.plan()
  assert.equal(planned.client, 'library')
  const { requestId, keyName } = await stand.router.chat('Hello')
  assert.equal(planned.next?.key, keyName)
  const why = await stand.router.why(requestId)
  assert.deepEqual([why?.id, why?.end, why?.client], [requestId, 'answered', 'library'])
  const named = 'a-request-of-mine'
  await assert.rejects(stand.router.chat('Hello', { model: 'no/such', requestId: named }))
  assert.equal((await stand.router.why(named))?.end, 'failed')
  assert.equal(await stand.router.why('nobody'), undefined)
  assert.equal((await stand.router.plan({ model: 'no/such' })).refusal?.code, 'model_not_found')
})

test('messages, options and members of the request reach the service', async () => {
  const { content, finishReason } = await stand.router.chat(
    [
      { role: 'system', content: 'Be short.' },
      { role: 'user', content: [{ type: 'text', text: 'Tell me a long story' }] },
    ],
    { maxTokens: 3, temperature: 0, extra: { seed: 1 } },
  )
  assert.ok(content.length > 0)
  assert.equal(finishReason, 'length')
})

test('a stream is read event by event, and its response comes at the end', async () => {
  for (const model of ['auto', 'gpt-oss:120b']) {
    const stream = stand.router.chat('Hello', { stream: true, model })
    const events: ChatEvent[] = []
    for await (const event of stream) events.push(event)
    assert.equal(events.at(-1)?.type, 'message-end')
    const text = events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')
    const response = await stream.response
    assert.equal(response.content, text)
    assert.ok(response.tokensUsed > 0 && response.cost !== null)
  }
})

test('a stream that is left early frees its key, and its response says so', async () => {
  const stream = stand.router.chat('Hello', { stream: true, preferProvider: 'ollama' })
  for await (const event of stream) if (event.type === 'text-delta') break
  await assert.rejects(stream.response, (error: ProviderError) => error.code === 'client_closed')
  const { providers } = await stand.router.getStatus()
  assert.deepEqual(
    providers.flatMap(({ accounts }) => accounts.map(({ inFlight }) => inFlight)),
    [0, 0, 0, 0, 0],
  )
})

test('tools are called, and their results go back', async () => {
  const weather = {
    type: 'function',
    function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  }
  const question = { role: 'user', content: 'Use the weather tool for Berlin' }
  for (const model of ['auto', 'gpt-oss:120b']) {
    const { toolCalls, finishReason } = await stand.router.chat([question], { model, tools: [weather] })
    const [call] = toolCalls
    assert.equal(call?.name, 'weather')
    assert.equal(finishReason, 'tool-calls')
    const answer = await stand.router.chat(
      [
        question,
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: call.id, type: 'function', function: { name: 'weather', arguments: call.args } },
          ],
        },
        { role: 'tool', tool_call_id: call.id, content: 'sunny' },
      ],
      { model, tools: [weather], toolChoice: 'none' },
    )
    assert.ok(answer.content.length > 0)
  }
})

test('a signal ends a call that waits', async () => {
  await using own = await openLibrary()
  own.simulator.addFault({ provider: 'openrouter', kind: 'no-headers', times: 'always' })
  const leaving = new AbortController()
  const waiting = own.router.chat('Hello', { signal: leaving.signal })
  while (own.simulator.counters().openrouter.calls < 1) await new Promise(setImmediate)
  leaving.abort()
  await assert.rejects(waiting, (error: Error) => isRouterError(error) && error.code === 'client_closed')
  await assert.rejects(own.router.chat('Hello', { signal: AbortSignal.abort() }))
  assert.equal(own.simulator.counters().openrouter.calls, 1)
})

test('a preferred provider goes first; an unknown one is refused with the names', async () => {
  assert.equal((await stand.router.chat('Hello', { preferProvider: 'ollama' })).provider, 'ollama')
  await assert.rejects(stand.router.chat('Hello', { preferProvider: 'olama' }), (error: RequestError) => {
    assert.ok(error instanceof RequestError)
    assert.deepEqual([error.code, error.param], ['invalid_request', 'preferProvider'])
    return /known: "openrouter", "ollama"/.test(error.message)
  })
})

test('status and models have names, shapes and no secret', async () => {
  const status = await stand.router.getStatus()
  assert.deepEqual(
    status.providers.map(({ name, health, accounts }) => [name, health, accounts.length]),
    [
      ['openrouter', 'ok', 3],
      ['ollama', 'ok', 2],
    ],
  )
  const [window] = status.providers[0]?.accounts[0]?.windows ?? []
  assert.deepEqual([window?.name, window?.max], ['minute', 20])
  const text = JSON.stringify(status)
  for (const key of [...stand.simulator.keys.openrouter, ...stand.simulator.keys.ollama])
    assert.ok(!text.includes(key.slice(0, 20)))
  const models = await stand.router.listModels()
  assert.ok(
    models.some(({ id, provider, free }) => id.endsWith(':free') && provider === 'openrouter' && free),
  )
  assert.ok(models.some(({ id, provider, free }) => id === 'gpt-oss:120b' && provider === 'ollama' && !free))
})

test('a call that may wait is held until spent quota returns; one that may not is refused', async () => {
  const clock = createMovableClock({ start: noon + 30_000, running: true })
  await using simulator = await startSimulator({ clock, openrouter: { accounts: [{ perMinute: 1 }] } })
  await using router = createRouter({
    environment: {},
    home: noHome,
    keys: { openrouter: simulator.keys.openrouter },
    baseUrls: { openrouter: simulator.openrouterUrl },
    store: 'memory',
    clock,
    random: () => 0,
  })
  await router.chat('hello')
  await assert.rejects(router.chat('hello'), { name: 'QuotaExhaustedError' })
  clock.set(noon + 59_800)
  const { provider } = await router.chat('hello', { maxWaitMs: 5000 })
  assert.equal(provider, 'openrouter')
  assert.equal(simulator.counters().openrouter.wasted, 0)
})
