import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestKind } from '../chat/types.ts'
import { createMovableClock } from '../clock.ts'
import type { ModelInfo } from '../providers/provider.ts'
import { providers } from '../providers/index.ts'
import { Secret } from '../secret.ts'
import { nearNames } from './catalogue.ts'
import { plan } from './plan.ts'
import { RetryBudget } from './retry-budget.ts'
import { createUpstream, type Upstream } from './upstream.ts'

const ports = {
  clock: createMovableClock({ start: 0 }),
  random: () => 0,
  holds: { hold: () => {}, release: () => {} },
}

/** One upstream per provider; `listed` gives the names their catalogues hold, `keyless` who has no key. */
async function upstreams(
  listed: Record<string, readonly string[]> = {},
  keyless: readonly string[] = [],
): Promise<Upstream[]> {
  return Promise.all(
    providers.map(async (provider) => {
      const models = (listed[provider.name] ?? []).map((id): ModelInfo => ({
        id,
        free: id.endsWith(':free'),
      }))
      const listing = { ...provider, models: async () => models }
      const keys = keyless.includes(provider.name) ? [] : [{ name: 'KEY', secret: new Secret('secret') }]
      const upstream = createUpstream({ provider: listing, baseUrl: provider.baseUrl, keys }, ports)
      if (models.length > 0) await upstream.catalogue.read(async () => null, 0)
      return upstream
    }),
  )
}

function routes(
  all: readonly Upstream[],
  model: string,
  preferProvider?: string,
  kind: RequestKind = 'chat',
): string[] {
  const ask = {
    model,
    kind,
    needs: () => [],
    inputTokens: 10,
    now: 0,
    freeOnly: false,
    ...(preferProvider === undefined ? {} : { preferProvider }),
  }
  return [...plan(all, ask)].map(
    (each) => `${each.upstream.provider.name} ${each.model}${each.free ? ' free' : ''}`,
  )
}

test('auto goes through the free lane, then the paid one; a preferred provider goes first', async () => {
  const all = await upstreams()
  assert.deepEqual(routes(all, 'auto'), ['openrouter openrouter/free free', 'ollama gemma4:31b'])
  assert.deepEqual(routes(all, 'auto', 'ollama'), ['ollama gemma4:31b', 'openrouter openrouter/free free'])
})

test('auto leaves out providers without a key, and says what to set when none has one', async () => {
  assert.deepEqual(routes(await upstreams({}, ['openrouter']), 'auto'), ['ollama gemma4:31b'])
  const none = await upstreams({}, ['openrouter', 'ollama'])
  assert.throws(() => routes(none, 'auto'), /set OPENROUTER_API_KEY .* or set OLLAMA_API_KEY/)
})

test('without catalogues a name goes where names like it belong', async () => {
  const all = await upstreams()
  const families =
    'kimi-k3 deepseek-v4-flash cogito-2.1:671b qwen3-coder:480b ministral-3:8b nemotron-3-ultra gemma4:31b glm-5.3 devstral-2:123b gpt-oss:20b minimax-m3'
  for (const model of families.split(' ')) assert.deepEqual(routes(all, model), [`ollama ${model}`])
  assert.deepEqual(routes(all, 'kimi-k3:cloud'), ['ollama kimi-k3'])
  assert.deepEqual(routes(all, 'vendor/model'), ['openrouter vendor/model'])
  assert.deepEqual(routes(all, 'vendor/model:free'), ['openrouter vendor/model:free free'])
})

test('the live catalogue wins over the name', async () => {
  const all = await upstreams({ openrouter: ['gpt-oss:20b'], ollama: ['odd/name', 'kimi-k3:cloud'] })
  assert.deepEqual(routes(all, 'gpt-oss:20b'), ['openrouter gpt-oss:20b'])
  assert.deepEqual(routes(all, 'odd/name'), ['ollama odd/name'])
  assert.deepEqual(routes(all, 'kimi-k3:cloud'), ['ollama kimi-k3:cloud'])
})

test('a named model is never replaced: an unknown one is refused with near names', async () => {
  const all = await upstreams({
    openrouter: ['vendor/model', 'vendor/model:free'],
    ollama: ['gpt-oss:120b', 'gpt-oss:20b'],
  })
  assert.throws(() => routes(all, 'gpt-oss:12b'), {
    code: 'model_not_found',
    message: /did you mean "gpt-oss:120b"/,
  })
  assert.throws(() => routes(all, 'vendor/modle'), /did you mean "vendor\/model"/)
  assert.throws(() => routes(all, 'zzzzzz'), /use "auto", "vendor\/model", or a name from/)
})

test('names that the service makes out by itself pass though no list holds them', async () => {
  const all = await upstreams({ openrouter: ['vendor/model'] })
  assert.deepEqual(routes(all, 'vendor/model:nitro'), ['openrouter vendor/model:nitro'])
})

test('a name and the same with the tag latest are one model, as somebody lists it', async () => {
  const all = await upstreams({ openrouter: ['vendor/model'], ollama: ['llama3:latest', 'kimi-k3'] })
  for (const name of ['llama3', 'llama3:latest'])
    assert.deepEqual(routes(all, name), ['ollama llama3:latest'])
  for (const name of ['kimi-k3', 'kimi-k3:latest']) assert.deepEqual(routes(all, name), ['ollama kimi-k3'])
  assert.deepEqual(routes(all, 'vendor/model:latest'), ['openrouter vendor/model'])
  assert.deepEqual(routes(all, 'auto:latest'), routes(all, 'auto'))
  assert.throws(() => routes(all, 'llama3:8b'), { code: 'model_not_found' })
  // Before any list has been read.
  assert.deepEqual(routes(await upstreams(), 'glm-5.3:latest'), ['ollama glm-5.3'])
})

test('embeddings go where they are spoken, though the list holds chat models only', async () => {
  const all = await upstreams({ openrouter: ['vendor/model'], ollama: ['gpt-oss:20b'] })
  const embeds = (model: string, prefer?: string): string[] => routes(all, model, prefer, 'embeddings')
  assert.deepEqual(embeds('openai/text-embedding-3-small'), ['openrouter openai/text-embedding-3-small'])
  assert.deepEqual(embeds('nvidia/embed:free'), ['openrouter nvidia/embed:free free'])
  // Not weakened for chat.
  assert.throws(() => routes(all, 'openai/text-embedding-3-small'), { code: 'model_not_found' })
  // The hosted service has none and says so when its turn comes.
  assert.deepEqual(embeds('gpt-oss:20b'), ['ollama gpt-oss:20b'])
  assert.throws(() => embeds('text-embedding-3-small'), { code: 'model_not_found' })
  for (const model of ['auto', 'auto:latest'])
    assert.throws(() => embeds(model), { code: 'invalid_request', message: /name one in 'model'/ })
})

test('a preferred provider takes a named model alone, and must exist', async () => {
  const all = await upstreams()
  assert.deepEqual(routes(all, 'gpt-oss:20b', 'openrouter'), ['openrouter gpt-oss:20b'])
  assert.throws(
    () => routes(all, 'auto', 'nobody'),
    /there is no provider "nobody"; known: "openrouter", "ollama"/,
  )
})

test('a model of a provider without a key says which variable to set', async () => {
  const all = await upstreams({}, ['openrouter'])
  assert.throws(() => routes(all, 'vendor/model'), { code: 'unavailable', message: /OPENROUTER_API_KEY/ })
})

test('near names: the likeliest first, none when nothing is alike', () => {
  assert.deepEqual(nearNames('llama3', ['meta/llama-3', 'kimi-k3', 'a/b']), ['meta/llama-3'])
  assert.deepEqual(nearNames('xyzzy', ['meta/llama-3']), [])
})

test('the retry budget bounds what retries add, earns with traffic and time, and takes nothing it cannot give', () => {
  const clock = createMovableClock({ start: 0 })
  const budget = new RetryBudget(clock)
  let retries = 0
  for (let request = 0; request < 1000; request++) {
    budget.deposit()
    while (budget.tryWithdraw(1)) retries++
  }
  assert.ok(retries <= 220 && retries >= 200, `${retries}`)
  assert.equal(budget.tryWithdraw(0), true)
  clock.advance(3000)
  budget.deposit()
  let earned = 0
  while (budget.tryWithdraw(1)) earned++
  assert.ok(earned === 3 || earned === 4, `${earned}`)
})
