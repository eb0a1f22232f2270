import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { Json } from '../chat/types.ts'
import { createCompatible } from './compatible/index.ts'
import { judge } from './faults.ts'
import { providers } from './index.ts'
import type { Fault, Provider } from './provider.ts'

/** One body and what it must be judged as. To add a case, add a file to `<provider>/fixtures/faults`. */
interface Fixture {
  readonly source: string
  readonly note: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Json
  readonly now: string
  readonly verdict: Json
}

/** Stands for every service that is made from settings: they share one table. */
const compatible = createCompatible({
  name: 'compatible',
  title: 'an OpenAI-compatible service',
  baseUrl: 'https://api.example.com/v1',
  lane: 'free',
  limits: [],
})

function readFixtures(provider: Provider): readonly { readonly name: string; readonly fixture: Fixture }[] {
  const folder = new URL(`./${provider.name}/fixtures/faults/`, import.meta.url)
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ name, fixture: JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Fixture }))
}

function judgeFixture(provider: Pick<Provider, 'readFailure' | 'faultRules'>, fixture: Fixture): Fault {
  const text = typeof fixture.body === 'string' ? fixture.body : JSON.stringify(fixture.body)
  return judge(provider, { status: fixture.status, headers: fixture.headers, text }, Date.parse(fixture.now))
}

function written(until: number | undefined): string | null {
  if (until === undefined) return null
  return until === Number.POSITIVE_INFINITY ? 'released' : new Date(until).toISOString()
}

function verdictOf(fault: Fault): Record<string, unknown> {
  const { rule, kind, scope, lane, until, stated, limit, account } = fault
  return {
    rule,
    kind,
    scope,
    lane,
    until: written(until),
    stated,
    ...(limit !== undefined && { limit }),
    ...(account !== undefined && { account }),
  }
}

for (const provider of [...providers, compatible]) {
  const fixtures = readFixtures(provider)

  describe(`faults of ${provider.title}`, () => {
    for (const { name, fixture } of fixtures) {
      it(`${name.replace('.json', '')}: ${fixture.note}`, () => {
        const fault = judgeFixture(provider, fixture)
        assert.deepEqual(verdictOf(fault), fixture.verdict)
        assert.notEqual(fault.message, '')
        assert.ok(fault.message.length <= 500)
      })
    }

    it('has at least one body for every rule', () => {
      const judged = new Set(fixtures.map(({ fixture }) => judgeFixture(provider, fixture).rule))
      const untested = provider.faultRules.map((rule) => rule.id).filter((id) => !judged.has(id))
      // Shared rows are tested where a body for them exists; not every service answers in every one of those ways.
      assert.deepEqual(
        untested.filter((id) => !id.startsWith('edge-')),
        [],
      )
    })

    it('names where every body comes from', () => {
      for (const { name, fixture } of fixtures) {
        assert.match(
          fixture.source,
          /^https:\/\/|^public capture, .+; see SOURCE\.md$|^composite; see SOURCE\.md$/,
          name,
        )
        assert.ok(fixture.note.length > 4, name)
      }
    })

    it('would notice a table without rules (negative control)', () => {
      const wrong = fixtures.filter(({ fixture }) => {
        const fault = judgeFixture({ ...provider, faultRules: [] }, fixture)
        return JSON.stringify(verdictOf(fault)) !== JSON.stringify(fixture.verdict)
      })
      assert.ok(wrong.length > fixtures.length / 3, `${wrong.length} of ${fixtures.length}`)
    })

    it('would notice two rules swapped (negative control)', () => {
      const reversed = { ...provider, faultRules: provider.faultRules.toReversed() }
      const wrong = fixtures.filter(({ fixture }) => {
        return JSON.stringify(verdictOf(judgeFixture(reversed, fixture))) !== JSON.stringify(fixture.verdict)
      })
      assert.ok(wrong.length > 5, `${wrong.length}`)
    })
  })
}
