import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Json } from '../../chat/types.ts'
import { ConfigError } from '../../errors.ts'
import { judge } from '../faults.ts'
import type { AutoAsk, ModelInfo, OutgoingCall } from '../provider.ts'
import { type CompatibleOptions, createCompatible } from './index.ts'

function groq(change: Partial<CompatibleOptions> = {}) {
  return createCompatible({
    name: 'groq',
    baseUrl: 'https://api.groq.com/openai/v1/',
    lane: 'free',
    limits: [],
    ...change,
  })
}

function ask(catalogue: readonly ModelInfo[], change: Partial<AutoAsk> = {}): AutoAsk {
  return { needs: () => [], inputTokens: 100, catalogue, now: 0, trouble: () => 0, ...change }
}

function outgoing(stream: boolean, streamOptions?: Json): OutgoingCall {
  const member = (name: string) => (name === 'stream_options' ? streamOptions : undefined)
  return {
    model: 'x',
    others: [],
    free: true,
    dialect: 'openai-chat',
    stream,
    member,
  }
}

describe('a compatible service', () => {
  it('is made from settings', () => {
    const provider = groq()
    assert.equal(provider.baseUrl, 'https://api.groq.com/openai/v1')
    assert.deepEqual(provider.environment, { key: 'GROQ_API_KEY', baseUrl: 'GROQ_BASE_URL' })
    assert.deepEqual(provider.speaks, {
      'openai-chat': { path: '/chat/completions' },
      'openai-embeddings': { path: '/embeddings' },
    })
    assert.deepEqual(provider.authorize('k'), { authorization: 'Bearer k' })
    assert.equal(groq({ keyEnv: 'MY_GROQ' }).environment.key, 'MY_GROQ')
    assert.equal(groq({ name: 'my-box' }).environment.key, 'MY_BOX_API_KEY')
    assert.equal(groq({ baseUrl: 'https://x.example/v1/chat/completions' }).baseUrl, 'https://x.example/v1')
  })

  it('refuses names and addresses that cannot be used', () => {
    for (const name of ['', 'Groq', 'a/b', 'a b', '1a', 'x'.repeat(41)]) {
      assert.throws(() => groq({ name }), ConfigError, name)
    }
    for (const baseUrl of ['', 'api.groq.com', 'ftp://x', 'https://u:p@x/v1', 'https://x/v1?key=1']) {
      assert.throws(() => groq({ baseUrl }), ConfigError, baseUrl)
    }
    // Not repeated: somebody may have put the key itself there.
    assert.throws(
      () => groq({ keyEnv: 'gsk-0123456789' }),
      (error: Error) => error instanceof ConfigError && !error.message.includes('0123'),
    )
    // An address with a password in it is not repeated.
    assert.throws(
      () => groq({ baseUrl: 'https://u:hunter2@x/v1' }),
      (error: Error) => !error.message.includes('hunter2'),
    )
  })

  it('wants a key, except on this machine', () => {
    const keyless = (change: Partial<CompatibleOptions>) => groq(change).keyless === 'always'
    assert.equal(keyless({}), false)
    for (const baseUrl of ['http://localhost:11434/v1', 'http://127.0.0.1:8080/v1', 'http://[::1]:8000/v1']) {
      assert.equal(keyless({ baseUrl }), true)
      assert.equal(keyless({ baseUrl, needsKey: true }), false)
    }
    assert.equal(keyless({ baseUrl: 'http://127.0.0.1.example.com/v1' }), false)
    assert.equal(keyless({ needsKey: false }), true)
  })

  it('owns the names under its own, and those that it claims', () => {
    const provider = groq({ models: ['llama-3.1-8b-instant', 'groq/compound'] })
    const claimed = ['llama-3.1-8b-instant', 'groq/compound', 'groq/anything', ' groq/x ']
    for (const model of claimed) {
      assert.equal(provider.claims(model), true, model)
      assert.equal(provider.unlisted?.(model, 'chat'), true, model)
    }
    for (const model of ['gpt-4o', 'openai/gpt-oss-120b', 'groqx/y'])
      assert.equal(provider.claims(model), false)
    assert.equal(groq().claims('llama-3.1-8b-instant'), false)
  })

  it('takes its own name off before sending, unless the model is named so', () => {
    const provider = groq({ models: ['groq/compound'] })
    const table = [
      ['groq/llama-3.1-8b-instant', 'llama-3.1-8b-instant'],
      ['groq/openai/gpt-oss-120b', 'openai/gpt-oss-120b'],
      ['groq/compound', 'groq/compound'],
      ['groq/groq/compound', 'groq/compound'],
      [' llama ', 'llama'],
    ] as const
    for (const [asked, sent] of table) assert.equal(provider.upstreamModel(asked), sent)
    assert.equal(groq().upstreamModel('groq/compound'), 'compound')
  })

  it('asks streams for their usage and keeps what the client asked for', () => {
    const { guards } = groq()
    assert.deepEqual(guards?.(outgoing(true)), { stream_options: { include_usage: true } })
    assert.deepEqual(guards?.(outgoing(true, { include_usage: false, include_obfuscation: false })), {
      stream_options: { include_usage: true, include_obfuscation: false },
    })
    assert.deepEqual(guards?.(outgoing(false)), {})
    assert.deepEqual(guards?.(outgoing(true, 'odd')), { stream_options: { include_usage: true } })
    assert.equal(groq({ streamUsage: false }).guards, undefined)
  })

  it('is free in the free lane only, and costs nothing more in the included one', () => {
    const usage = { input: 1000, output: 1000 }
    const table = [
      ['free', true, undefined],
      ['included', false, 0],
      ['paid', false, undefined],
    ] as const
    for (const [lane, free, cost] of table) {
      const provider = groq({ lane })
      assert.deepEqual(
        [provider.lane, provider.isFree('x', undefined), provider.price?.('x', usage, 0)?.nanoUsd],
        [lane, free, cost],
      )
    }
  })

  it('prices by its own list, cached input apart', () => {
    const { price } = groq({
      prices: { a: { inputUsdPerMillion: 0.15, outputUsdPerMillion: 0.6, cachedUsdPerMillion: 0.075 } },
    })
    const usage = { input: 1_000_000, output: 1_000_000, cached: 400_000 }
    assert.deepEqual(price?.('a', usage, 0), {
      nanoUsd: 90_000_000 + 30_000_000 + 600_000_000,
      source: 'config',
    })
    assert.deepEqual(price?.('groq/a', usage, 0), price?.('a', usage, 0))
    assert.equal(price?.('b', usage, 0), undefined)
    assert.equal(price?.('constructor', usage, 0), undefined)
    for (const input of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e308]) {
      assert.equal(price?.('a', { input, output: 1 }, 0), undefined)
    }
  })
})

describe('its models', () => {
  const read = (answer: Json, change: Partial<CompatibleOptions> = {}) =>
    groq(change).models?.(async (path) => {
      assert.equal(path, '/models')
      return answer
    }, [])

  it('are read from every shape of list', async () => {
    const ids = async (answer: Json) => (await read(answer))?.map(({ id }) => id)
    assert.deepEqual(await ids({ object: 'list', data: [{ id: 'a' }, { id: 'a' }, { id: 'b' }] }), ['a', 'b'])
    assert.deepEqual(await ids({ models: [{ name: 'models/gemini-2.5-flash' }] }), ['gemini-2.5-flash'])
    assert.deepEqual(await ids([{ id: 'openai/gpt-4.1' }]), ['openai/gpt-4.1'])
    // llama.cpp sends both lists.
    assert.deepEqual(await ids({ models: [{ name: 'x.gguf' }], data: [{ id: 'x' }] }), ['x'])
    for (const odd of [null, 7, 'x', [], {}, { data: 1, models: 1 }, { data: [null, 1, {}] }]) {
      assert.deepEqual(await ids(odd), [])
    }
  })

  it('tell what is known of them, and leave out what does not chat', async () => {
    const found = await read({
      data: [
        { id: 'llama', active: true, context_window: 131_072 },
        { id: 'old', active: false },
        { id: 'whisper-large-v3' },
        { id: 'mistral-embed', capabilities: { completion_chat: false } },
        {
          id: 'devstral',
          max_context_length: 8,
          capabilities: { completion_chat: true, function_calling: true, vision: true },
        },
        { id: 'vllm', max_model_len: 4096, capabilities: {} },
      ],
    })
    assert.deepEqual(found, [
      { id: 'llama', free: true, contextTokens: 131_072 },
      {
        id: 'devstral',
        free: true,
        contextTokens: 8,
        capabilities: ['tools', 'structured-output', 'images'],
      },
      { id: 'vllm', free: true, contextTokens: 4096 },
    ])
  })

  it('are cut down to those that are claimed', async () => {
    const found = await read({ data: [{ id: 'a' }, { id: 'b' }] }, { models: ['b', 'c'], lane: 'paid' })
    assert.deepEqual(found, [{ id: 'b', free: false }])
  })

  it('give `auto` its model: the one set, the first claimed, or one that fits', () => {
    const choose = (change: Partial<CompatibleOptions>, asked: AutoAsk) =>
      Object.values(groq(change).auto)[0]?.(asked).model
    const listed: ModelInfo[] = [
      { id: 'small', free: true, contextTokens: 2000 },
      { id: 'plain', free: true, capabilities: [] },
      { id: 'able', free: true, capabilities: ['tools'] },
    ]
    assert.equal(choose({ autoModel: 'groq/x' }, ask(listed)), 'x')
    assert.equal(choose({ models: ['m', 'n'] }, ask(listed)), 'm')
    assert.equal(choose({}, ask(listed)), 'plain')
    assert.equal(choose({}, ask(listed, { needs: () => ['tools'] })), 'able')
    assert.equal(choose({}, ask(listed, { trouble: (id) => (id === 'plain' ? undefined : 0) })), 'able')
    assert.equal(choose({}, ask(listed, { trouble: (id) => (id === 'plain' ? 2 : 1) })), 'able')
    assert.equal(choose({}, ask(listed, { trouble: () => undefined })), 'small')
    assert.equal(choose({}, ask([])), 'auto')
  })
})

describe('its errors', () => {
  it('are read without throwing, whatever they are', () => {
    const bodies = [
      '',
      'null',
      '[]',
      '7',
      '"x"',
      '{',
      '{"error":null}',
      '{"error":[]}',
      '[[[]]]',
      '{"detail":[1,{}]}',
      '<html>',
    ]
    for (const text of bodies) {
      assert.equal(groq().readFailure({ status: 500, headers: {}, text }, 0).status, 500)
    }
  })

  it('do not show whose account it is', () => {
    const message =
      'Rate limit reached for model `m` in organization `org_secret1` on tokens per minute (TPM): Limit 1'
    const text = JSON.stringify({ error: { message, type: 'tokens', code: 'rate_limit_exceeded' } })
    const fault = judge(groq(), { status: 429, headers: {}, text }, 0)
    assert.ok(!fault.message.includes('org_secret1'))
    assert.equal(fault.account, 'org_secret1')
  })

  it('inside a stream have the status that their words mean', () => {
    const statusOf = (error: Json, status = 502) =>
      groq().readFailure({ status, headers: {}, text: JSON.stringify({ error }) }, 0).status
    assert.equal(statusOf({ message: 'x', code: 'rate_limit_exceeded' }), 429)
    assert.equal(statusOf({ message: 'x', code: 'context_length_exceeded' }, 200), 400)
    assert.equal(statusOf({ message: 'x', code: 503 }), 503)
    assert.equal(statusOf({ message: 'x', code: '1300' }), 502)
    assert.equal(statusOf({ message: 'x', code: 'rate_limit_exceeded' }, 400), 400)
  })
})
