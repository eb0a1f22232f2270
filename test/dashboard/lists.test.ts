import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { chosen, filterOf } from '../../dashboard/src/pages/models/filter.ts'
import { fits, keyFilterOf, keyRows } from '../../dashboard/src/pages/keys/key-row.ts'
import type { PricedModel } from '../../src/routing/listing.ts'
import type { ProviderStatus } from '../../src/routing/status.ts'

const query = fc.dictionary(
  fc.constantFrom('q', 'free', 'provider', 'needs', 'sort', 'state', 'other'),
  fc.oneof(fc.string(), fc.constantFrom('1', 'a', 'tools', 'tools,json', 'price', 'context', 'resting')),
)
const model: fc.Arbitrary<PricedModel> = fc
  .record({
    id: fc.stringMatching(/^[a-c/]{1,6}$/),
    provider: fc.constantFrom('a', 'b'),
    lane: fc.constantFrom('free', 'included', 'paid'),
    capabilities: fc.option(fc.subarray(['tools', 'images', 'structured-output'] as const), { nil: null }),
    contextTokens: fc.option(fc.nat(), { nil: null }),
    price: fc.option(fc.record({ input: fc.nat(), output: fc.nat() }), { nil: null }),
  })
  .map(({ capabilities, contextTokens, price, ...rest }) => ({
    ...rest,
    free: rest.lane === 'free',
    ...(capabilities === null ? {} : { capabilities }),
    ...(contextTokens === null ? {} : { contextTokens }),
    ...(price === null ? {} : { price }),
  }))

test('whatever the address says, models are chosen from the list, each once, and those that fit', () => {
  fc.assert(
    fc.property(fc.array(model), query, (models, asked) => {
      const filter = filterOf(asked)
      const found = chosen(models, filter)
      const fit = models.filter(
        ({ id, free, provider, capabilities }) =>
          (asked['q'] ?? '')
            .toLowerCase()
            .split(/\s+/)
            .every((word) => id.includes(word)) &&
          (asked['free'] !== '1' || free) &&
          [undefined, '', provider].includes(asked['provider']) &&
          filter.needs.every((need) => capabilities?.includes(need)),
      )
      assert.equal(found.length, fit.length)
      assert.deepEqual(new Set(found), new Set(fit))
    }),
  )
})

test('by price: what is free, then prices from low to high, then what a plan pays for, then what nobody knows', () => {
  const rank = ({ lane, price }: PricedModel): number => {
    if (lane === 'free') return -1
    if (lane === 'included') return Number.MAX_SAFE_INTEGER - 1
    return price === undefined ? Number.MAX_SAFE_INTEGER : price.input + price.output
  }
  // A price above a dollar a token is not one.
  const sane = model.filter(({ price }) => price === undefined || price.input + price.output < 1e9)
  fc.assert(
    fc.property(fc.array(sane), (models) => {
      const ranks = chosen(models, filterOf({ sort: 'price' })).map(rank)
      assert.deepEqual(
        ranks,
        ranks.toSorted((left, right) => left - right),
      )
    }),
  )
})

const today = { requests: 0, failed: 0, inputTokens: 0, outputTokens: 0, usd: 0, unpriced: 0 }
const cooldown = { kind: 'quota', why: 'spent', until: '2026-11-24T00:00:00.000Z' }
const rest = fc.constantFrom(undefined, cooldown)
const key = fc
  .record({ disabled: fc.boolean(), rest, inFlight: fc.nat(2), failed: fc.nat(1) })
  .map(({ disabled, rest: own, inFlight, failed }) => ({
    name: 'work',
    masked: 'sk-…',
    inFlight,
    disabled,
    ...(own === undefined ? {} : { cooldown: own }),
    today: { ...today, failed },
  }))
const provider: fc.Arbitrary<ProviderStatus> = fc
  .record({
    rest,
    accounts: fc.array(fc.record({ rest, keys: fc.array(key, { maxLength: 3 }) }), { maxLength: 3 }),
  })
  .map(({ rest: own, accounts }) => ({
    name: 'a',
    title: 'A',
    endpoint: '',
    lane: 'free',
    health: 'ok',
    ...(own === undefined ? {} : { cooldown: own }),
    drift: [],
    restingModels: [],
    forecast: [],
    accounts: accounts.map(({ rest: theirs, keys }, index) => ({
      id: `account-${index}`,
      inFlight: 0,
      windows: [],
      cooldowns: theirs === undefined ? [] : [theirs],
      restingModels: [],
      keys,
    })),
  }))

test('every key is one row, in exactly one state: disabled, else resting with whatever it hangs on, else ready', () => {
  fc.assert(
    fc.property(provider, (each) => {
      const rows = keyRows([each])
      const keys = each.accounts.flatMap((account) => account.keys.map((own) => ({ account, own })))
      const resting = ({ account, own }: (typeof keys)[number]): boolean =>
        [each.cooldown, own.cooldown, ...account.cooldowns].some((found) => found !== undefined)
      assert.deepEqual(
        rows.map(({ state }) => state),
        keys.map((found) => (found.own.disabled ? 'disabled' : resting(found) ? 'resting' : 'ready')),
      )
      const shown = (state: string): number => rows.filter((row) => fits(row, keyFilterOf({ state }))).length
      assert.equal(shown('ready') + shown('resting') + shown('disabled'), rows.length)
      assert.equal(shown('anything else'), rows.length)
      assert.equal(shown('failed'), keys.filter(({ own }) => own.today.failed > 0).length)
    }),
  )
})
