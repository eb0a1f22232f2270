import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { ConfigError } from '../../errors.ts'
import { createCompatible, readCompatible } from './index.ts'

describe('an entry of the config file', () => {
  const entry = {
    compatible: 'https://api.groq.com/openai/v1',
    lane: 'free',
    keys: [{ keyEnv: 'GROQ_API_KEY' }],
    limits: [{ requests: 30, per: 'minute' }, { inFlight: 4 }],
  }

  it('is read into options', () => {
    assert.deepEqual(readCompatible('groq', entry), {
      name: 'groq',
      baseUrl: 'https://api.groq.com/openai/v1',
      lane: 'free',
      limits: [
        { name: 'requests-minute', metric: 'requests', window: 'minute', max: 30, lane: 'all' },
        { name: 'in-flight', metric: 'in-flight', max: 4, lane: 'all' },
      ],
    })
    const more = {
      title: 'Groq',
      models: [' a '],
      autoModel: 'a',
      needsKey: true,
      streamUsage: false,
      prices: { a: { inputUsdPerMillion: 1, outputUsdPerMillion: 2 } },
    }
    const { limits: _, ...read } = readCompatible('groq', { ...entry, limits: undefined, ...more })
    assert.deepEqual(read, { name: 'groq', baseUrl: entry.compatible, lane: 'free', ...more, models: ['a'] })
    assert.equal(createCompatible(readCompatible('groq', entry)).title, 'groq')
  })

  it('says what is wrong with it, and where', () => {
    const table: [unknown, RegExp][] = [
      [7, /^providers\.groq must hold settings/],
      [{ ...entry, limts: [] }, /has "limts"; it can have .*limits/],
      [{ ...entry, lane: 'cheap' }, /groq\.lane takes free, included, paid; got "cheap"/],
      [{ ...entry, compatible: undefined }, /groq\.compatible is missing/],
      [{ ...entry, title: 7 }, /groq\.title takes a text/],
      [{ ...entry, models: [] }, /groq\.models takes a list of model names/],
      [{ ...entry, needsKey: 'no' }, /groq\.needsKey takes true or false; got "no"/],
      [
        { ...entry, prices: { a: { inputUsdPerMillion: 1 } } },
        /prices\["a"\]\.outputUsdPerMillion takes dollars/,
      ],
      [{ ...entry, prices: { a: { input: 1 } } }, /prices\["a"\] has "input"/],
      [
        { ...entry, limits: [{ requests: 0, per: 'day' }] },
        /groq\.limits\[0\]: requests takes a whole number above 0/,
      ],
    ]
    for (const [wrong, message] of table) {
      assert.throws(
        () => readCompatible('groq', wrong),
        (error: Error) => error instanceof ConfigError && message.test(error.message),
      )
    }
  })

  it('is written in the guide as it can be read', () => {
    const guide = readFileSync(new URL('../../../docs/guides/more-providers.md', import.meta.url), 'utf8')
    const blocks = [...guide.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => parse(text ?? '') as Guide)
    assert.ok(blocks.length >= 4)
    for (const { providers } of blocks) {
      for (const [name, example] of Object.entries(providers)) {
        const provider = createCompatible(readCompatible(name, example))
        assert.ok(provider.limits.length > 0, name)
      }
    }
  })
})

interface Guide {
  readonly providers: Readonly<Record<string, unknown>>
}
