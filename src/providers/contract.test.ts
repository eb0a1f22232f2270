import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Capability, DialectName } from '../chat/types.ts'
import { faultPolicy } from './faults.ts'
import { providers } from './index.ts'
import type { FaultRule, FaultScope, RestUntil } from './provider.ts'

const dialects: readonly DialectName[] = [
  'openai-chat',
  'openai-responses',
  'anthropic',
  'ollama',
  'openai-embeddings',
  'ollama-embed',
]
const capabilities: readonly Capability[] = ['tools', 'images', 'structured-output', 'reasoning']
const scopes: readonly FaultScope[] = ['request', 'key', 'account', 'account-model', 'model', 'provider']
const ends: readonly RestUntil[] = [
  'next-minute',
  'next-day',
  'next-5h',
  'next-monday',
  'next-month',
  'released',
  'short',
  'hour',
]

/** What is wrong with a rule, in words; empty when nothing is. */
function problems(rule: FaultRule, limits: readonly string[]): readonly string[] {
  const { retry } = faultPolicy[rule.kind] ?? {}
  return [
    ...(retry === undefined ? [`unknown kind ${rule.kind}`] : []),
    ...(scopes.includes(rule.scope) ? [] : [`unknown scope ${rule.scope}`]),
    ...(rule.rests === undefined || ends.includes(rule.rests) ? [] : [`unknown end ${rule.rests}`]),
    ...(retry === false && rule.scope !== 'request' ? ['rests somebody for a fault of the request'] : []),
    ...((rule.scope === 'request') === (rule.rests === undefined) ? [] : ['rest and scope do not fit']),
    ...(rule.limit === undefined || limits.includes(rule.limit) ? [] : [`unknown limit ${rule.limit}`]),
    // A global or sticky expression remembers where it stopped and would match every other time.
    ...(rule.message?.global || rule.message?.sticky ? ['expression with a memory'] : []),
  ]
}

describe('providers', () => {
  it('have names of their own, found by name', () => {
    const names = providers.map((provider) => provider.name)
    assert.equal(new Set(names).size, names.length)
  })

  it('share no environment variable', () => {
    const variables = providers.flatMap(({ environment }) => [environment.key, environment.baseUrl])
    assert.equal(new Set(variables).size, variables.length)
    for (const variable of variables) assert.match(variable, /^[A-Z][A-Z_]+[A-Z]$/)
  })

  it('notices a bad rule (negative control)', () => {
    const good: FaultRule = { id: 'x', kind: 'rate', scope: 'account', rests: 'short', limit: 'day' }
    assert.deepEqual(problems(good, ['day']), [])
    assert.equal(problems(good, []).length, 1)
    assert.equal(problems({ ...good, message: /x/g }, ['day']).length, 1)
    assert.equal(problems({ ...good, kind: 'filtered' }, ['day']).length, 1)
    assert.equal(problems({ ...good, scope: 'request' }, ['day']).length, 1)
  })
})

for (const provider of providers) {
  describe(`provider ${provider.name}`, () => {
    it('speaks known dialects over https, at paths of its own', () => {
      const url = new URL(provider.baseUrl)
      assert.equal(url.protocol, 'https:')
      assert.ok(!provider.baseUrl.endsWith('/') && url.search === '')
      const spoken = Object.entries(provider.speaks)
      assert.ok(spoken.length > 0)
      for (const [dialect, { path }] of spoken) {
        assert.ok(dialects.includes(dialect as DialectName))
        assert.match(path, /^\/[a-z/-]+[a-z]$/)
      }
    })

    it('puts the key into headers with lower-case names, and nowhere else', () => {
      const headers = provider.authorize('the-secret')
      assert.ok(Object.values(headers).some((value) => value.includes('the-secret')))
      for (const name of Object.keys(headers)) assert.match(name, /^[a-z-]+$/)
      assert.ok(!provider.baseUrl.includes('the-secret'))
    })

    it('has sound fault rules with names of their own', () => {
      const limits = provider.limits.map((limit) => limit.name)
      const ids = provider.faultRules.map((rule) => rule.id)
      assert.deepEqual(ids.toSorted(), [...new Set(ids)].toSorted())
      for (const rule of provider.faultRules) {
        assert.match(rule.id, /^[a-z0-9-]+$/)
        assert.deepEqual(problems(rule, limits), [], rule.id)
      }
    })

    it('has limits with names of their own', () => {
      const names = provider.limits.map((limit) => limit.name)
      assert.equal(new Set(names).size, names.length)
      for (const { max } of provider.limits)
        assert.ok(max === undefined || (Number.isInteger(max) && max > 0))
    })

    it('names an automatic model for every set of needs, and claims it', () => {
      for (let bits = 0; bits < 2 ** capabilities.length; bits++) {
        const needs = capabilities.filter((_, index) => (bits >> index) % 2 === 1)
        const ask = { needs: () => needs, inputTokens: 100, catalogue: [], now: 0, trouble: () => 0 }
        for (const choose of Object.values(provider.auto)) {
          const { model } = choose(ask)
          assert.ok(provider.claims(model), model)
          assert.equal(provider.upstreamModel(model), model)
        }
      }
    })

    it('reads model names the same way twice', () => {
      for (const model of [' a/b:free ', 'kimi-k3:cloud', 'gpt-oss:120b-cloud', 'x', 'glm-5.3']) {
        const once = provider.upstreamModel(model)
        assert.equal(provider.upstreamModel(once), once)
        assert.equal(once, once.trim())
      }
    })

    it('reads any error body without throwing', () => {
      for (const text of ['', 'null', '[]', '7', '"x"', '{', '{"error":null}', '{"error":[]}', '<html>']) {
        const failure = provider.readFailure({ status: 500, headers: {}, text }, 0)
        assert.equal(failure.status, 500)
      }
    })

    it('reads a strange catalogue and account as empty ones', async () => {
      for (const answer of [
        null,
        [],
        'x',
        7,
        {},
        { data: 1, models: 1 },
        { data: [null, 1, {}], models: [null, {}] },
      ]) {
        assert.deepEqual(await provider.models?.(async () => answer, []), [])
        assert.deepEqual(await provider.account?.(async () => answer), { limits: [] })
      }
    })

    it('prices in whole nano-dollars, or not at all', () => {
      const usage = { input: 1001, output: 77, cached: 13 }
      const models = ['gemma4:31b', 'deepseek-v4-pro:0813', 'a/b', 'nobody-knows']
      for (const model of models) {
        const nanoUsd = provider.price?.(model, usage, 0)?.nanoUsd
        assert.ok(nanoUsd === undefined || (Number.isSafeInteger(nanoUsd) && nanoUsd > 0))
      }
    })
  })
}
