import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Capability } from '../../chat/types.ts'
import type { AutoAsk, ModelInfo } from '../provider.ts'
import { chooseBest, chooseRouter } from './auto.ts'

const noon = Date.UTC(2026, 10, 23, 12)

function model(id: string, facts: Partial<ModelInfo> = {}): ModelInfo {
  return { id, free: true, capabilities: [], contextTokens: 100_000, ...facts }
}

/** `troubles`: failures by model; a model that rests is named with undefined. */
function choose(
  catalogue: readonly ModelInfo[],
  facts: Partial<Pick<AutoAsk, 'inputTokens'>> & {
    readonly needs?: readonly Capability[]
    readonly troubles?: Readonly<Record<string, number | undefined>>
  } = {},
): readonly string[] {
  const { needs = [], troubles = {}, inputTokens = 100 } = facts
  const { model: first, others = [] } = chooseBest({
    needs: () => needs,
    inputTokens,
    catalogue,
    now: noon,
    trouble: (id) => (id in troubles ? troubles[id] : 0),
  })
  return [first, ...others]
}

const router = [chooseRouter().model]

test('the largest contexts first, three at the most; equal ones by name', () => {
  const catalogue = [
    model('v/small', { contextTokens: 10_000 }),
    model('v/b'),
    model('v/a'),
    model('v/large', { contextTokens: 900_000 }),
  ]
  assert.deepEqual(choose(catalogue), ['v/large', 'v/a', 'v/b'])
})

test('what costs money, is no chat model, picks a model itself or has expired is never chosen', () => {
  const catalogue = [
    model('v/paid', { free: false }),
    model('openrouter/free'),
    model('openrouter/auto'),
    model('nvidia/nemotron-3.5-content-safety:free'),
    model('v/llama-guard:free'),
    model('v/embed-large:free'),
    model('v/tts-1:free'),
    model('v/whisper-large:free'),
    model('v/gone:free', { expiresAt: noon }),
  ]
  assert.deepEqual(choose(catalogue), router)
  // Negative control: names that only look like those, and an end still to come.
  const kept = ['v/soon:free', 'v/attst:free']
  assert.deepEqual(
    choose([model('v/soon:free', { expiresAt: noon + 1 }), model('v/attst:free')]).toSorted(),
    kept.toSorted(),
  )
})

test('a model must be known to do all that the request needs', () => {
  const catalogue = [
    model('v/unknown', { contextTokens: 900_000 }),
    model('v/tools', { capabilities: ['tools'] }),
    model('v/both', { capabilities: ['tools', 'images'], contextTokens: 50_000 }),
  ]
  assert.deepEqual(choose(catalogue, { needs: ['tools'] }), ['v/tools', 'v/both'])
  assert.deepEqual(choose(catalogue, { needs: ['tools', 'images'] }), ['v/both'])
  assert.deepEqual(choose(catalogue, { needs: ['structured-output'] }), router)
  const { capabilities: _, ...silent } = model('v/silent')
  assert.deepEqual(choose([silent], { needs: ['tools'] }), router)
  assert.deepEqual(choose([silent]), ['v/silent'])
})

test('request and answer must fit into the context', () => {
  const catalogue = [model('v/m', { contextTokens: 8192 })]
  assert.deepEqual(choose(catalogue, { inputTokens: 4096 }), ['v/m'])
  assert.deepEqual(choose(catalogue, { inputTokens: 4097 }), router)
})

test('a model that rests is passed over, one that failed lately comes after those that answered', () => {
  const catalogue = [
    model('v/a', { contextTokens: 900_000 }),
    model('v/b', { contextTokens: 800_000 }),
    model('v/c'),
  ]
  assert.deepEqual(choose(catalogue, { troubles: { 'v/a': undefined } }), ['v/b', 'v/c'])
  assert.deepEqual(choose(catalogue, { troubles: { 'v/a': 2, 'v/b': 1 } }), ['v/c', 'v/b', 'v/a'])
  assert.deepEqual(
    choose(catalogue, { troubles: { 'v/a': undefined, 'v/b': undefined, 'v/c': undefined } }),
    router,
  )
})

test('nothing read yet: the router', () => assert.deepEqual(choose([]), router))

const capability = fc.constantFrom<Capability>('tools', 'images', 'structured-output', 'reasoning')
const anyModel: fc.Arbitrary<ModelInfo> = fc.record({
  id: fc.constantFrom('v/a:free', 'v/b', 'v/c:free', 'v/guard', 'openrouter/free', 'openrouter/auto', 'w/d'),
  free: fc.boolean(),
  capabilities: fc.uniqueArray(capability),
  contextTokens: fc.integer({ min: 1, max: 20_000 }),
  expiresAt: fc.integer({ min: noon - 5, max: noon + 5 }),
})

test('property: whatever is listed, all that is chosen is free, able, large enough and not resting, and never more than three', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anyModel, { selector: ({ id }) => id }),
      fc.uniqueArray(capability),
      fc.integer({ min: 0, max: 20_000 }),
      fc.constantFrom('v/a:free', 'v/b', 'none'),
      (catalogue, needs, inputTokens, resting) => {
        const chosen = choose(catalogue, { needs, inputTokens, troubles: { [resting]: undefined } })
        assert.ok(chosen.length >= 1 && chosen.length <= 3)
        assert.equal(new Set(chosen).size, chosen.length)
        if (chosen[0] === router[0]) return assert.equal(chosen.length, 1)
        for (const id of chosen) {
          const info = catalogue.find((each) => each.id === id)
          assert.ok(info?.free && id !== resting && !id.includes('guard') && (info.expiresAt ?? 0) > noon)
          assert.ok(needs.every((need) => info.capabilities?.includes(need)))
          assert.ok((info.contextTokens ?? 0) >= inputTokens)
        }
      },
    ),
  )
})
