import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMovableClock } from '../clock.ts'
import { providers } from '../providers/index.ts'
import type { ModelInfo } from '../providers/provider.ts'
import { Secret } from '../secret.ts'
import { openPolicy } from './policy.ts'
import { type PlanRequest, previewOf, type RoutePlan } from './preview.ts'
import { defaultRouting } from './settings.ts'
import { Spending } from './spending.ts'
import { createUpstream, type Upstream } from './upstream.ts'

const noon = Date.UTC(2026, 10, 23, 12)
const clock = createMovableClock({ start: noon })
const ports = { clock, random: () => 0, holds: { hold: () => {}, release: () => {} } }
const [freeLane, paidLane] = providers
assert.ok(freeLane?.lane === 'free' && paidLane?.lane === 'paid')

/** Both services with a key each; `readings`: what the free one lists, reading after reading. */
async function upstreams(
  readings: readonly (readonly ModelInfo[])[] = [],
  keyless: readonly string[] = [],
): Promise<Upstream[]> {
  const list = [...readings]
  return Promise.all(
    providers.map(async (provider) => {
      const listing = { ...provider, models: async () => list.shift() ?? [] }
      const keys = keyless.includes(provider.name) ? [] : [{ name: 'KEY', secret: new Secret('secret') }]
      const upstream = createUpstream({ provider: listing, baseUrl: provider.baseUrl, keys }, ports)
      if (provider.name === freeLane?.name)
        for (const _ of readings) await upstream.catalogue.read(async () => null, noon)
      return upstream
    }),
  )
}

function preview(all: readonly Upstream[], request: PlanRequest, aliases = {}): RoutePlan {
  const routing = { ...defaultRouting, aliases }
  return previewOf(all, request, { clock, routing, policy: openPolicy, spending: new Spending([], clock) })
}

test('a place that has no path for the kind of a request is refused in words, and has no accounts to show', async () => {
  const { name = '', title = '' } = paidLane ?? {}
  const request = { model: 'gpt-oss:120b', kind: 'embeddings', provider: name } as const
  const plan = preview(await upstreams(), request)
  const [only] = plan.candidates
  assert.deepEqual([only?.usable, only?.accounts], [false, []])
  assert.equal(only?.obstacle?.why, `${title} has no embeddings, so it cannot serve "gpt-oss:120b"`)
  assert.equal(plan.refusal?.code, 'invalid_request')
  assert.equal(plan.assumed.outputTokens, 0)
})

test('a free model that has a price now is why nothing is called', async () => {
  const was = { id: 'acme/gift:free', free: true }
  const all = await upstreams([[was], [{ ...was, free: false, price: { input: 1, output: 1 } }]])
  const plan = preview(all, { model: was.id })
  assert.deepEqual([plan.candidates, plan.next, plan.refusal?.code], [[], undefined, 'model_not_found'])
  assert.match(plan.refusal?.message ?? '', /is listed with a price now/)
})

test('who has no key is passed over and says which variable to set; an alias is told with its model', async () => {
  const { name = '', environment } = freeLane ?? {}
  const plan = preview(await upstreams([], [name]), { model: 'mine' }, { mine: 'auto' })
  assert.deepEqual([plan.asked, plan.model, plan.candidates.length], ['mine', 'auto', 1])
  assert.deepEqual(plan.next?.provider, paidLane?.name)
  assert.deepEqual(
    plan.skipped.map(({ provider, kind }) => [provider, kind]),
    [[name, 'no-keys']],
  )
  assert.match(plan.skipped[0]?.why ?? '', new RegExp(environment?.key ?? '-'))
})

test('a key whose own cap is used up says so, with the cap', async () => {
  const all = await upstreams()
  const { pool } = all.find(({ provider }) => provider.name === freeLane?.name) ?? {}
  const [credential] = pool?.accounts[0]?.keys ?? []
  assert.ok(credential !== undefined)
  const cap = { max: 5e9, left: 0, window: 'day' as const }
  pool?.hear([{ credential, news: { limits: [], key: { cap } } }])
  const [paid] = preview(all, { model: 'acme/dear' }).candidates
  const [key] = paid?.accounts[0]?.keys ?? []
  assert.deepEqual([paid?.usable, key?.usable, key?.obstacle?.kind], [false, false, 'quota'])
  assert.deepEqual(key?.cap, { usd: 5, leftUsd: 0, resetsAt: '2026-11-24T00:00:00.000Z' })
  assert.equal(preview(all, { model: 'acme/gift:free' }).candidates[0]?.usable, true)
})

test('needs that the list does not name are told, and a price with its size', async () => {
  const listed = {
    id: 'acme/plain',
    free: false,
    capabilities: ['tools'] as const,
    price: { input: 150, output: 600 },
  }
  const plan = preview(await upstreams([[listed]]), {
    model: listed.id,
    needs: ['tools', 'images'],
    inputTokens: 100,
  })
  const [only] = plan.candidates
  assert.deepEqual(only?.lacks, ['images'])
  assert.deepEqual(only.price, { inputUsd: 0.15, outputUsd: 0.6, source: 'listed' })
  // Under a ceiling every byte of the request is held as a token.
  assert.equal(only.mostUsd, (400 * 150 + 8192 * 600) / 1e9)
})
