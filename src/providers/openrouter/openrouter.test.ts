import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Json } from '../../chat/types.ts'
import { account } from './account.ts'
import { models } from './catalog.ts'
import { openrouter } from './index.ts'
import { readNanoUsd } from './prices.ts'

/** An entry in the shape of https://openrouter.ai/openapi.yaml; the values are made up. */
const entry = {
  id: 'a/b:free',
  canonical_slug: 'a/b-20260617',
  name: 'A: B (free)',
  created: 1_769_917_427,
  description: '…',
  context_length: 262_144,
  architecture: {
    modality: 'text+image->text',
    input_modalities: ['text', 'image'],
    output_modalities: ['text'],
  },
  pricing: { prompt: '0', completion: '0', request: '0', image: '0' },
  top_provider: { context_length: 262_144, max_completion_tokens: null, is_moderated: false },
  per_request_limits: null,
  supported_parameters: ['max_tokens', 'temperature', 'tools', 'tool_choice'],
  reasoning: { mandatory: false, default_enabled: true },
  links: { details: '/api/v1/models/a/b/endpoints' },
}

async function readOne(change: Record<string, Json>) {
  const [model] = await models(async (path) => {
    assert.equal(path, '/models')
    return { data: [{ ...entry, ...change }] }
  })
  return model
}

async function free(pricing: Json): Promise<boolean | undefined> {
  return (await readOne({ id: 'a/b', pricing }))?.free
}

describe('catalogue', () => {
  it('reads a free model', async () => {
    assert.deepEqual(await readOne({}), {
      id: 'a/b:free',
      free: true,
      capabilities: ['tools', 'images', 'reasoning'],
      contextTokens: 262_144,
      price: { input: 0, output: 0 },
    })
  })

  it('reads a paid model, with its prices exact', async () => {
    const model = await readOne({
      id: 'a/b',
      pricing: {
        prompt: '0.00000015',
        completion: '0.0000006',
        input_cache_read: '0.0000000375',
        input_cache_write: '0.0000001875',
      },
      supported_parameters: ['structured_outputs'],
      architecture: { input_modalities: ['text'], output_modalities: ['text'] },
      reasoning: null,
    })
    assert.deepEqual(model, {
      id: 'a/b',
      free: false,
      capabilities: ['structured-output'],
      contextTokens: 262_144,
      price: { input: 150, output: 600, cached: 37.5, cacheWrite: 187.5 },
    })
  })

  it('reads a price of the call itself, and the dearer prices of long prompts and hours', async () => {
    const model = await readOne({
      id: 'a/b',
      pricing: {
        prompt: '0.000001',
        completion: '0.000002',
        internal_reasoning: '0.000003',
        input_cache_write_1h: '0.000002',
        request: '0.01',
        overrides: [
          { min_prompt_tokens: 200_000, prompt: '0.000004' },
          { utc_start: '1200', utc_end: '1800', completion: '0.000006', request: '0.02' },
        ],
      },
    })
    assert.deepEqual(model?.price, {
      input: 1000,
      output: 2000,
      request: 10_000_000,
      dearer: [
        { fromInput: 0, input: 2000, output: 3000 },
        { fromInput: 200_000, input: 4000 },
        { fromInput: 0, output: 6000, request: 20_000_000 },
      ],
    })
    for (const odd of [{ request: '-1' }, { overrides: [{ prompt: 'much' }] }, { overrides: ['?'] }])
      assert.equal((await readOne({ pricing: { prompt: '1', completion: '1', ...odd } }))?.price, undefined)
  })

  it('calls free only what costs nothing at any time', async () => {
    assert.equal(await free({ prompt: '0', completion: '0' }), true)
    assert.equal(await free({ prompt: '0.0', completion: 0, request: null }), true)
    assert.equal(await free({ prompt: '0', completion: '0', request: '0.01' }), false)
    assert.equal(await free({ prompt: '-1', completion: '-1' }), false)
    assert.equal(
      await free({ prompt: '0', completion: '0', overrides: [{ utc_start: '1200', prompt: '0.1' }] }),
      false,
    )
    assert.equal(
      await free({ prompt: '0', completion: '0', overrides: [{ min_prompt_tokens: 9, prompt: '0' }] }),
      true,
    )
    assert.equal(await free({}), false)
    assert.equal(await free(null), false)
  })

  it('knows nothing of what a router can do, and leaves out what answers without text', async () => {
    assert.equal((await readOne({ id: 'openrouter/free' }))?.capabilities, undefined)
    assert.equal((await readOne({ supported_parameters: null }))?.capabilities, undefined)
    assert.equal(await readOne({ architecture: { output_modalities: ['image'] } }), undefined)
    assert.equal((await readOne({ architecture: null }))?.id, 'a/b:free')
  })

  it('moves the decimal point instead of multiplying', () => {
    assert.notEqual(Number('0.00000012') * 1e9, 120)
    const table: readonly (readonly [Json, number | undefined])[] = [
      ['0.00000012', 120],
      ['0.000003', 3000],
      ['0.0000000001', 0.1],
      ['1.5e-7', 150],
      [1.5e-7, 150],
      ['.000001', 1000],
      ['1', 1_000_000_000],
      ['-1', undefined],
      ['', undefined],
      ['free', undefined],
      ['NaN', undefined],
      ['1e999', undefined],
      [null, undefined],
    ]
    for (const [value, expected] of table) assert.equal(readNanoUsd(value), expected, `${value}`)
  })
})

describe('account', () => {
  /** The documented members of GET /key that matter here, and some that do not. */
  const key = {
    label: 'sk-or-v1-0e6...1c96',
    limit: null,
    is_free_tier: true,
    creator_user_id: 'user_1',
    free_model_daily_requests: { used: 12, limit: 50, remaining: 38 },
    rate_limit: { requests: -1, interval: '10s', note: 'deprecated' },
  }
  const read = (change: Record<string, Json>) =>
    account(async (path) => {
      assert.equal(path, '/key')
      return { data: { ...key, ...change } }
    })

  it('reads the owner and the day', async () => {
    assert.deepEqual(await read({}), {
      account: 'user_1',
      capacity: { lane: 'free', left: true },
      key: {},
      limits: [{ limit: 'day', max: 50, used: 12, maxAgeMs: 90_000 }],
    })
  })

  it('puts the organisation before its member, and a workspace last', async () => {
    assert.equal((await read({ organization_id: 'org_1', workspace_id: 'w' })).account, 'org_1')
    assert.equal((await read({ organization_id: null, workspace_id: 'w' })).account, 'user_1')
    assert.equal((await read({ creator_user_id: null, workspace_id: 'w' })).account, 'w')
  })

  it('takes a count above the limit, and tolerates what is absent', async () => {
    const over = await read({ free_model_daily_requests: { used: 1060, limit: 1000, remaining: 0 } })
    assert.deepEqual(over.limits, [{ limit: 'day', max: 1000, used: 1060, maxAgeMs: 90_000 }])
    assert.equal(over.capacity, undefined)
    assert.deepEqual((await read({ free_model_daily_requests: null })).limits, [])
    assert.deepEqual((await read({ free_model_daily_requests: { used: -1, limit: 'x' } })).limits, [])
    assert.deepEqual((await read({ free_model_daily_requests: { limit: 50 } })).limits, [
      { limit: 'day', max: 50 },
    ])
  })

  it('passes a refusal on: it says something about the key', async () => {
    const refused = new Error('401')
    await assert.rejects(
      account(() => Promise.reject(refused)),
      refused,
    )
  })
})

describe('model names', () => {
  it('knows what is free', () => {
    assert.equal(openrouter.isFree('a/b:free', undefined), true)
    assert.equal(openrouter.isFree('openrouter/free', undefined), true)
    assert.equal(openrouter.isFree('a/b', undefined), false)
    assert.equal(openrouter.isFree('a/b', { id: 'a/b', free: true }), true)
  })

  it('claims names with an author', () => {
    assert.equal(openrouter.claims('a/b'), true)
    assert.equal(openrouter.claims('gpt-oss:20b'), false)
  })

  it('knows routers, and names that the catalogue does not list', () => {
    assert.equal(openrouter.picksModel?.('openrouter/free'), true)
    assert.equal(openrouter.picksModel?.('a/b:free'), false)
    for (const name of ['a/b:nitro', 'a/b:online', '~a/b-latest', '@preset/mine', 'a/b@preset/mine']) {
      assert.equal(openrouter.unlisted?.(name, 'chat'), true, name)
    }
    for (const name of ['a/b', 'a/b:free', 'a/nitro']) {
      assert.equal(openrouter.unlisted?.(name, 'chat'), false, name)
      // The list is read for models that answer in words; those for embeddings stand in another one.
      assert.equal(openrouter.unlisted?.(name, 'embeddings'), true, name)
    }
  })
})
