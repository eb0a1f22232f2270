import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AccountNews, ModelInfo } from '../provider.ts'
import type { Json, JsonObject } from '../../chat/types.ts'
import { account } from './account.ts'
import { autoModel, models } from './catalog.ts'
import { hostedName, isHostedFamily } from './families.ts'
import { ollama } from './index.ts'
import { price as costOf, priceOf, priceVersion } from './prices.ts'

describe('model names', () => {
  it('drop the mark of a hosted model', () => {
    const table = [
      ['kimi-k3:cloud', 'kimi-k3'],
      ['kimi-k3:CLOUD', 'kimi-k3'],
      ['gpt-oss:120b-cloud', 'gpt-oss:120b'],
      ['gpt-oss:20b:cloud', 'gpt-oss:20b'],
      [' gemma4:31b ', 'gemma4:31b'],
      ['soundcloud', 'soundcloud'],
      ['my-cloud', 'my-cloud'],
    ] as const
    for (const [name, hosted] of table) assert.equal(hostedName(name), hosted)
  })

  it('are claimed by family, bare only', () => {
    for (const name of [
      'kimi-k3',
      'gemma4:31b',
      'GLM-5.3',
      'gpt-oss:20b',
      'qwen3',
      'gemini-3-flash-preview',
      'x:cloud',
    ]) {
      assert.equal(isHostedFamily(name), true, name)
    }
    for (const name of ['z-ai/glm-5.3', 'glmx', 'gpt-4o', 'auto', 'claude-opus', 'gemini-3-pro', '']) {
      assert.equal(isHostedFamily(name), false, name)
    }
  })
})

describe('catalogue', () => {
  /** The shape of GET /api/tags on the hosted service: names, and mostly empty details. */
  const hosted = {
    models: [
      {
        name: 'gemma4:31b',
        model: 'gemma4:31b',
        modified_at: '2026-04-02T00:00:00Z',
        size: 1,
        digest: 'x',
        details: {},
      },
      { name: 'brand-new:1b', details: { families: null } },
    ],
  }

  it('fills in what the hosted list leaves out, and nothing for strangers', async () => {
    const asked: string[] = []
    const list = await models(async (path) => {
      asked.push(path)
      if (path !== '/api/tags') throw new Error('404')
      return hosted
    })
    assert.deepEqual(asked, ['/api/tags', '/api/show', '/api/show'])
    assert.deepEqual(list, [
      {
        id: 'gemma4:31b',
        free: false,
        capabilities: ['tools', 'reasoning', 'images'],
        contextTokens: 262_144,
        price: { input: 140, cached: 50, output: 400 },
      },
      { id: 'brand-new:1b', free: false },
    ])
  })

  it('believes a local server about its own models', async () => {
    const local = {
      capabilities: ['completion', 'tools'],
      details: { context_length: 40_960, format: 'gguf' },
    }
    const list = await models(async () => ({
      models: [
        { model: 'own:7b', ...local },
        { model: 'stub:cloud', remote_model: 'stub', remote_host: 'https://ollama.com:443', ...local },
      ],
    }))
    assert.deepEqual(list[0]?.capabilities, ['tools', 'structured-output'])
    assert.deepEqual(list[1]?.capabilities, ['tools'])
    assert.equal(list[0]?.contextTokens, 40_960)
  })
})

describe('what a model can do', () => {
  const tags = { models: [{ model: 'gemma4:31b' }, { model: 'dotted:1b' }] }
  const shown = (capabilities: readonly string[], more: JsonObject = {}): JsonObject => ({
    capabilities,
    model_info: { 'general.architecture': 'glm5.2', 'glm5.2.context_length': 1_000_000 },
    details: { format: '' },
    ...more,
  })

  it('is asked of the service, once for each model', async () => {
    const asked: (string | undefined)[] = []
    const get = async (path: string, body?: JsonObject): Promise<Json> => {
      if (path === '/api/tags') return tags
      asked.push(String(body?.['model']))
      return shown(['completion', 'tools', 'thinking'], { thinking: { values: ['low', 'high', 5] } })
    }
    const first = await models(get)
    assert.deepEqual(first[1], {
      id: 'dotted:1b',
      free: false,
      capabilities: ['tools', 'reasoning'],
      contextTokens: 1_000_000,
      thinking: ['low', 'high'],
      described: true,
    })
    await models(get, first)
    assert.deepEqual(asked, ['gemma4:31b', 'dotted:1b'])
  })

  it('is not asked on of a server that refuses', async () => {
    let asked = 0
    const many = { models: Array.from({ length: 40 }, (_, index) => ({ model: `m${index}` })) }
    const list = await models(async (path) => {
      if (path === '/api/tags') return many
      asked++
      throw new Error('429')
    })
    assert.equal(list.length, 40)
    assert.ok(asked <= 6, `${asked} calls`)
  })
})

function info(id: string, capabilities?: ModelInfo['capabilities']): ModelInfo {
  return { id, free: false, ...(capabilities !== undefined && { capabilities }) }
}

describe('embedding models of a local server', () => {
  const local = {
    models: [
      { name: 'nomic-embed-text:latest', capabilities: ['embedding'] },
      { name: 'llama3:latest', capabilities: ['completion'] },
    ],
  }

  it('are listed as such and never chosen for auto', async () => {
    const list = await models(async () => local)
    assert.deepEqual(
      list.map(({ id, kind }) => [id, kind]),
      [
        ['nomic-embed-text:latest', 'embeddings'],
        ['llama3:latest', undefined],
      ],
    )
    assert.equal(autoModel([], list), 'llama3:latest')
  })

  it('are reached there, and nowhere at the hosted service', () => {
    assert.equal(ollama.speaks['ollama-embed']?.only, 'elsewhere')
  })
})

describe('autoModel', () => {
  it('takes the cheapest able model, also before the catalogue is read', () => {
    assert.equal(autoModel([], []), 'gemma4:31b')
    assert.equal(autoModel(['tools', 'images', 'reasoning'], []), 'gemma4:31b')
  })

  it('skips what the catalogue does not hold and what lacks a need', () => {
    const catalogue = [info('kimi-k2.6'), info('gpt-oss:120b'), info('minimax-m3')]
    assert.equal(autoModel([], catalogue), 'gpt-oss:120b')
    assert.equal(autoModel(['images'], catalogue), 'minimax-m3')
  })

  it('believes the catalogue before its own table', () => {
    assert.equal(autoModel(['images'], [info('gemma4:31b', []), info('kimi-k2.6')]), 'kimi-k2.6')
  })

  it('turns to strangers, and to the first there is when none fits', () => {
    const strangers = [info('one', []), info('two', ['tools']), info('three')]
    assert.equal(autoModel(['tools'], strangers), 'two')
    assert.equal(autoModel(['images'], strangers), 'three')
    assert.equal(autoModel(['images'], strangers.slice(0, 2)), 'one')
    assert.equal(autoModel(['structured-output'], []), 'gemma4:31b')
  })
})

const noon = '2026-11-23T12:00:00Z'

function read(me: Json, balance: Json = null, usage: Json = null): Promise<AccountNews> {
  return account(async (path) => {
    if (path === '/api/me') return me
    if (path.startsWith('/api/usage')) return usage
    assert.equal(path, '/api/balance')
    return balance
  })
}

describe('account', () => {
  it('is the name that refusals carry, else the id', async () => {
    assert.equal((await read({ id: '1', name: 'jane', email: 'jane@example.com' })).account, 'jane')
    assert.equal((await read({ id: '1', name: '' })).account, '1')
  })

  it('is unknown where the calls do not exist', async () => {
    assert.deepEqual(await account(() => Promise.reject(new Error('404'))), { limits: [] })
  })

  it('says how many calls the plan takes at once, where it names a known one', async () => {
    assert.deepEqual((await read({ name: 'jane', plan: 'Pro' })).limits, [{ limit: 'in-flight', max: 3 }])
    assert.deepEqual((await read({ name: 'jane', plan: 'legacy_max' })).limits, [
      { limit: 'in-flight', max: 10 },
    ])
    assert.deepEqual((await read({ name: 'jane', plan: 'payg' })).limits, [])
  })

  it('adds up the hours of the running UTC day, and tells no cost where an hour has none', async () => {
    const hour = (from: string, request_count: number, usage_usd?: number) => ({
      from,
      until: new Date(Date.parse(from) + 3_600_000).toISOString(),
      request_count,
      ...(usage_usd === undefined ? {} : { usage_usd }),
    })
    const usage = (last: Json) => ({
      until: '2026-11-23T02:30:00Z',
      buckets: [hour('2026-11-22T23:00:00Z', 100, 1), hour('2026-11-23T00:00:00Z', 3, 0.00318), last],
    })
    const maxAgeMs = 300_000
    assert.deepEqual((await read({}, null, usage(hour('2026-11-23T01:00:00Z', 2, 0.001)))).limits, [
      { limit: 'day', used: 5, maxAgeMs },
      { limit: 'usd-day', used: 4_180_000, maxAgeMs },
    ])
    assert.deepEqual((await read({}, null, usage(hour('2026-11-23T01:00:00Z', 2)))).limits, [
      { limit: 'day', used: 5, maxAgeMs },
    ])
    assert.deepEqual((await read({}, null, { limits: { session: { usage: 0.05 } } })).limits, [])
  })

  it('tells days that are over apart from the running one, and none that is known in part', async () => {
    const day = (from: string, request_count: number, more: JsonObject = {}) => ({
      from: `${from}T00:00:00Z`,
      until: new Date(Date.parse(from) + 86_400_000).toISOString(),
      request_count,
      usage_usd: request_count / 1000,
      ...more,
    })
    const news = await read({}, null, {
      until: '2026-11-23T02:30:00Z',
      buckets: [
        { ...day('2026-11-20', 9), from: '2026-11-20T05:00:00Z' },
        day('2026-11-21', 7),
        day('2026-11-22', 5),
        day('2026-11-23', 3, { until: '2026-11-23T02:30:00Z', partial: true }),
      ],
    })
    assert.deepEqual(news.pastDays, [
      { limit: 'day', day: Date.UTC(2026, 10, 21), used: 7 },
      { limit: 'usd-day', day: Date.UTC(2026, 10, 21), used: 7_000_000 },
      { limit: 'day', day: Date.UTC(2026, 10, 22), used: 5 },
      { limit: 'usd-day', day: Date.UTC(2026, 10, 22), used: 5_000_000 },
    ])
    assert.deepEqual(
      news.limits.map(({ used }) => used),
      [3, 3_000_000],
    )
  })

  it('reads both shapes of the balance', async () => {
    const until = Date.parse(noon)
    const credit = (included: number, purchased: number) => ({
      included: { balance_usd: included, allowance_usd: 60, period: { from: noon, until: noon } },
      purchased: { balance_usd: purchased },
    })
    const windows = (session: number, weekly: number, purchased = 0) => ({
      included: {
        session: { remaining_percent: session, resets_at: noon },
        weekly: { remaining_percent: weekly, resets_at: '2026-11-30T00:00:00Z' },
      },
      purchased: { balance_usd: purchased },
    })
    const table: [Json, AccountNews['capacity']][] = [
      [credit(72.5, 0), { lane: 'all', left: true }],
      [credit(0, 25), { lane: 'all', left: true }],
      [credit(0, 0), { lane: 'all', left: false, why: 'the credit is spent', until }],
      [
        { included: null, purchased: { balance_usd: 0 } },
        { lane: 'all', left: false, why: 'the credit is spent' },
      ],
      [windows(75, 40), { lane: 'all', left: true }],
      [windows(0, 40), { lane: 'all', left: false, why: 'the plan’s included use is spent', until }],
      [
        windows(0, 0),
        { lane: 'all', left: false, why: 'the plan’s included use is spent', until: Date.UTC(2026, 10, 30) },
      ],
      [windows(0, 0, 5), { lane: 'all', left: true }],
      [{}, undefined],
      ['nonsense', undefined],
    ]
    for (const [balance, expected] of table) assert.deepEqual((await read({}, balance)).capacity, expected)
  })
})

describe('price', () => {
  const price = (...call: Parameters<typeof costOf>): number | undefined => costOf(...call)?.nanoUsd
  const monday = Date.parse('2026-11-23T15:00:00Z')
  const usage = { input: 1_000_000, output: 1_000_000, cached: 400_000 }

  it('agrees with the sample of the usage documentation', () => {
    // 106,000 input tokens of which 46,000 cached, 13,600 output: $0.01718 (docs: https://docs.ollama.com/api/usage).
    assert.equal(
      price('glm-5.3-flash', { input: 106_000, cached: 46_000, output: 13_600 }, monday),
      17_180_000,
    )
  })

  it('counts the cached part apart, at the input price when it has none of its own', () => {
    assert.equal(price('gemma4:31b', usage, monday), 600_000 * 140 + 400_000 * 50 + 1_000_000 * 400)
    assert.equal(price('nemotron-3-nano:30b', usage, monday), 1_000_000 * 60 + 1_000_000 * 240)
    assert.equal(price('gemma4:31b', { input: 10, output: 0, cached: 99 }, monday), 10 * 50)
  })

  it('finds a family by the name before the tag, and tells sizes apart', () => {
    assert.deepEqual(priceOf('deepseek-v4-pro:0813'), priceOf('deepseek-v4-pro'))
    assert.deepEqual(priceOf('kimi-k3:cloud'), priceOf('kimi-k3'))
    assert.notDeepEqual(priceOf('gpt-oss:20b'), priceOf('gpt-oss:120b'))
    assert.equal(priceOf('gpt-oss'), undefined)
    assert.equal(price('nobody-knows', usage, monday), undefined)
  })

  it('doubles for deepseek-v4 on weekdays from 12 to 18 UTC', () => {
    const base = price('deepseek-v4-pro', usage, Date.parse('2026-11-23T11:59:59.999Z')) ?? 0
    const at = (time: string) => (price('deepseek-v4-pro:0813', usage, Date.parse(time)) ?? 0) / base
    assert.deepEqual(
      [
        '2026-11-23T12:00:00Z',
        '2026-11-27T17:59:59.999Z',
        '2026-11-27T18:00:00Z',
        '2026-11-28T15:00:00Z',
      ].map(at),
      [2, 2, 1, 1],
    )
    assert.equal(at('2026-11-29T15:00:00Z'), 1)
    const flash = (hour: number) => price('deepseek-v4.1-flash', usage, Date.UTC(2026, 10, 23, hour))
    assert.equal(flash(15), flash(3))
  })

  it('refuses token counts that are none', () => {
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e308]) {
      assert.equal(price('gemma4:31b', { input: bad, output: 1 }, monday), undefined)
      assert.equal(price('gemma4:31b', { input: 1, output: bad }, monday), undefined)
      if (bad < 1) assert.equal(price('gemma4:31b', { input: 1, output: 1, cached: bad }, monday), undefined)
    }
  })

  it('is dated', () => assert.match(priceVersion, /^\d{4}-\d\d-\d\d$/))
})
