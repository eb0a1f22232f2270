import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, test } from 'node:test'
import {
  ConfigError,
  createRouter,
  isRouterError,
  ProviderError,
  QuotaExhaustedError,
  RequestError,
  type RouterOptions,
} from '../../src/index.ts'
import { type LibraryStand, noHome, openLibrary } from '../support/library-stand.ts'

let stand: LibraryStand
before(async () => (stand = await openLibrary()))
after(() => stand[Symbol.asyncDispose]())

test('requests that cannot be are refused before any call', async () => {
  const counted = stand.simulator.counters()
  const wrong: readonly (readonly [() => Promise<unknown>, string, string])[] = [
    [() => stand.router.chat([]), 'invalid_request', 'messages'],
    [() => stand.router.chat([{ role: 'usr', content: 'x' }]), 'invalid_request', 'messages[0].role'],
    [() => stand.router.chat('x', { model: 'gpt-oss:12b' }), 'model_not_found', 'model'],
    [
      () => stand.router.chat('x', { temperature: Number.NaN, maxTokens: 'many' as never }),
      'invalid_request',
      'max_tokens',
    ],
    [() => stand.router.chat(7 as never), 'invalid_request', 'messages'],
  ]
  for (const [call, code, param] of wrong) {
    await assert.rejects(call(), (error: RequestError) => {
      assert.ok(error instanceof RequestError, String(error))
      assert.deepEqual([error.code, error.param], [code, param])
      return true
    })
  }
  assert.deepEqual(stand.simulator.counters(), counted)
})

test('when every pool is spent, the error says when the first one returns', async () => {
  await using own = await openLibrary({ openrouter: { accounts: [{ perDay: 1 }] } })
  const only = createRouter({
    environment: {},
    home: noHome,
    keys: { openrouter: own.simulator.keys.openrouter },
    baseUrls: { openrouter: own.simulator.openrouterUrl },
    store: 'memory',
    clock: own.clock,
  })
  await using _ = only
  await only.chat('Hello')
  await assert.rejects(only.chat('Hello'), (error: QuotaExhaustedError) => {
    assert.ok(error instanceof QuotaExhaustedError && error instanceof ProviderError && isRouterError(error))
    assert.equal(error.code, 'quota_exhausted')
    assert.equal(error.availableAt?.toISOString(), '2026-11-24T00:00:00.000Z')
    assert.deepEqual(
      error.pools.map(({ provider }) => provider),
      ['openrouter'],
    )
    return true
  })
  own.clock.set(Date.UTC(2026, 10, 24, 0, 0, 1))
  assert.equal((await only.chat('Hello')).provider, 'openrouter')
})

test('a provider that fails is a ProviderError with its name and status', async () => {
  await using own = await openLibrary()
  for (const provider of ['openrouter', 'ollama'] as const)
    own.simulator.addFault({ provider, kind: 'error-5xx', status: 503, times: 'always' })
  await assert.rejects(own.router.chat('Hello'), (error: ProviderError) => {
    assert.ok(error instanceof ProviderError && !(error instanceof QuotaExhaustedError))
    assert.ok(['openrouter', 'ollama'].includes(error.provider ?? ''))
    assert.equal(error.upstreamStatus, 503)
    return true
  })
})

test('wrong options are a ConfigError before anything is opened', () => {
  const options: readonly RouterOptions[] = [
    { keys: { opnrouter: ['x'] } },
    { keys: { openrouter: ['two words'] } },
    { keys: { openrouter: [''] } },
    {
      keys: {
        openrouter: [
          { name: 'a', key: 'one' },
          { name: 'a', key: 'two' },
        ],
      },
    },
    { baseUrls: { openrouter: 'not an address' } },
    { baseUrls: { openrouter: 'https://me:secret@openrouter.ai' } },
    { configFile: '/nowhere/switchyard.yaml' },
  ]
  for (const each of options) {
    assert.throws(
      () => createRouter({ environment: {}, home: noHome, ...each }),
      (error: Error) => {
        assert.ok(error instanceof ConfigError, JSON.stringify(each))
        return true
      },
    )
  }
})

test('the same key given twice is one key', async () => {
  await using own = await openLibrary()
  const [key = ''] = own.simulator.keys.openrouter
  await using router = createRouter({
    environment: {},
    home: noHome,
    keys: { openrouter: [key, { key, name: 'again' }] },
    baseUrls: { openrouter: own.simulator.openrouterUrl },
    store: 'memory',
  })
  const { providers } = await router.getStatus()
  assert.deepEqual(
    providers[0]?.accounts.flatMap(({ keys }) => keys.map(({ name }) => name)),
    ['openrouter-1'],
  )
})

test('closing twice is closing once; afterwards calls are refused; memory leaves nothing behind', async () => {
  await using own = await openLibrary()
  await own.router.chat('Hello')
  await Promise.all([own.router.close(), own.router.close()])
  await assert.rejects(
    own.router.chat('Hello'),
    (error: Error) => isRouterError(error) && error.code === 'closed',
  )
  assert.equal(existsSync(noHome), false)
})
